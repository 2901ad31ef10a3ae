package dev.livesync.database.log;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.DiskFile;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One segment of a log and the file that it is in.
 *
 * @param name the file's
 * @param file open for reading and writing
 * @param header what it begins with
 * @param generation how often the segment was rewritten
 */
record Segment(String name, DiskFile file, SegmentHeader header, int generation) {
    private static final System.Logger LOG = System.getLogger(Segment.class.getName());

    /** A number that differs for every file that the segment was ever in. */
    long identity() {
        return identity(header, generation);
    }

    static long identity(SegmentHeader header, int generation) {
        return header.salt() + generation * 0x9e3779b97f4a7c15L;
    }

    long location(long offset) {
        return Location.of(header.segment(), generation & 1, offset);
    }

    /**
     * Opens a segment.
     *
     * @param mayBeTorn whether a crash can have interrupted its creation
     * @param remove whether it is removed then
     * @return null if it was interrupted
     */
    static @Nullable Segment open(Disk disk, long number, int generation, boolean mayBeTorn, boolean remove)
            throws IOException {
        String name = SegmentName.of(number, generation);
        DiskFile file = disk.open(name);
        boolean good = false;
        try {
            ByteBuffer start = ByteBuffer.allocate(SegmentHeader.BYTES);
            file.read(0, start);
            start.flip();
            if (mayBeTorn && SegmentHeader.isTorn(start, file.size())) {
                if (remove) {
                    LOG.log(
                            Level.WARNING,
                            "{0} was being created when the process ended; removing it",
                            disk.describe(name));
                    file.close();
                    disk.delete(name);
                    disk.sync();
                }
                return null;
            }
            if (file.size() < SegmentHeader.BYTES && SegmentHeader.isTorn(start, file.size())) {
                throw new SyncException(
                        ErrorKind.CORRUPT,
                        disk.describe(name) + " is damaged at offset 0: it has " + file.size()
                                + " bytes, and was whole once");
            }
            Segment segment = new Segment(name, file, SegmentHeader.decode(start, disk.describe(name)), generation);
            good = true;
            return segment;
        } finally {
            if (!good) {
                file.close();
            }
        }
    }

    /** Requires that the file belongs to this database. */
    void requireSameDatabase(Disk disk, Segment first, long number) {
        if (header.segment() != number || !header.database().equals(first.header.database())) {
            throw new SyncException(
                    ErrorKind.CORRUPT,
                    disk.describe(name) + " belongs elsewhere: it is segment "
                            + header.segment() + " of database "
                            + header.database());
        }
    }

    /** Creates a segment and makes it and its directory entry durable. If that fails, the file is removed. */
    static Segment create(Disk disk, SegmentHeader header) throws IOException {
        String name = SegmentName.of(header.segment());
        DiskFile file = disk.create(name);
        boolean good = false;
        try {
            file.write(0, header.encode());
            file.force();
            disk.sync();
            good = true;
            return new Segment(name, file, header, 0);
        } finally {
            if (!good) {
                file.close();
                disk.delete(name);
            }
        }
    }
}
