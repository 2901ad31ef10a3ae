package dev.livesync.transport.memory;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.contract.DialingTransportContract;
import java.util.List;

class MemoryContractTest extends DialingTransportContract {
    private final MemoryNetwork network = new MemoryNetwork();

    @Override
    protected TransportProvider provider() {
        return network.provider();
    }

    @Override
    protected String anyAddress() {
        return "memory:";
    }

    @Override
    protected String deadAddress() {
        return "memory:nobody";
    }

    @Override
    protected List<String> nonsense() {
        return List.of("", "memory", "memory:a b", "ws://localhost:1/", "memory:" + "x".repeat(129));
    }
}
