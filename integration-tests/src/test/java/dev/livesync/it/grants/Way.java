package dev.livesync.it.grants;

import dev.livesync.it.delivery.DeliveryTransport;

/** How two peers come together: over which transport, and whether one dials the other's address or accepts its offer. */
enum Way {
    MEMORY_DIALLED(DeliveryTransport.MEMORY, true),
    MEMORY_OFFERED(DeliveryTransport.MEMORY, false),
    WS_DIALLED(DeliveryTransport.WS, true),
    WSS_DIALLED(DeliveryTransport.WSS, true),
    LIBP2P_DIALLED(DeliveryTransport.LIBP2P, true),
    WEBRTC_OFFERED(DeliveryTransport.WEBRTC, false);

    final DeliveryTransport wire;
    final boolean dialled;

    Way(DeliveryTransport wire, boolean dialled) {
        this.wire = wire;
        this.dialled = dialled;
    }
}
