package dev.livesync.tck;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryNetwork;
import dev.livesync.transport.memory.MemoryTransportProvider;

/** The dialling memory transport's certificate. Here, because the kit knows the transport and not the other way round. */
class MemoryTransportTest extends TransportTck {
    private final MemoryNetwork network = new MemoryNetwork();

    @Override
    protected TransportProvider provider() {
        return new MemoryTransportProvider(network, MemoryConfiguration.defaults());
    }

    @Override
    protected Faults faults() {
        return new MemoryWire(network);
    }
}
