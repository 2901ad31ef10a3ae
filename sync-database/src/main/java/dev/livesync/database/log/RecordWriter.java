package dev.livesync.database.log;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Writes records into a segment's file, through a buffer that is made when it is needed. One thread at a time. */
final class RecordWriter {
    private static final int WINDOW = 1 << 16;

    private byte @Nullable [] buffer;

    private byte[] buffer() {
        byte[] made = buffer;
        if (made == null) {
            made = new byte[WINDOW];
            buffer = made;
        }
        return made;
    }

    /**
     * Writes a record; gives the offset behind it. Parts are copied into the buffer's array, and the checksum is made there: parts need not have an
     * array that may be seen, and what fits is copied once.
     */
    long write(Segment s, long offset, int type, List<ByteBuffer> payload) throws IOException {
        long length = 0;
        for (ByteBuffer part : payload) {
            length += part.remaining();
        }
        if (length > Integer.MAX_VALUE) {
            throw new SyncException(ErrorKind.LIMIT_EXCEEDED, length + " bytes are too much for one commit");
        }
        byte[] bytes = buffer();
        if (s.file().keepsBuffers()) {
            return writeKept(s, offset, type, payload, (int) length, bytes);
        }
        ByteBuffer out = ByteBuffer.wrap(bytes).position(RecordHeader.BYTES);
        boolean fits = length <= out.remaining();
        CRC32C crc = new CRC32C();
        for (ByteBuffer part : payload) {
            checksum(crc, fits ? part : part.duplicate(), bytes, out, fits);
        }
        int end = fits ? out.position() : RecordHeader.BYTES;
        out.position(0);
        new RecordHeader(type, (int) length, (int) crc.getValue()).encode(out, s.header(), offset);
        out.position(end);
        return fits ? flush(s, offset, out) : writeThrough(s, offset, payload, out);
    }

    /** Writes a record into a file that keeps parts instead of copying them. */
    private static long writeKept(Segment s, long offset, int type, List<ByteBuffer> payload, int length, byte[] bytes)
            throws IOException {
        CRC32C crc = new CRC32C();
        for (ByteBuffer part : payload) {
            for (int from = part.position(); from < part.limit(); from += bytes.length) {
                int n = Math.min(bytes.length, part.limit() - from);
                part.get(from, bytes, 0, n);
                crc.update(bytes, 0, n);
            }
        }
        ByteBuffer window = ByteBuffer.wrap(bytes);
        new RecordHeader(type, length, (int) crc.getValue()).encode(window, s.header(), offset);
        s.file().write(offset, window.flip());
        long at = offset + RecordHeader.BYTES;
        for (ByteBuffer part : payload) {
            int n = part.remaining();
            s.file().writeKept(at, part);
            at += n;
        }
        return at;
    }

    /** Adds a part to the checksum, through the buffer, and leaves it there if it {@code stays}. */
    private static void checksum(CRC32C crc, ByteBuffer part, byte[] bytes, ByteBuffer out, boolean stays) {
        while (part.hasRemaining()) {
            int at = out.position();
            int n = Math.min(out.remaining(), part.remaining());
            part.get(bytes, at, n);
            crc.update(bytes, at, n);
            out.position(stays ? at + n : at);
        }
    }

    /** Writes what is in the buffer and the parts behind it. */
    private static long writeThrough(Segment s, long offset, List<ByteBuffer> payload, ByteBuffer out)
            throws IOException {
        long at = offset;
        for (ByteBuffer part : payload) {
            while (part.hasRemaining()) {
                if (!out.hasRemaining()) {
                    at = flush(s, at, out);
                }
                int n = Math.min(out.remaining(), part.remaining());
                out.put(part.slice(part.position(), n));
                part.position(part.position() + n);
            }
        }
        return flush(s, at, out);
    }

    private static long flush(Segment s, long at, ByteBuffer out) throws IOException {
        out.flip();
        int n = out.remaining();
        s.file().write(at, out);
        out.clear();
        return at + n;
    }

    /** Writes a part of a file over itself. */
    static void again(Segment s, long from, long to) throws IOException {
        ByteBuffer window = ByteBuffer.allocate((int) Math.min(WINDOW, to - from));
        for (long at = from; at < to; ) {
            window.clear().limit((int) Math.min(window.capacity(), to - at));
            while (window.hasRemaining() && s.file().read(at + window.position(), window) > 0) {}
            window.flip();
            int n = window.remaining();
            s.file().write(at, window);
            at += n;
        }
    }
}
