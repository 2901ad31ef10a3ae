package dev.livesync.database.log;

import dev.livesync.database.disk.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A sealed segment that is rewritten into a file that is not part of the log yet. */
public final class SegmentRewrite implements Closeable {
    private final SegmentLog log;
    private final Disk disk;
    private final Segment old;
    private final Segment fresh;
    private final RecordWriter writer = new RecordWriter();
    private long at = SegmentHeader.BYTES;
    private long forced;
    private boolean inPlace;

    SegmentRewrite(SegmentLog log, Disk disk, Segment old, long salt) throws IOException {
        this.log = log;
        this.disk = disk;
        this.old = old;
        int generation = old.generation() + 1;
        long number = old.header().segment();
        String name = SegmentName.of(number, generation);
        SegmentHeader header = new SegmentHeader(number, old.header().database(), salt);
        disk.delete(name + SegmentName.TEMPORARY);
        this.fresh = new Segment(name, disk.create(name + SegmentName.TEMPORARY), header, generation);
    }

    void begin() throws IOException {
        fresh.file().write(0, fresh.header().encode());
    }

    /**
     * Appends a record of transactions.
     *
     * @param payload its parts; consumed
     * @return where the payload begins, once the file is in place
     * @throws IOException if the disk refuses
     */
    public long append(List<ByteBuffer> payload) throws IOException {
        long start = at + RecordHeader.BYTES;
        at = writer.write(fresh, at, RecordHeader.TRANSACTIONS, payload);
        if (at - forced > SideFile.FORCE_EVERY) {
            fresh.file().force();
            forced = at;
        }
        return fresh.location(start);
    }

    /**
     * Ends the file and makes it durable. It is not part of the log yet.
     *
     * @throws IOException if the disk refuses
     */
    public void finish() throws IOException {
        at = writer.write(fresh, at, RecordHeader.SEALED, List.of());
        fresh.file().force();
    }

    /**
     * Puts the file in the place of the old one, which stays readable until {@link SegmentLog#releaseReplaced}. Until then a crash may bring the
     * old one back; it has all that the new one has.
     *
     * @throws IOException if the disk refuses; the old one counts then, in this process and after it
     */
    public void replace() throws IOException {
        log.replace(this, old, fresh);
    }

    /** Gives the file its name. */
    void rename() throws IOException {
        try {
            disk.rename(fresh.name() + SegmentName.TEMPORARY, fresh.name());
        } catch (IOException e) {
            // What was refused may have been done. The next process would find it, so it counts in this one, too.
            if (!disk.list().contains(fresh.name())) {
                throw e;
            }
        }
        inPlace = true;
    }

    /** Removes the file if it is not part of the log. */
    @Override
    public void close() throws IOException {
        if (!inPlace) {
            fresh.file().close();
            disk.delete(fresh.name() + SegmentName.TEMPORARY);
        }
    }
}
