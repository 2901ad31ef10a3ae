package dev.livesync.core.connect;

import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * The addresses by which this machine reaches others. The JDK has no event for a change, so whoever waits for one compares. Addresses of a link
 * are left out: a container that starts has them, and nobody far away is reached by them.
 */
public final class NetworkAddresses {
    private NetworkAddresses() {}

    /**
     * Asks the system, which takes a fraction of a millisecond.
     *
     * @return each interface that is up with its addresses; empty if the system doesn't say
     */
    public static Set<String> ofMachine() {
        Set<String> addresses = new TreeSet<>();
        try {
            Collections.list(NetworkInterface.getNetworkInterfaces()).forEach(each -> add(each, addresses));
        } catch (SocketException e) {
            return Set.of();
        }
        return addresses;
    }

    private static void add(NetworkInterface each, Set<String> addresses) {
        try {
            if (each.isUp() && !each.isLoopback()) {
                Collections.list(each.getInetAddresses()).stream()
                        .filter(address -> !address.isLinkLocalAddress())
                        .forEach(address -> addresses.add(each.getName() + ' ' + address.getHostAddress()));
            }
        } catch (SocketException e) {
            // It has just gone, and so have its addresses.
        }
    }
}
