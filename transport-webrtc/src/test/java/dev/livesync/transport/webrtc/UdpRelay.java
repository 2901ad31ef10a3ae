package dev.livesync.transport.webrtc;

import dev.livesync.api.transport.Signal;
import dev.livesync.tck.Faults;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Passes datagrams between two peers on this machine, until it is told not to. Each peer learns, as the other's only
 * candidate, a port of ours on the loopback interface; it gets the other's datagrams from the same port, so that ICE finds
 * nothing odd. A cut is silence, as when a plug is pulled: UDP has no other.
 *
 * <p>Any thread; two threads for each connection, until {@link #close}.
 */
final class UdpRelay implements Faults {
    private static final Pattern CANDIDATE =
            Pattern.compile("a=candidate:\\S+ \\d+ udp \\d+ (\\d+(?:\\.\\d+){3}) (\\d+) typ host.*");
    private static final Pattern MID = Pattern.compile("a=mid:(\\S+)");

    /** About four times what ICE and DTLS exchange before the first message: a cut in there would only time out. */
    private static final int HANDSHAKE = 20_000;

    private final List<Link> links = new ArrayList<>();
    private final Map<String, Link> unanswered = new HashMap<>();
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
    private long left = Long.MAX_VALUE;
    private boolean stalled;
    private boolean closed;

    /** Two sockets: each is the one peer's address for the other. */
    private static final class Link {
        final DatagramSocket proposer;
        final DatagramSocket acceptor;

        @Nullable
        InetSocketAddress offering;

        boolean cut;

        Link(DatagramSocket proposer, DatagramSocket acceptor) {
            this.proposer = proposer;
            this.acceptor = acceptor;
        }
    }

    @Override
    public synchronized Signal through(Signal signal) {
        String sdp = signal.field("sdp");
        String mid = first(MID, sdp).group(1);
        Link link;
        if (signal.kind() == Signal.Kind.OFFER) {
            link = open();
            unanswered.put(mid, link);
        } else {
            link = unanswered.remove(mid);
        }
        boolean offer = signal.kind() == Signal.Kind.OFFER;
        Matcher candidate = first(CANDIDATE, sdp);
        InetSocketAddress peer = new InetSocketAddress(candidate.group(1), Integer.parseInt(candidate.group(2)));
        if (offer) {
            link.offering = peer;
        } else {
            start(link, link.proposer, link.acceptor, Objects.requireNonNull(link.offering));
            start(link, link.acceptor, link.proposer, peer);
        }
        int port = (offer ? link.proposer : link.acceptor).getLocalPort();
        return new Signal(signal.kind(), Map.of("sdp", onlyAt(port, sdp)));
    }

    private static Matcher first(Pattern pattern, String sdp) {
        return sdp.lines()
                .map(pattern::matcher)
                .filter(Matcher::matches)
                .findFirst()
                .orElseThrow(() -> new AssertionError("nothing like " + pattern + " in " + sdp));
    }

    private static String onlyAt(int port, String sdp) {
        StringBuilder text = new StringBuilder();
        boolean named = false;
        for (String line : sdp.lines().toList()) {
            if (!line.startsWith("a=candidate:")) {
                text.append(line).append("\r\n");
            } else if (!named) {
                named = true;
                text.append("a=candidate:1 1 udp 2130706431 127.0.0.1 ")
                        .append(port)
                        .append(" typ host\r\n");
            }
        }
        return text.toString();
    }

    private Link open() {
        try {
            InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
            Link link = new Link(new DatagramSocket(0, loopback), new DatagramSocket(0, loopback));
            links.add(link);
            return link;
        } catch (IOException e) {
            throw new UncheckedIOException("no port for the relay", e);
        }
    }

    private void start(Link link, DatagramSocket in, DatagramSocket out, InetSocketAddress to) {
        Thread thread = new Thread(() -> pump(link, in, out, to), "udp-relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void pump(Link link, DatagramSocket in, DatagramSocket out, InetSocketAddress to) {
        byte[] bytes = new byte[65_536];
        DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
        try {
            while (true) {
                packet.setLength(bytes.length);
                in.receive(packet);
                if (mayPass(link, packet)) {
                    out.send(new DatagramPacket(bytes, packet.getLength(), to));
                }
            }
        } catch (IOException e) {
            in.close(); // one of the two was closed
            out.close();
        }
    }

    private synchronized boolean mayPass(Link link, DatagramPacket packet) {
        try {
            while (stalled && !closed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        left -= packet.getLength();
        if (left < 0) {
            cut();
        }
        if (seen.size() < 1 << 20) {
            seen.write(packet.getData(), 0, packet.getLength());
        }
        return !link.cut;
    }

    @Override
    public synchronized Optional<byte[]> seen() {
        return Optional.of(seen.toByteArray());
    }

    @Override
    public synchronized void cut() {
        links.forEach(link -> link.cut = true);
    }

    @Override
    public synchronized void cutSometime(long seed) {
        left = HANDSHAKE + new SplittableRandom(seed).nextLong(280_000);
    }

    @Override
    public synchronized void stall() {
        stalled = true;
    }

    @Override
    public synchronized void resume() {
        stalled = false;
        left = Long.MAX_VALUE;
        notifyAll();
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
        for (Link link : links) {
            link.proposer.close();
            link.acceptor.close();
        }
    }
}
