package dev.livesync.transport.jvmlibp2p;

import com.google.auto.service.AutoService;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.libp2p.core.PeerId;
import io.libp2p.core.crypto.PrivKey;
import io.libp2p.crypto.keys.Ed25519Kt;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * Announces jvm-libp2p to the core, for those who want all of it beneath, or have a host's key already. Addresses are those of
 * {@code transport-libp2p}; only one of the two can serve them in an application that lets transports be found.
 */
@AutoService(TransportProvider.class)
public final class JvmLibp2pTransportProvider implements TransportProvider {
    private final PrivKey key;
    private final Set<PeerId> allowed;

    /** A provider with a new Ed25519 identity, for anybody. */
    public JvmLibp2pTransportProvider() {
        this(Ed25519Kt.generateEd25519KeyPair().getFirst(), Set.of());
    }

    /**
     * A provider with an identity of your own.
     *
     * @param key the identity's private key, of any type that the library has
     * @param allowed who may connect and be dialled; empty for anybody
     */
    public JvmLibp2pTransportProvider(PrivKey key, Set<PeerId> allowed) {
        this.key = Objects.requireNonNull(key, "key");
        this.allowed = Set.copyOf(allowed);
    }

    @Override
    public String id() {
        return "libp2p-jvm";
    }

    @Override
    public Set<String> schemes() {
        return Set.of(Multiaddr.SCHEME);
    }

    @Override
    public String localAddress() {
        return Multiaddr.SCHEME + ":/ip4/127.0.0.1/tcp/0";
    }

    @Override
    public Set<TransportFeature> features() {
        return EnumSet.allOf(TransportFeature.class);
    }

    @Override
    public Transport open(TransportContext context) {
        return new JvmTransport(key, allowed, Objects.requireNonNull(context, "context"));
    }
}
