package dev.livesync.transport.jvmlibp2p;

import io.libp2p.core.crypto.PrivKey;
import io.libp2p.core.dsl.Builder;
import io.libp2p.core.dsl.BuilderJKt;
import io.libp2p.core.multistream.ProtocolBinding;
import io.libp2p.core.mux.StreamMuxerProtocol;
import io.libp2p.protocol.Identify;
import io.libp2p.protocol.Ping;
import io.libp2p.security.noise.NoiseXXSecureChannel;
import io.netty.channel.EventLoopGroup;
import java.util.List;

/** One host of the library: Noise and yamux over our {@link Tcp}. Each listener has its own, and with it its own streams. */
final class Node {
    private final Tcp tcp;
    private final LiveSyncProtocol protocol;

    Node(PrivKey key, EventLoopGroup loops, LiveSyncProtocol protocol) {
        this.protocol = protocol;
        this.tcp = (Tcp) BuilderJKt.hostJ(Builder.Defaults.None, builder -> {
                    builder.getIdentity().setFactory(() -> key);
                    builder.getTransports().add(upgrader -> new Tcp(upgrader, loops));
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

    Tcp tcp() {
        return tcp;
    }

    LiveSyncProtocol protocol() {
        return protocol;
    }
}
