/**
 * LiveSync over libp2p: TCP, Noise and yamux. Start at {@link dev.livesync.transport.libp2p.Libp2pTransportProvider}.
 */
module dev.livesync.transport.libp2p {
    requires transitive dev.livesync.api;
    requires dev.livesync.transport.support;
    requires static com.google.auto.service;
    requires static transitive org.jspecify;
    requires io.netty.buffer;
    requires io.netty.common;
    requires io.netty.transport;

    exports dev.livesync.transport.libp2p;

    provides dev.livesync.api.transport.TransportProvider with
            dev.livesync.transport.libp2p.Libp2pTransportProvider;
}
