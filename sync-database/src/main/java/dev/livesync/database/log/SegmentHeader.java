package dev.livesync.database.log;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The first 64 bytes of a segment file, big-endian:
 *
 * <pre>
 *  0  8  "LiveSync"
 *  8  2  format version, 1
 * 10  2  length of this header, 64
 * 12  4  features that a reader must know, a bit each; none yet
 * 16  8  segment number
 * 24 16  the database's identity
 * 40  8  salt of the record checksums
 * 48  2  cipher of the records' payloads; 0 = none
 * 50 10  zero: room for the cipher's parameters
 * 60  4  CRC32C of the above
 * </pre>
 *
 * @param segment the number, from 1
 * @param database the database's identity
 * @param salt makes records recognisable as this segment's own: no document can imitate one
 */
record SegmentHeader(long segment, UUID database, long salt) {
    static final int BYTES = 64;

    private static final byte[] MAGIC = "LiveSync".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;

    ByteBuffer encode() {
        ByteBuffer b = ByteBuffer.allocate(BYTES);
        b.put(MAGIC).putShort((short) VERSION).putShort((short) BYTES).putInt(0);
        b.putLong(segment).putLong(database.getMostSignificantBits()).putLong(database.getLeastSignificantBits());
        b.putLong(salt).putShort((short) 0);
        b.putInt(60, checksum(b));
        return b.position(0).limit(BYTES);
    }

    /**
     * Whether a file that is no good as a segment can be what a crash left of one: a prefix, or zeros, of a file without
     * records.
     */
    static boolean isTorn(ByteBuffer start, long size) {
        if (size > BYTES) {
            return false;
        }
        for (int i = 0; i < Math.min(start.limit(), MAGIC.length); i++) {
            if (start.get(i) != MAGIC[i] && start.get(i) != 0) {
                return false;
            }
        }
        return size < BYTES || start.getInt(60) != checksum(start);
    }

    /**
     * Reads a header.
     *
     * @param b the file's first bytes
     * @param file its name, for messages
     */
    static SegmentHeader decode(ByteBuffer b, String file) {
        for (int i = 0; i < MAGIC.length; i++) {
            if (i >= b.limit() || b.get(i) != MAGIC[i]) {
                throw new SyncException(ErrorKind.MALFORMED, file + " is no file of a LiveSync database");
            }
        }
        if (b.limit() < BYTES || b.getInt(60) != checksum(b)) {
            throw new SyncException(
                    ErrorKind.CORRUPT, file + " is damaged at offset 0: the header does not match its checksum");
        }
        if (b.getShort(8) != VERSION || b.getShort(10) != BYTES) {
            throw new SyncException(
                    ErrorKind.UNSUPPORTED,
                    file + " has format version " + b.getShort(8) + "; this build reads version " + VERSION
                            + "; open the database with a newer build, or let that one export it");
        }
        if (b.getShort(48) != 0) {
            throw new SyncException(
                    ErrorKind.UNSUPPORTED,
                    file + " is encrypted, with cipher " + b.getShort(48)
                            + ", which this build does not know; open it with one that does, and its key");
        }
        if (b.getInt(12) != 0) {
            throw new SyncException(
                    ErrorKind.UNSUPPORTED,
                    file + " needs features that this build does not have (0x" + Integer.toHexString(b.getInt(12))
                            + "); open it with a newer one");
        }
        return new SegmentHeader(b.getLong(16), new UUID(b.getLong(24), b.getLong(32)), b.getLong(40));
    }

    private static int checksum(ByteBuffer b) {
        CRC32C crc = new CRC32C();
        crc.update(b.duplicate().position(0).limit(60));
        return (int) crc.getValue();
    }
}
