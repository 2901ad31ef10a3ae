/** The {@code livesync} command. Nothing here is for other modules; {@code dev.livesync.cli.Main} is started, not called. */
module dev.livesync.cli {
    requires com.fasterxml.jackson.core;
    requires com.fasterxml.jackson.databind;
    requires dev.livesync.api;
    requires dev.livesync.car;
    requires dev.livesync.core;
    requires dev.livesync.database;
    requires dev.livesync.discovery.mdns;
    requires dev.livesync.replica.postgres;
    requires dev.livesync.transport.libp2p;
    requires dev.livesync.transport.partykit;
    requires dev.livesync.transport.websocket;
    requires info.picocli;
    requires jdk.net;
    requires java.logging;
    requires jdk.httpserver;
    requires static org.jspecify;

    uses dev.livesync.api.transport.TransportProvider;

    // Picocli reads options and parameters from the fields of the commands.
    opens dev.livesync.cli to
            info.picocli;
    // Jackson reads the configuration into records.
    opens dev.livesync.cli.hub to
            com.fasterxml.jackson.databind;
}
