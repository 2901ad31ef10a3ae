/**
 * The vocabulary and the contracts of LiveSync: what a transport implements ({@link dev.livesync.api.transport}), what a
 * database implements ({@link dev.livesync.api.replica}), and the words both share ({@link dev.livesync.api}).
 */
module dev.livesync.api {
    requires static transitive org.jspecify;

    exports dev.livesync.api;
    exports dev.livesync.api.replica;
    exports dev.livesync.api.transport;
}
