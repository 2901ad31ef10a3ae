package dev.livesync.tck;

import dev.livesync.api.transport.TransportProvider;

/** The kit against whichever broken transport a run has chosen. Not named like a test, so that only runs of mutants find it. */
class MutantTransport extends TransportTck {
    /** What is broken: a provider, the peer's, and their wire. */
    record Subject(TransportProvider provider, TransportProvider peer, Faults faults) {}

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
        return subject.provider().localAddress().startsWith("plain:")
                ? subject.provider().localAddress()
                : "memory:";
    }

    @Override
    protected Faults faults() {
        return subject.faults();
    }
}
