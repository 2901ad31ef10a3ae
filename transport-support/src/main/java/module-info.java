/** What LiveSync's own transports share. Not for others: see {@link dev.livesync.transport.support}. */
@SuppressWarnings("module") // those that it is for come later in the build
module dev.livesync.transport.support {
    requires transitive dev.livesync.api;
    requires static transitive org.jspecify;

    exports dev.livesync.transport.support to
            dev.livesync.transport.libp2p,
            dev.livesync.transport.memory,
            dev.livesync.transport.partykit,
            dev.livesync.transport.servlet,
            dev.livesync.transport.webrtc,
            dev.livesync.transport.websocket;
    exports dev.livesync.transport.support.libp2p to
            dev.livesync.transport.libp2p;
}
