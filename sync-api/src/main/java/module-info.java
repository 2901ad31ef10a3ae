/**
 * The vocabulary and the contracts of LiveSync: what a transport implements ({@link dev.livesync.api.transport}), what a
 * database implements ({@link dev.livesync.api.replica}), what finds peers ({@link dev.livesync.api.discovery}), and the words all
 * share ({@link dev.livesync.api}).
 */
@SuppressWarnings("module") // those that the internal packages are for come later in the build
module dev.livesync.api {
    requires static transitive org.jspecify;

    exports dev.livesync.api;
    exports dev.livesync.api.discovery;
    exports dev.livesync.api.internal to
            dev.livesync.cli,
            dev.livesync.core,
            dev.livesync.database,
            dev.livesync.replica.postgres,
            dev.livesync.transport.libp2p,
            dev.livesync.transport.memory,
            dev.livesync.transport.partykit,
            dev.livesync.transport.support,
            dev.livesync.transport.webrtc,
            dev.livesync.transport.websocket;
    exports dev.livesync.api.internal.noise to
            dev.livesync.core,
            dev.livesync.transport.libp2p;
    exports dev.livesync.api.replica;
    exports dev.livesync.api.transport;
}
