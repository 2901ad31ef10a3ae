package dev.livesync.tck;

import dev.livesync.api.transport.TransportProvider;
import java.util.function.Supplier;

/** The kit against whichever broken transport a run has chosen. Not named like a test, so that only runs of mutants find it. */
class MutantTransport extends TransportTck {
    /** What is broken: a provider, the peer's, their wires, and where to listen. */
    record Subject(TransportProvider provider, TransportProvider peer, Supplier<Faults> wires, String address) {
        /** Of a memory network. */
        Subject(TransportProvider provider, TransportProvider peer, Faults wire) {
            this(provider, peer, () -> wire, "memory:");
        }
    }

    private final Subject subject = MutantRun.subject();

    @Override
    protected TransportProvider provider() {
        return subject.provider();
    }

    @Override
    protected TransportProvider peerProvider() {
        return subject.peer();
    }

    @Override
    protected String address() {
        return subject.address();
    }

    @Override
    protected Faults faults() {
        return subject.wires().get();
    }
}
