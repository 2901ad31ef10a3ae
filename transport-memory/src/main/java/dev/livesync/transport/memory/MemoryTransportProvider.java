package dev.livesync.transport.memory;

import com.google.auto.service.AutoService;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/**
 * The dialling memory transport: id {@code memory}, addresses {@code memory:NAME}.
 *
 * <p>The constructor without parameters, which {@link java.util.ServiceLoader} calls, is on {@link
 * MemoryNetwork#shared()} with the default configuration; {@link MemoryNetwork#provider(MemoryConfiguration)} gives all
 * else.
 */
@AutoService(TransportProvider.class)
@SuppressWarnings("exports") // of the annotation, which users need not know
public final class MemoryTransportProvider implements TransportProvider {
    private final MemoryNetwork network;
    private final MemoryConfiguration configuration;

    /** On the network of the process, with the defaults. */
    public MemoryTransportProvider() {
        this(MemoryNetwork.shared(), MemoryConfiguration.defaults());
    }

    /**
     * On a network of one's own.
     *
     * @param network who can be reached
     * @param configuration limits and features
     */
    public MemoryTransportProvider(MemoryNetwork network, MemoryConfiguration configuration) {
        this.network = Objects.requireNonNull(network, "network");
        this.configuration = Objects.requireNonNull(configuration, "configuration");
    }

    @Override
    public String id() {
        return "memory";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("memory");
    }

    @Override
    public String localAddress() {
        return "memory:0";
    }

    @Override
    public Set<TransportFeature> features() {
        return features(configuration);
    }

    @Override
    public Transport open(TransportContext context) {
        return new MemoryTransport(network, configuration, context);
    }

    static Set<TransportFeature> features(MemoryConfiguration configuration) {
        Set<TransportFeature> features = EnumSet.noneOf(TransportFeature.class);
        if (configuration.backpressure()) {
            features.add(TransportFeature.INBOUND_BACKPRESSURE);
        }
        if (configuration.binding()) {
            features.add(TransportFeature.CHANNEL_BINDING);
        }
        if (configuration.identity().isPresent()) {
            features.add(TransportFeature.PEER_IDENTITY);
        }
        if (configuration.relayed()) {
            features.add(TransportFeature.RELAYED);
        }
        return Set.copyOf(features);
    }
}
