package dev.livesync.transport.memory;

import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.Set;

/** The signalling memory transport. Not announced to the ServiceLoader: it would compete with WebRTC for the alpha's offers. */
final class MemorySignalProvider implements TransportProvider {
    private final MemoryNetwork network;
    private final MemoryConfiguration configuration;

    MemorySignalProvider(MemoryNetwork network, MemoryConfiguration configuration) {
        this.network = network;
        this.configuration = configuration;
    }

    @Override
    public String id() {
        return "memory-signal";
    }

    @Override
    public Set<String> schemes() {
        return Set.of();
    }

    @Override
    public Set<TransportFeature> features() {
        return MemoryTransportProvider.features(configuration);
    }

    @Override
    public boolean recognizes(Signal offer) {
        return MemorySignals.isOffer(offer);
    }

    @Override
    public Transport open(TransportContext context) {
        return new MemorySignalTransport(network, configuration, context);
    }
}
