/** LiveSync through rooms of PartyKit. Start at {@link dev.livesync.transport.partykit.PartyKitTransportProvider}. */
module dev.livesync.transport.partykit {
    requires transitive dev.livesync.api;
    requires dev.livesync.transport.support;
    requires static com.google.auto.service;
    requires static transitive org.jspecify;

    exports dev.livesync.transport.partykit;

    provides dev.livesync.api.transport.TransportProvider with
            dev.livesync.transport.partykit.PartyKitTransportProvider;
}
