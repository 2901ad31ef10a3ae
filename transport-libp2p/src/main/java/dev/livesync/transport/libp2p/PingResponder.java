package dev.livesync.transport.libp2p;

import dev.livesync.api.SyncException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Answers {@code /ipfs/ping/1.0.0}: sends back the bytes that came. Reads no more than it could send back. On the event loop. */
final class PingResponder implements YamuxStream.Reader {
    static final String PROTOCOL = "/ipfs/ping/1.0.0";

    private final Libp2pConnection connection;
    private final YamuxStream stream;
    private long others;

    PingResponder(Libp2pConnection connection, YamuxStream stream) {
        this.connection = connection;
        this.stream = stream;
        this.others = stream.queued();
    }

    @Override
    public void onBytes(byte[] bytes, int offset, int count) {
        stream.write(ByteBuffer.wrap(Arrays.copyOfRange(bytes, offset, offset + count)));
        connection.requestFlush();
    }

    @Override
    public void onSent(long bytes) {
        long foreign = Math.min(others, bytes);
        others -= foreign;
        stream.consumed(bytes - foreign);
    }

    @Override
    public void onFinished() {
        stream.finish();
        connection.requestFlush();
    }

    @Override
    public void onBroken(SyncException reason) {
        // nothing depends on it
    }
}
