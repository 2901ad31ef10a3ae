package dev.livesync.tck;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryNetwork;

/** The dialling memory transport with identities and without backpressure. */
class MemoryIdentityTest extends TransportTck {
    private final MemoryNetwork network = new MemoryNetwork();

    private TransportProvider named(String name) {
        return network.provider(MemoryConfiguration.withoutBackpressure().toBuilder()
                .identity(name)
                .build());
    }

    @Override
    protected TransportProvider provider() {
        return named("alice");
    }

    @Override
    protected TransportProvider peerProvider() {
        return named("bob");
    }

    @Override
    protected Faults faults() {
        return new MemoryWire(network);
    }
}
