package dev.livesync.transport.jvmlibp2p;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.Faults;
import dev.livesync.tck.TransportTck;

/** jvm-libp2p against the kit. */
class JvmLibp2pTransportTest extends TransportTck {
    private static final TransportProvider OURS = new JvmLibp2pTransportProvider();
    private static final TransportProvider PEERS = new JvmLibp2pTransportProvider();

    @Override
    protected TransportProvider provider() {
        return OURS;
    }

    @Override
    protected TransportProvider peerProvider() {
        return PEERS;
    }

    @Override
    protected Faults faults() {
        return new AddressProxy();
    }
}
