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

    private @Nullable ByteBuffer buffer;

    private ByteBuffer buffer() {
        if (buffer == null) {
            buffer = ByteBuffer.allocate(WINDOW);
        }
        return buffer.clear();
    }

    /** Writes a record; gives the offset behind it. */
    long write(Segment s, long offset, int type, List<ByteBuffer> payload) throws IOException {
        CRC32C crc = new CRC32C();
        long length = 0;
        for (ByteBuffer part : payload) {
            crc.update(part.duplicate());
            length += part.remaining();
        }
        if (length > Integer.MAX_VALUE) {
            throw new SyncException(ErrorKind.LIMIT_EXCEEDED, length + " bytes are too much for one commit");
        }
        ByteBuffer out = buffer();
        new RecordHeader(type, (int) length, (int) crc.getValue()).encode(out, s.header(), offset);
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

    /** Writes once more what a file has. */
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
