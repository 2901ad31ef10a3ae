package dev.livesync.tck;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryNetwork;

/** The signalling memory transport, as WebRTC will be: no backpressure, a binding. */
class MemorySignallingTest extends TransportTck {
    private final MemoryNetwork network = new MemoryNetwork();

    @Override
    protected TransportProvider provider() {
        return network.signalling(MemoryConfiguration.withoutBackpressure().toBuilder()
                .binding(true)
                .build());
    }

    @Override
    protected Faults faults() {
        return new MemoryWire(network);
    }
}
