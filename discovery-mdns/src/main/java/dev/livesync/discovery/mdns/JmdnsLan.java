package dev.livesync.discovery.mdns;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.NetworkInterface;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** The networks as the system and jmDNS see them. */
final class JmdnsLan implements Lan {
    private final Deque<JmdnsThreads> spare = new ArrayDeque<>();
    private final List<JmdnsThreads> used = new ArrayList<>();

    @Override
    public List<LanAddress> addresses() throws IOException {
        List<LanAddress> found = new ArrayList<>();
        for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
            if (network.isUp() && (network.supportsMulticast() || network.isLoopback())) {
                network.inetAddresses()
                        .filter(address -> !(address instanceof Inet6Address && address.isLinkLocalAddress()))
                        .forEach(address -> found.add(new LanAddress(network.getName(), address)));
            }
        }
        // IPv4 first, which more listeners take
        found.sort(Comparator.comparing((LanAddress at) -> at.address().isLoopbackAddress())
                .thenComparing(at -> at.address() instanceof Inet6Address));
        return found;
    }

    @Override
    public LanLink open(LanAddress at, String label, int port, byte[] text, LanListener listener) throws IOException {
        NetworkInterface network = NetworkInterface.getByInetAddress(at.address());
        if (network == null) {
            throw new IOException("the address is gone");
        }
        MulticastProbe.send(network, at.address());
        JmdnsThreads threads = threads();
        return new JmdnsLink(threads, at.address(), label, port, text, listener);
    }

    /** A group in which no thread runs. Groups are kept: Java 17 never forgets one. */
    private JmdnsThreads threads() {
        used.removeIf(threads -> {
            boolean over = threads.isOver();
            if (over) {
                spare.add(threads);
            }
            return over;
        });
        JmdnsThreads threads = spare.isEmpty() ? new JmdnsThreads() : spare.pop();
        threads.reset();
        used.add(threads);
        return threads;
    }
}
