package dev.livesync.discovery.mdns;

import java.net.InetAddress;

/**
 * One of this machine's addresses.
 *
 * @param network what tells its interface from others
 * @param address without a zone
 */
record LanAddress(String network, InetAddress address) {
    /** Addresses of one interface and one family reach the same others. */
    String reach() {
        return address.getAddress().length + " " + network;
    }
}
