package dev.livesync.database.replica;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.index.Indexes;
import dev.livesync.database.log.KnownEnd;
import dev.livesync.database.log.SegmentLog;
import dev.livesync.database.log.SideFile;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state that was computed from the log up to some place in it, in a file of its own. Opening reads that and the rest of the log. It is
 * worth nothing by itself: it names the files that it was made from, and if one of them is another now, or a byte of the checkpoint is
 * wrong, the whole log is read instead.
 */
final class Checkpoint {
    private static final String FILE = "checkpoint.idx";
    private static final long MAGIC = 0x4c69766553796e63L;
    /** Without indexes, as earlier builds write it. */
    private static final int PLAIN = 5;
    /** With them, at the end; those builds make do without the checkpoint then. */
    private static final int INDEXED = 6;

    private final SegmentLog log;
    private final long end;
    private final long[] shape;
    private final int events;
    private final List<Consumer<ImageWriter>> image;

    private final Indexes indexes;

    private Checkpoint(SegmentLog log, WriterState writer, Indexes indexes) throws IOException {
        this.log = log;
        end = log.end();
        shape = log.shape(end);
        events = writer.graph.size();
        image = writer.image();
        this.indexes = indexes;
    }

    /** Takes a checkpoint of the current state. Under the replica's lock; everything in the view's writer state is durable, and the view is its latest. */
    static Checkpoint of(SegmentLog log, StoredView view) throws IOException {
        return new Checkpoint(log, view.writer, view.indexes());
    }

    /** Thrown if there is no checkpoint, or none that fits the log. */
    static final class UnusableException extends SyncException {
        private static final long serialVersionUID = 1;

        UnusableException(String message) {
            super(ErrorKind.CORRUPT, message);
        }
    }

    /**
     * Writes the checkpoint, without a lock. No segment may be rewritten meanwhile.
     *
     * @param goesOn throws when it is no longer wanted
     */
    void save(Runnable goesOn) throws IOException {
        log.noteDurable(end, events);
        log.side(FILE).save(out -> write(out, goesOn));
    }

    private void write(ImageWriter out, Runnable goesOn) {
        out.putLong(MAGIC);
        out.putInt(indexes.all().isEmpty() ? PLAIN : INDEXED);
        out.putLong(log.database().getMostSignificantBits());
        out.putLong(log.database().getLeastSignificantBits());
        out.putLong(end);
        out.putInt(shape.length);
        out.putLongs(shape, shape.length);
        for (Consumer<ImageWriter> part : image) {
            goesOn.run();
            part.accept(out);
        }
        if (!indexes.all().isEmpty()) {
            indexes.save(out, goesOn);
        }
    }

    /**
     * Fills an empty writer state.
     *
     * @param start what to give if there is no checkpoint at all
     * @return the place in the log up to which the writer state is filled
     * @throws UnusableException why the whole log must be read; the writer state is to be thrown away
     */
    static long load(SegmentLog log, WriterState writer, long start) throws IOException, UnusableException {
        long[] end = {start};
        try {
            log.side(FILE).load(in -> end[0] = read(log, writer, in));
            return end[0];
        } catch (ImageReader.DamagedException e) {
            throw new UnusableException("the checkpoint cannot be used (" + e.getMessage() + ")");
        } catch (RuntimeException e) {
            // Whatever a damaged one leads to before its checksum is reached, or a pending event that cannot be read.
            throw new UnusableException("the checkpoint cannot be used (" + Reason.of(e) + ")");
        }
    }

    private static long read(SegmentLog log, WriterState writer, ImageReader in) {
        int version = version(in);
        if (in.getLong() != log.database().getMostSignificantBits()
                || in.getLong() != log.database().getLeastSignificantBits()) {
            throw new ImageReader.DamagedException("it belongs to another database");
        }
        long end = in.getLong();
        long[] shape = new long[in.getCount(8)];
        in.getLongs(shape, shape.length);
        requireSame(log, shape, end);
        Runnable rest = writer.load(in);
        if (version == INDEXED) {
            writer.indexes.load(in, writer.keys.size(), writer.documents::document);
        }
        in.finish();
        rest.run();
        return end;
    }

    private static int version(ImageReader in) {
        boolean ours = in.getLong() == MAGIC;
        int version = in.getInt();
        if (!ours || version != PLAIN && version != INDEXED) {
            throw new ImageReader.DamagedException("it is of another format");
        }
        return version;
    }

    /** Where it is, for messages. */
    static String describe(Disk disk) {
        return disk.describe(FILE);
    }

    /** Removes it. Returns whether there was one. */
    static boolean remove(Disk disk) throws IOException {
        if (!disk.list().contains(FILE)) {
            return false;
        }
        disk.delete(FILE);
        disk.sync();
        return true;
    }

    /**
     * How far the log reached when the checkpoint was made.
     *
     * @return null if there is no checkpoint, or none that can be believed
     */
    static @Nullable KnownEnd known(Disk disk) throws IOException {
        KnownEnd[] known = new KnownEnd[1];
        try {
            new SideFile(disk, FILE).load(in -> known[0] = readEnd(in, disk.describe(FILE)));
            return known[0];
        } catch (ImageReader.DamagedException e) {
            return null;
        }
    }

    private static KnownEnd readEnd(ImageReader in, String source) {
        version(in);
        UUID database = new UUID(in.getLong(), in.getLong());
        in.getLong();
        long[] shape = new long[in.getCount(8)];
        in.getLongs(shape, shape.length);
        in.skipToFinish();
        if (shape.length < 2) {
            throw new ImageReader.DamagedException("it names no file");
        }
        int last = shape.length - 2;
        KnownEnd end = new KnownEnd(database, shape.length / 2, shape[last + 1], shape[last], -1, source);
        if (!end.isPlausible()) {
            throw new ImageReader.DamagedException("it names a place that no log has");
        }
        return end;
    }

    private static void requireSame(SegmentLog log, long[] shape, long end) {
        try {
            if (!log.continues(shape, end)) {
                throw new ImageReader.DamagedException("the log is not the one that it was made from");
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
