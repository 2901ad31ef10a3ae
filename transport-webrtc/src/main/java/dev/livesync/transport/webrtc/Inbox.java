package dev.livesync.transport.webrtc;

import dev.livesync.api.transport.Message;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The messages that have arrived and were not requested yet. Credit is counted in bytes of payload, so there may be as many messages as
 * bytes; as objects they would cost some fifty bytes each. Small ones are therefore packed, two bytes before each. Not thread-safe.
 */
final class Inbox {
    private static final int CHUNK = 16 * 1024;

    /** Messages of at least this size are kept as they are. */
    private static final int LARGE = 1024;

    /** A {@link Message}, or several in a {@link Chunk}. */
    private final Deque<Object> parts = new ArrayDeque<>();

    private long bytes;
    private long messages;

    private static final class Chunk {
        final byte[] bytes = new byte[CHUNK];
        int begin;
        int end;
    }

    /** Takes a message; the buffer is the caller's again afterwards. */
    void add(Message.Kind kind, ByteBuffer data) {
        int size = data.remaining();
        if (size >= LARGE) {
            byte[] payload = new byte[size];
            data.get(payload);
            parts.addLast(new Message(kind, payload));
        } else {
            Chunk chunk = withRoom(2 + size);
            int head = size << 1 | (kind == Message.Kind.BINARY ? 1 : 0);
            chunk.bytes[chunk.end] = (byte) (head >> 8);
            chunk.bytes[chunk.end + 1] = (byte) head;
            data.get(chunk.bytes, chunk.end + 2, size);
            chunk.end += 2 + size;
        }
        bytes += size;
        messages++;
    }

    private Chunk withRoom(int size) {
        if (parts.peekLast() instanceof Chunk last) {
            if (last.begin == last.end) {
                last.begin = 0;
                last.end = 0;
            }
            if (last.end + size <= CHUNK) {
                return last;
            }
        }
        Chunk chunk = new Chunk();
        parts.addLast(chunk);
        return chunk;
    }

    /** The oldest message, or null if there is none. */
    @Nullable
    Message poll() {
        if (messages == 0) {
            return null;
        }
        messages--;
        while (parts.peekFirst() instanceof Chunk empty && empty.begin == empty.end) {
            parts.removeFirst();
        }
        Message message = parts.peekFirst() instanceof Chunk chunk ? unpacked(chunk) : (Message) parts.removeFirst();
        bytes -= message.size();
        return message;
    }

    private static Message unpacked(Chunk chunk) {
        int head = (chunk.bytes[chunk.begin] & 0xff) << 8 | chunk.bytes[chunk.begin + 1] & 0xff;
        byte[] payload = new byte[head >> 1];
        System.arraycopy(chunk.bytes, chunk.begin + 2, payload, 0, payload.length);
        chunk.begin += 2 + payload.length;
        return new Message((head & 1) == 1 ? Message.Kind.BINARY : Message.Kind.TEXT, payload);
    }

    boolean isEmpty() {
        return messages == 0;
    }

    /** Bytes of payload. */
    long bytes() {
        return bytes;
    }

    /** The number of messages. */
    long messages() {
        return messages;
    }

    /** The memory that it takes, roughly; for tests. */
    long cost() {
        return parts.stream()
                .mapToLong(part -> part instanceof Message large ? large.size() + 64 : CHUNK + 64)
                .sum();
    }

    void clear() {
        parts.clear();
        bytes = 0;
        messages = 0;
    }
}
