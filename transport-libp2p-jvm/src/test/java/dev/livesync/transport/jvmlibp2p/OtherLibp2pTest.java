package dev.livesync.transport.jvmlibp2p;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.Faults;
import dev.livesync.tck.TransportTck;
import dev.livesync.transport.libp2p.Libp2pConfiguration;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;

/** jvm-libp2p on one side, LiveSync's own libp2p on the other: the kit once more, so both speak the same protocols. */
class OtherLibp2pTest extends TransportTck {
    private static final TransportProvider OURS = new JvmLibp2pTransportProvider();
    private static final TransportProvider PEERS =
            new Libp2pTransportProvider(Libp2pConfiguration.builder().build());

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
