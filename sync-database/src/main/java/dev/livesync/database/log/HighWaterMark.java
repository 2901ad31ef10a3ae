package dev.livesync.database.log;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.DiskFile;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The {@link KnownEnd} that an orderly end or a checkpoint leaves beside the log. Without it a file that was cut looks like one whose
 * last write was broken off. 64 bytes, big-endian:
 *
 * <pre>
 *  0  8  "LiveSyMk"
 *  8  4  version, 1
 * 12 16  the database's identity
 * 28  8  segment
 * 36  8  offset
 * 44  8  identity of the segment's file
 * 52  8  events
 * 60  4  CRC32C of the above
 * </pre>
 *
 * <p>It is written only when everything before it was forced, to a file of its own that takes the old one's place. One that is damaged
 * is as good as none; verify tells of it.
 */
final class HighWaterMark {
    static final String FILE = "highwater.mark";

    private static final System.Logger LOG = System.getLogger(HighWaterMark.class.getName());
    private static final long MAGIC = 0x4c69766553794d6bL;
    private static final int VERSION = 1;
    private static final int BYTES = 64;

    private HighWaterMark() {}

    static void save(Disk disk, KnownEnd end) throws IOException {
        ByteBuffer b = ByteBuffer.allocate(BYTES);
        b.putLong(MAGIC).putInt(VERSION);
        b.putLong(end.database().getMostSignificantBits())
                .putLong(end.database().getLeastSignificantBits());
        b.putLong(end.segment()).putLong(end.offset()).putLong(end.identity()).putLong(end.events());
        b.putInt(checksum(b));
        String temporary = FILE + SegmentName.TEMPORARY;
        disk.delete(temporary);
        boolean done = false;
        try (DiskFile file = disk.create(temporary)) {
            file.write(0, b.flip());
            file.force();
            done = true;
        } finally {
            if (!done) {
                disk.delete(temporary);
            }
        }
        disk.rename(temporary, FILE);
        disk.sync();
    }

    /** Loads the mark; null if there is none. */
    static @Nullable KnownEnd load(Disk disk) throws IOException {
        try {
            return read(disk);
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.CORRUPT) {
                throw e;
            }
            LOG.log(Level.WARNING, "{0}", e.getMessage());
            return null;
        }
    }

    /** Whether the mark holds this end. A damaged mark doesn't; opening the log has reported it. */
    static boolean notes(Disk disk, long offset, long identity) throws IOException {
        try {
            KnownEnd noted = read(disk);
            return noted != null && noted.offset() == offset && noted.identity() == identity;
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.CORRUPT) {
                throw e;
            }
            return false;
        }
    }

    /**
     * Reads the mark.
     *
     * @return null if there is none
     * @throws SyncException {@link ErrorKind#CORRUPT} if it is damaged, {@link ErrorKind#UNSUPPORTED} if a newer build wrote it
     */
    static @Nullable KnownEnd read(Disk disk) throws IOException {
        if (!disk.list().contains(FILE)) {
            return null;
        }
        ByteBuffer b = ByteBuffer.allocate(BYTES);
        try (DiskFile file = disk.open(FILE)) {
            file.read(0, b);
        }
        b.flip();
        if (b.limit() < BYTES || b.getLong(0) != MAGIC || b.getInt(60) != checksum(b)) {
            throw damaged(disk);
        }
        if (b.getInt(8) != VERSION) {
            throw new SyncException(
                    ErrorKind.UNSUPPORTED,
                    disk.describe(FILE) + " has format version " + b.getInt(8) + "; this build reads version " + VERSION
                            + "; open the database with a newer build");
        }
        KnownEnd end = new KnownEnd(
                new UUID(b.getLong(12), b.getLong(20)),
                b.getLong(28),
                b.getLong(36),
                b.getLong(44),
                b.getLong(52),
                disk.describe(FILE));
        if (!end.isPlausible()) {
            throw damaged(disk);
        }
        return end;
    }

    private static SyncException damaged(Disk disk) {
        return new SyncException(
                ErrorKind.CORRUPT,
                disk.describe(FILE) + " is damaged: whether the end of the log is missing cannot be told by it");
    }

    private static int checksum(ByteBuffer b) {
        CRC32C crc = new CRC32C();
        crc.update(b.duplicate().position(0).limit(60));
        return (int) crc.getValue();
    }
}
