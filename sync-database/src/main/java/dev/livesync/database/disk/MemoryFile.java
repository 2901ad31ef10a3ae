package dev.livesync.database.disk;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A file on the heap: pieces one after another. Large buffers that never change are pieces as they are, so that a database in memory has
 * its blocks once; all else is copied into chunks. Readers see the pieces and the size as of some moment.
 */
final class MemoryFile implements DiskFile {
    private static final int CHUNK = 1 << 16;
    /** A smaller buffer is copied: keeping it would cost as much. */
    private static final int KEPT = 512;

    /** What is in the file. The arrays are shared with later contents, which have more pieces in them. */
    private static final class Content {
        /** Where each piece begins. */
        final long[] starts;
        /** The bytes, of which those behind the next start count for nothing; read-only if they are somebody else's too. */
        final ByteBuffer[] pieces;

        final int count;
        final long size;

        Content(long[] starts, ByteBuffer[] pieces, int count, long size) {
            this.starts = starts;
            this.pieces = pieces;
            this.count = count;
            this.size = size;
        }

        /** The piece in which a position below the size lies. */
        int piece(long position) {
            int found = Arrays.binarySearch(starts, 0, count, position);
            return found < 0 ? -found - 2 : found;
        }

        long end(int piece) {
            return piece + 1 < count ? starts[piece + 1] : size;
        }
    }

    private volatile Content content = new Content(new long[4], new ByteBuffer[4], 0, 0);
    /** The chunk that small writes go to; for the writer. */
    private ByteBuffer chunk = ByteBuffer.allocate(0);
    /** Whether the last piece goes on where the chunk does. */
    private boolean open;

    @Override
    public long size() {
        return content.size;
    }

    @Override
    public int read(long position, ByteBuffer target) {
        Content now = content;
        long available = now.size - position;
        if (available <= 0) {
            return target.hasRemaining() ? -1 : 0;
        }
        int total = (int) Math.min(available, target.remaining());
        int done = 0;
        for (int piece = now.piece(position); done < total; piece++) {
            int from = (int) (position + done - now.starts[piece]);
            int length = (int) Math.min(total - done, now.end(piece) - position - done);
            target.put(target.position(), now.pieces[piece], from, length);
            target.position(target.position() + length);
            done += length;
        }
        return total;
    }

    @Override
    public void write(long position, ByteBuffer source) {
        long at = position;
        while (source.hasRemaining() && at < content.size) {
            at += overwrite(at, source);
        }
        while (source.hasRemaining()) {
            append(source);
        }
    }

    @Override
    public boolean keepsBuffers() {
        return true;
    }

    @Override
    public void writeKept(long position, ByteBuffer source) {
        int length = source.remaining();
        if (length < KEPT || position != content.size) {
            write(position, source);
            return;
        }
        ByteBuffer kept = source.isReadOnly() && source.position() == 0
                ? source
                : source.slice().asReadOnlyBuffer();
        add(kept, length);
        open = false;
        source.position(source.limit());
    }

    @Override
    public @Nullable ByteBuffer kept(long position, int length) {
        Content now = content;
        if (length == 0 || position + length > now.size) {
            return null;
        }
        int piece = now.piece(position);
        ByteBuffer bytes = now.pieces[piece];
        return bytes.isReadOnly() && position + length <= now.end(piece)
                ? bytes.slice((int) (position - now.starts[piece]), length)
                : null;
    }

    /** Writes as much as lies in one piece; gives the number of bytes. */
    private int overwrite(long position, ByteBuffer source) {
        Content now = content;
        int piece = now.piece(position);
        int length = (int) Math.min(source.remaining(), now.end(piece) - position);
        ByteBuffer bytes = now.pieces[piece];
        if (bytes.isReadOnly()) {
            bytes = ByteBuffer.allocate((int) (now.end(piece) - now.starts[piece]));
            bytes.put(0, now.pieces[piece], 0, bytes.capacity());
            ByteBuffer[] pieces = now.pieces.clone();
            pieces[piece] = bytes;
            content = new Content(now.starts, pieces, now.count, now.size);
        }
        bytes.put((int) (position - now.starts[piece]), source, source.position(), length);
        source.position(source.position() + length);
        return length;
    }

    /** Copies as much as fits into a chunk. */
    private void append(ByteBuffer source) {
        Content now = content;
        if (!chunk.hasRemaining()) {
            chunk = ByteBuffer.allocate(CHUNK);
        }
        int length = Math.min(source.remaining(), chunk.remaining());
        int place = chunk.position();
        chunk.put(place, source, source.position(), length);
        chunk.position(place + length);
        source.position(source.position() + length);
        if (open) {
            content = new Content(now.starts, now.pieces, now.count, now.size + length);
        } else {
            add(chunk.slice(place, CHUNK - place), length);
        }
        open = chunk.hasRemaining();
    }

    private void add(ByteBuffer piece, int length) {
        Content now = content;
        long[] starts = now.starts;
        ByteBuffer[] pieces = now.pieces;
        if (now.count == pieces.length) {
            starts = Arrays.copyOf(starts, 2 * now.count);
            pieces = Arrays.copyOf(pieces, 2 * now.count);
        }
        starts[now.count] = now.size;
        pieces[now.count] = piece;
        content = new Content(starts, pieces, now.count + 1, now.size + length);
    }

    @Override
    public void truncate(long newSize) {
        Content now = content;
        if (newSize >= now.size) {
            return;
        }
        int count = newSize == 0 ? 0 : now.piece(newSize - 1) + 1;
        // Readers may still have what comes after, in the old arrays.
        int room = Math.max(4, count);
        content = new Content(Arrays.copyOf(now.starts, room), Arrays.copyOf(now.pieces, room), count, newSize);
        open = false;
    }

    @Override
    public void force() {}

    @Override
    public void close() {}
}
