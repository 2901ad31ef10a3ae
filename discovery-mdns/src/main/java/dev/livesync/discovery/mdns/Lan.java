package dev.livesync.discovery.mdns;

import java.io.IOException;
import java.util.List;

/** The networks of this machine: all that this module needs of multicast DNS. By one thread. */
interface Lan {
    /**
     * The addresses at which a link may be possible, the best first, loopback ones last.
     *
     * @throws IOException if the system doesn't tell
     */
    List<LanAddress> addresses() throws IOException;

    /**
     * Announces a service at an address, and listens to others. May block for a second.
     *
     * @param at one of the addresses
     * @param label the service's, which the link may change if it is taken
     * @param port the service's
     * @param text its TXT record
     * @param listener told of all services, this one too
     * @throws IOException if multicast doesn't work there
     */
    LanLink open(LanAddress at, String label, int port, byte[] text, LanListener listener) throws IOException;
}
