package dev.livesync.transport.websocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/** The socket itself. */
final class PlainWire implements Wire {
    /** How much goes into one write: the JDK copies all of a heap buffer each time, also what the socket then doesn't take. */
    private static final int SLICE = 128 * 1024;

    private static final int GATHERED = 64;

    private final SocketChannel socket;
    private final ByteBuffer[] gathered = new ByteBuffer[GATHERED];

    PlainWire(SocketChannel socket) {
        this.socket = socket;
    }

    @Override
    public boolean advance() {
        return true;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return socket.read(into);
    }

    @Override
    public boolean canRead() {
        return true;
    }

    @Override
    public boolean hasInput() {
        return false;
    }

    @Override
    public int write(Deque<ByteBuffer> buffers) throws IOException {
        ByteBuffer first = buffers.getFirst();
        int written;
        if (first.remaining() >= SLICE) {
            int limit = first.limit();
            first.limit(first.position() + SLICE);
            try {
                written = socket.write(first);
            } finally {
                first.limit(limit);
            }
        } else {
            int count = 0;
            int bytes = 0;
            for (ByteBuffer buffer : buffers) {
                bytes += buffer.remaining();
                if (count == GATHERED || (count > 0 && bytes > SLICE)) {
                    break;
                }
                gathered[count++] = buffer;
            }
            written = (int) socket.write(gathered, 0, count);
            Arrays.fill(gathered, 0, count, null);
        }
        while (!buffers.isEmpty() && !buffers.getFirst().hasRemaining()) {
            buffers.removeFirst();
        }
        return written;
    }

    @Override
    public boolean hasOutput() {
        return false;
    }

    @Override
    public void flush() {}

    @Override
    public void shutdownOutput() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public Optional<byte[]> binding() {
        return Optional.empty();
    }
}
