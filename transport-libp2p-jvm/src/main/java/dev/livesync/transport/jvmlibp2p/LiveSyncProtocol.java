package dev.livesync.transport.jvmlibp2p;

import io.libp2p.core.P2PChannel;
import io.libp2p.core.Stream;
import io.libp2p.core.multistream.ProtocolBinding;
import io.libp2p.core.multistream.ProtocolDescriptor;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** {@code /livesync/1.0.0} for the library: each stream of it becomes a channel, which exists before the first byte arrives. */
final class LiveSyncProtocol implements ProtocolBinding<JvmChannel> {
    static final String ID = "/livesync/1.0.0";

    private final Function<Stream, JvmStream> streams;

    LiveSyncProtocol(Function<Stream, JvmStream> streams) {
        this.streams = streams;
    }

    @Override
    public ProtocolDescriptor getProtocolDescriptor() {
        return new ProtocolDescriptor(ID);
    }

    @Override
    public CompletableFuture<JvmChannel> initChannel(P2PChannel channel, String selectedProtocol) {
        JvmStream stream = streams.apply((Stream) channel);
        channel.pushHandler(stream);
        return CompletableFuture.completedFuture(stream.channel());
    }
}
