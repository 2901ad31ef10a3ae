package dev.livesync.database.log;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The 16 bytes before a record's payload, big-endian: the mark {@code LR}, type, a zero, length of the payload, its CRC32C,
 * and a CRC32C of the foregoing with the segment's salt, its number and the record's offset. So a length can be trusted
 * before the payload is read, and bytes in the wrong place, or copied into a document, are no record.
 *
 * @param type what the payload is
 * @param length bytes of payload
 * @param checksum CRC32C of the payload
 */
record RecordHeader(int type, int length, int checksum) {
    static final int BYTES = 16;

    /** One or more transactions. */
    static final int TRANSACTIONS = 1;
    /** No payload: everything before was forced, the database was closed in order. */
    static final int CLOSED = 2;
    /** No payload, last in its segment: the next segment exists. */
    static final int SEALED = 3;

    private static final short MARK = 0x4c52;

    void encode(ByteBuffer b, SegmentHeader segment, long offset) {
        int start = b.position();
        b.putShort(MARK).put((byte) type).put((byte) 0).putInt(length).putInt(checksum);
        b.putInt(checksum(b, start, segment, offset));
    }

    /** A quick check whether a header may start here. */
    static boolean mayStart(ByteBuffer b, int at) {
        return b.getShort(at) == MARK;
    }

    /** Reads the header at a position; null if there is none. */
    @org.jspecify.annotations.Nullable
    static RecordHeader decode(ByteBuffer b, int at, SegmentHeader segment, long offset) {
        if (b.limit() - at < BYTES
                || !mayStart(b, at)
                || b.get(at + 3) != 0
                || b.getInt(at + 4) < 0
                || b.getInt(at + 12) != checksum(b, at, segment, offset)) {
            return null;
        }
        return new RecordHeader(b.get(at + 2) & 0xff, b.getInt(at + 4), b.getInt(at + 8));
    }

    private static int checksum(ByteBuffer b, int start, SegmentHeader segment, long offset) {
        CRC32C crc = new CRC32C();
        crc.update(b.duplicate().position(start).limit(start + 12));
        crc.update(ByteBuffer.allocate(24)
                .putLong(segment.salt())
                .putLong(segment.segment())
                .putLong(offset)
                .flip());
        return (int) crc.getValue();
    }
}
