package dev.livesync.database.log;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.Disk;
import java.io.IOException;
import java.lang.System.Logger.Level;

/** Reads segments one after another, as opening does: stops at any damage, but cuts off what a crash can have left at the very end. */
final class SegmentScan {
    private static final System.Logger LOG = System.getLogger(SegmentScan.class.getName());

    private final Disk disk;
    private final TornTail tornTail;
    private final RecordVisitor visitor;
    /** The least end. A log that ends before it has lost something and is not merely torn. */
    private final long least;

    private long end;
    private long lastRecord = -1;
    private boolean marked;

    SegmentScan(Disk disk, TornTail tornTail, RecordVisitor visitor, long least) {
        this.least = least;
        this.disk = disk;
        this.tornTail = tornTail;
        this.visitor = visitor;
    }

    /** The offset behind the last intact record of the last segment. */
    long end() {
        return end;
    }

    /** The least end that is known, as a location. */
    long least() {
        return least;
    }

    /** Where the last record begins; -1 if there was none. */
    long lastRecord() {
        return lastRecord;
    }

    /** Whether that is a mark of an orderly end. */
    boolean isMarked() {
        return marked;
    }

    /**
     * Reads from an offset on.
     *
     * @param last whether no segment follows
     * @param mayCut whether a crash can have damaged it
     * @return whether its last record is a seal
     */
    boolean run(Segment s, long start, boolean last, boolean mayCut) throws IOException {
        String path = disk.describe(s.name());
        long size = s.file().size();
        PayloadReader reader = new PayloadReader(s.file(), size, path, s.location(0));
        long at = start;
        boolean torn = false;
        boolean sealed = false;
        while (at < size) {
            RecordHeader record = Records.headerAt(reader, s, at, size);
            if (record == null) {
                cut(s, at, size, mayCut && Records.next(s, at + 1, size) < 0, "no intact record begins here");
                torn = true;
                break;
            }
            long next = at + RecordHeader.BYTES + record.length();
            reader.range(at + RecordHeader.BYTES, next);
            if (reader.checksum() != record.checksum()) {
                cut(s, at, size, mayCut && next == size, "the record does not match its checksum");
                torn = true;
                break;
            }
            marked = record.type() == RecordHeader.CLOSED;
            lastRecord = at;
            switch (record.type()) {
                case RecordHeader.TRANSACTIONS -> {
                    reader.range(at + RecordHeader.BYTES, next);
                    visitor.record(reader);
                }
                case RecordHeader.CLOSED -> {}
                case RecordHeader.SEALED -> sealed = true;
                default ->
                    throw new SyncException(
                            ErrorKind.UNSUPPORTED,
                            path + " at offset " + at + ": record type " + record.type() + " is newer than this build");
            }
            at = next;
            if (sealed && at < size) {
                throw new SyncException(
                        ErrorKind.CORRUPT, path + " is damaged at offset " + at + ": it goes on after its end");
            }
        }
        if (sealed && last) {
            throw new SyncException(
                    ErrorKind.CORRUPT,
                    disk.describe(SegmentName.of(s.header().segment() + 1)) + " is missing: " + path
                            + " says that it exists");
        }
        if (!sealed && !mayCut) {
            throw new SyncException(
                    ErrorKind.CORRUPT, path + " is damaged at offset " + at + ": it ends before the next file begins");
        }
        end = torn ? end : at;
        return sealed;
    }

    private void cut(Segment s, long at, long size, boolean allowed, String why) throws IOException {
        String path = disk.describe(s.name());
        if (!allowed) {
            throw new SyncException(ErrorKind.CORRUPT, path + " is damaged at offset " + at + ": " + why);
        }
        if (Location.of(s.header().segment(), at) < least) {
            end = at; // nothing is cut: the log says what is missing
            return;
        }
        end = tornTail.cut(s.file(), at, size);
        if (end != size) {
            LOG.log(
                    Level.WARNING,
                    "{0}: {1} bytes at offset {2} are the rest of a write that was never acknowledged",
                    path,
                    Long.toString(size - at),
                    Long.toString(at));
        }
    }
}
