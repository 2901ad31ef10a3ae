package dev.livesync.tck;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.core.multiplex.PooledProvider;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryNetwork;
import dev.livesync.transport.memory.MemoryTransportProvider;
import org.junit.jupiter.api.Tag;

/** Channels of shared connections keep the rules of plain ones. */
@Tag("soak") // the kit runs over the memory transport itself in every build
class SharedMemoryKitTest extends TransportTck {
    private final MemoryNetwork network = new MemoryNetwork();

    @Override
    protected TransportProvider provider() {
        return new PooledProvider(new MemoryTransportProvider(network, MemoryConfiguration.defaults()));
    }

    @Override
    protected Faults faults() {
        return new MemoryWire(network);
    }
}
