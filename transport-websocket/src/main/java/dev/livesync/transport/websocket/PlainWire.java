package dev.livesync.transport.websocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/** The socket itself. */
final class PlainWire implements Wire {
    private final SocketChannel socket;
    private final ByteBuffer output;
    private boolean drained;

    /** @param output of the loop's; a direct one, since the JDK copies from any other */
    PlainWire(SocketChannel socket, ByteBuffer output) {
        this.socket = socket;
        this.output = output;
    }

    @Override
    public boolean advance() {
        return true;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int read = socket.read(into);
        drained = into.hasRemaining();
        return read;
    }

    @Override
    public boolean isDrained() {
        return drained;
    }

    @Override
    public boolean isForAnyThread() {
        return true;
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
    public ByteBuffer output() {
        return output.clear();
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        return socket.write(bytes);
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
