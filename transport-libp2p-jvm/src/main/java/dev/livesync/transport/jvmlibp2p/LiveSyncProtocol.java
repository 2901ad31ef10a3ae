package dev.livesync.transport.jvmlibp2p;

import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import io.libp2p.core.P2PChannel;
import io.libp2p.core.Stream;
import io.libp2p.core.multistream.ProtocolBinding;
import io.libp2p.core.multistream.ProtocolDescriptor;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** {@code /livesync/1.0.0} for the library: each stream of it becomes a channel, which exists before the first byte arrives. */
final class LiveSyncProtocol implements ProtocolBinding<BufferedChannel> {
    static final String ID = "/livesync/1.0.0";

    private final boolean opens;
    private final Function<Stream, JvmStream> streams;

    /**
     * Creates the protocol of a host.
     *
     * @param opens whether it is us who open streams; then nobody else may, and the other way around
     * @param streams makes something of each
     */
    LiveSyncProtocol(boolean opens, Function<Stream, JvmStream> streams) {
        this.opens = opens;
        this.streams = streams;
    }

    @Override
    public ProtocolDescriptor getProtocolDescriptor() {
        return new ProtocolDescriptor(ID);
    }

    @Override
    public CompletableFuture<BufferedChannel> initChannel(P2PChannel channel, String selectedProtocol) {
        if (channel.isInitiator() != opens) {
            var unused = channel.close();
            return CompletableFuture.failedFuture(Libp2pFailures.malformed("a stream that nobody waits for"));
        }
        JvmStream stream = streams.apply((Stream) channel);
        channel.pushHandler(stream);
        return CompletableFuture.completedFuture(stream.channel());
    }
}
