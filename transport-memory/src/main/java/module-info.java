/**
 * The reference transport: peers within one process, for tests of the framework and for users' tests. Start at {@link
 * dev.livesync.transport.memory.MemoryNetwork}.
 */
module dev.livesync.transport.memory {
    requires transitive dev.livesync.api;
    requires dev.livesync.transport.support;
    requires static com.google.auto.service;
    requires static transitive org.jspecify;

    exports dev.livesync.transport.memory;

    provides dev.livesync.api.transport.TransportProvider with
            dev.livesync.transport.memory.MemoryTransportProvider;
}
