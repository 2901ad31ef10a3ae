/** The protocol: sessions, dialects, signalling, secrets and flow control. Start at {@link dev.livesync}. */
module dev.livesync.core {
    requires transitive dev.livesync.api;
    requires dev.livesync.car;
    requires com.fasterxml.jackson.core;

    uses dev.livesync.api.transport.TransportProvider;

    exports dev.livesync;
    exports dev.livesync.grant;
}
