package dev.livesync.transport.websocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Reads on only so that the other side can finish reading: an unread socket that is closed takes back what was sent. */
enum Discard implements Connection.Reader {
    INSTANCE;

    @Override
    public void onBytes(ByteBuffer bytes) {
        bytes.position(bytes.limit());
    }

    @Override
    public void onEnd(@Nullable IOException failure) {}

    @Override
    public boolean wantsBytes() {
        return true;
    }

    @Override
    public void onShutDown() {}
}
