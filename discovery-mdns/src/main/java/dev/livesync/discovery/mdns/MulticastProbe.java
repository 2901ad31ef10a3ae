package dev.livesync.discovery.mdns;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;

/** Whether an address can send to the group of multicast DNS at all: where it can't, jmDNS would try to recover again and again. */
final class MulticastProbe {
    private static final int PORT = 5353;

    /** RFC 6762, section 3. */
    private static final String GROUP = "224.0.0.251";

    private static final String GROUP_6 = "ff02::fb";

    /** A response with no records, which nobody has to do anything about. */
    private static final byte[] NOTHING = {0, 0, (byte) 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    private MulticastProbe() {}

    /**
     * Sends a message that says nothing.
     *
     * @throws IOException if it can't be sent from there
     */
    static void send(NetworkInterface network, InetAddress from) throws IOException {
        InetSocketAddress to =
                new InetSocketAddress(InetAddress.getByName(from instanceof Inet6Address ? GROUP_6 : GROUP), PORT);
        try (MulticastSocket socket = new MulticastSocket(0)) {
            socket.setNetworkInterface(network);
            socket.setTimeToLive(255);
            socket.joinGroup(to, network);
            socket.send(new DatagramPacket(NOTHING, NOTHING.length, to));
        }
    }
}
