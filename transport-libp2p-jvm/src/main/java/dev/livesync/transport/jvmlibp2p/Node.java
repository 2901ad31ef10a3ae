package dev.livesync.transport.jvmlibp2p;

import io.libp2p.core.Connection;
import io.libp2p.core.Stream;
import io.libp2p.core.crypto.PrivKey;
import io.libp2p.core.dsl.Builder;
import io.libp2p.core.dsl.BuilderJKt;
import io.libp2p.core.multistream.ProtocolBinding;
import io.libp2p.core.mux.StreamMuxerProtocol;
import io.libp2p.core.transport.Transport;
import io.libp2p.protocol.Identify;
import io.libp2p.protocol.Ping;
import io.libp2p.security.noise.NoiseXXSecureChannel;
import io.libp2p.transport.implementation.P2PChannelOverNetty;
import io.libp2p.transport.tcp.TcpTransport;
import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One host of the library, over TCP, Noise and yamux. Each listener has its own, because the library tells those of one host
 * apart by the address that was asked for, and two may ask for any free port.
 */
final class Node {
    private final Transport transport;
    private final LiveSyncProtocol protocol;
    private final Set<EventExecutorGroup> loops = ConcurrentHashMap.newKeySet();

    Node(PrivKey key, Function<Stream, JvmStream> streams) {
        this.protocol = new LiveSyncProtocol(streams);
        this.transport = BuilderJKt.hostJ(Builder.Defaults.None, builder -> {
                    builder.getIdentity().setFactory(() -> key);
                    builder.getTransports().add(TcpTransport::new);
                    builder.getSecureChannels().add((priv, muxers) -> new NoiseXXSecureChannel(priv));
                    builder.getMuxers().add(StreamMuxerProtocol.getYamux());
                    builder.getProtocols().addAll(List.of(any(protocol), any(new Ping()), any(new Identify())));
                    builder.getDebug().getMuxFramesHandler().addHandler(Frames::watch);
                })
                .getNetwork()
                .getTransports()
                .get(0);
    }

    /** Kotlin declares that this is safe: a binding only hands its controller out. */
    @SuppressWarnings("unchecked")
    private static ProtocolBinding<Object> any(ProtocolBinding<?> binding) {
        return (ProtocolBinding<Object>) binding;
    }

    Transport transport() {
        return transport;
    }

    LiveSyncProtocol protocol() {
        return protocol;
    }

    /** Remembers whose threads serve a connection, so that they end with us. */
    void seen(Connection connection) {
        Channel channel = ((P2PChannelOverNetty) connection).getNettyChannel();
        loops.add(channel.eventLoop().parent());
        if (channel.parent() != null) {
            loops.add(channel.parent().eventLoop().parent());
        }
    }

    /** Begins to close everything. The library's own loops take two seconds where no connection has shown them to us. */
    CompletableFuture<?> close() {
        CompletableFuture<?> closing = transport.close();
        loops.forEach(group -> {
            var unused = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        });
        return closing;
    }
}
