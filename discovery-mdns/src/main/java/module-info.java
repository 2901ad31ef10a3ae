/** Finds LiveSync's peers on the local network. Start at {@link dev.livesync.discovery.mdns.MdnsDiscovery}. */
module dev.livesync.discovery.mdns {
    requires transitive dev.livesync.api;
    requires javax.jmdns;
    requires org.slf4j; // by jmDNS, which can't say so itself
    requires static transitive org.jspecify;

    exports dev.livesync.discovery.mdns;
}
