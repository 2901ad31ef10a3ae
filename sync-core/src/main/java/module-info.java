/** The protocol: sessions, dialects, signalling, secrets and flow control. Start at {@link dev.livesync}. */
@SuppressWarnings("module") // the kit, which the internal package is for, comes later in the build
module dev.livesync.core {
    requires transitive dev.livesync.api;
    requires dev.livesync.car;
    requires com.fasterxml.jackson.core;
    requires static jdk.jfr;

    uses dev.livesync.api.transport.TransportProvider;

    exports dev.livesync;
    exports dev.livesync.core.internal to
            dev.livesync.tck;
    exports dev.livesync.grant;
    exports dev.livesync.group;
    exports dev.livesync.mesh;
    exports dev.livesync.monitor;
    exports dev.livesync.presence;
}
