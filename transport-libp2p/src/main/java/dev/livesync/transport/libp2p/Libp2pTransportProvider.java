package dev.livesync.transport.libp2p;

import com.google.auto.service.AutoService;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.support.libp2p.Multiaddr;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * The libp2p transport: id {@code libp2p}, addresses {@code libp2p:/ip4/HOST/tcp/PORT/p2p/PEER-ID} and the like; a bare
 * multiaddr does too. Immutable; any thread.
 */
@AutoService(TransportProvider.class)
@SuppressWarnings("exports") // of the annotation, which users need not know
public final class Libp2pTransportProvider implements TransportProvider {
    private final Libp2pConfiguration configuration;

    /** A provider with the {@linkplain Libp2pConfiguration#defaults defaults}. */
    public Libp2pTransportProvider() {
        this(Libp2pConfiguration.defaults());
    }

    /**
     * A provider with a configuration of your own.
     *
     * @param configuration identity, limits and policy
     */
    public Libp2pTransportProvider(Libp2pConfiguration configuration) {
        this.configuration = Objects.requireNonNull(configuration, "configuration");
    }

    @Override
    public String id() {
        return Multiaddr.SCHEME;
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
        return EnumSet.complementOf(EnumSet.of(TransportFeature.RELAYED));
    }

    @Override
    public Transport open(TransportContext context) {
        return new Libp2pTransport(configuration, Objects.requireNonNull(context, "context"));
    }
}
