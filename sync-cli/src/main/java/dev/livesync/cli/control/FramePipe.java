package dev.livesync.cli.control;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Frames over a socket: a byte for the type, four for the length, the content. Any thread may write, one reads.
 *
 * <p>Not through the streams of {@code Channels}: in JDK 17 theirs share a lock, so that nobody could write while somebody reads.
 */
final class FramePipe implements Closeable {
    /** The most bytes in a frame of data. */
    static final int DATA_BYTES = 1 << 16;

    /** The most bytes in any frame: as many as the arguments of a process may have. */
    private static final int MAX_BYTES = 4 << 20;

    private static final int HEADER = 5;

    private final SocketChannel channel;
    private final ByteBuffer header = ByteBuffer.allocate(HEADER);

    FramePipe(SocketChannel channel) {
        this.channel = channel;
    }

    /** One frame that was read. */
    static final class Received {
        private final FrameType type;
        private final byte[] content;

        private Received(FrameType type, byte[] content) {
            this.type = type;
            this.content = content;
        }

        FrameType type() {
            return type;
        }

        DataInputStream data() {
            return new DataInputStream(new ByteArrayInputStream(content));
        }

        void writeTo(OutputStream out) throws IOException {
            out.write(content);
        }
    }

    /** Writes content. */
    interface Content {
        void write(DataOutputStream out) throws IOException;
    }

    void send(FrameType type, Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        content.write(new DataOutputStream(bytes));
        send(type, bytes.toByteArray(), 0, bytes.size());
    }

    void send(FrameType type) throws IOException {
        send(type, new byte[0], 0, 0);
    }

    synchronized void send(FrameType type, byte[] bytes, int offset, int length) throws IOException {
        if (length > MAX_BYTES) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a command of " + length + " bytes; at most " + MAX_BYTES + " go through");
        }
        ByteBuffer frame = ByteBuffer.allocate(HEADER + length);
        frame.put(type.code).putInt(length).put(bytes, offset, length).flip();
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    /**
     * Reads a frame.
     *
     * @return null at the end of the stream
     * @throws SyncException {@link ErrorKind#MALFORMED} if it is none
     */
    @Nullable
    Received receive() throws IOException {
        header.clear();
        if (!fill(header, true)) {
            return null;
        }
        header.flip();
        FrameType type = FrameType.of(header.get());
        int length = header.getInt();
        if (type == null || length < 0 || length > MAX_BYTES) {
            throw new SyncException(ErrorKind.MALFORMED, "no frame of the control socket's");
        }
        ByteBuffer content = ByteBuffer.allocate(length);
        fill(content, false);
        return new Received(type, content.array());
    }

    private boolean fill(ByteBuffer buffer, boolean mayEnd) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                if (mayEnd && buffer.position() == 0) {
                    return false;
                }
                throw new EOFException("the control socket ended within a frame");
            }
        }
        return true;
    }

    /** Writes a text of any length. */
    static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    /** Reads a text, which ends where the frame does at the latest. */
    static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new SyncException(ErrorKind.MALFORMED, "a text is longer than its frame on the control socket");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
