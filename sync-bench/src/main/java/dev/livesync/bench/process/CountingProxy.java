package dev.livesync.bench.process;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between two peers on the loopback and counts every byte of their TCP streams. Knows nothing of what passes, so it
 * counts the same for every system. Adds a copy and two threads a connection, or four with a delay: times measured through it compare
 * only with others measured through it.
 */
public final class CountingProxy implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final int target;
    private final long delayNanos;
    private final ServerSocket server;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final AtomicLong toTarget = new AtomicLong();
    private final AtomicLong fromTarget = new AtomicLong();
    private final AtomicInteger hopsAtTarget = new AtomicInteger();
    private final AtomicInteger hopsAtClient = new AtomicInteger();
    private final Queue<Delivery> deliveries = new ConcurrentLinkedQueue<>();

    private record Delivery(Instant time, boolean atTarget, int hops) {}

    /**
     * Listens on a free port and passes everything on at once.
     *
     * @param target the port on the loopback to pass everything on to
     * @throws IOException if there is no port
     */
    public CountingProxy(int target) throws IOException {
        this(target, Duration.ZERO);
    }

    /**
     * Listens on a free port. A connection is accepted at once; what passes arrives later.
     *
     * @param target the port on the loopback to pass everything on to
     * @param delay of each byte, each way
     * @throws IOException if there is no port
     */
    public CountingProxy(int target, Duration delay) throws IOException {
        this.target = target;
        this.delayNanos = delay.toNanos();
        this.server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        thread("accept", this::accept);
    }

    /**
     * Where to connect instead of the target.
     *
     * @return a port on the loopback
     */
    public int port() {
        return server.getLocalPort();
    }

    /**
     * All bytes of all connections so far, both ways.
     *
     * @return bytes
     */
    public long bytes() {
        return toTarget.get() + fromTarget.get();
    }

    /**
     * All bytes towards the target so far.
     *
     * @return bytes
     */
    public long bytesToTarget() {
        return toTarget.get();
    }

    /**
     * How many messages, each caused by the one before, it took until a side had what it had at some time: two are one round trip. Means something
     * with a delay that is longer than what the peers take to answer.
     *
     * @param atTarget which side
     * @param time by the machine's clock
     * @return the length of the longest chain that had ended there
     */
    public int hops(boolean atTarget, Instant time) {
        return deliveries.stream()
                .filter(delivery ->
                        delivery.atTarget() == atTarget && !delivery.time().isAfter(time))
                .mapToInt(Delivery::hops)
                .max()
                .orElse(0);
    }

    private void accept() {
        while (true) {
            try {
                Socket outer = server.accept();
                sockets.add(outer);
                Socket inner = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(inner);
                outer.setTcpNoDelay(true);
                inner.setTcpNoDelay(true);
                AtomicInteger directions = new AtomicInteger(2);
                pass("to-target", new Way(outer, inner, true, directions));
                pass("from-target", new Way(inner, outer, false, directions));
            } catch (IOException e) {
                if (server.isClosed()) {
                    return;
                }
            }
        }
    }

    /** One direction of a connection. */
    private final class Way {
        private final Socket from;
        private final Socket to;
        private final boolean toTarget;
        private final AtomicInteger directions;

        Way(Socket from, Socket to, boolean toTarget, AtomicInteger directions) {
            this.from = from;
            this.to = to;
            this.toTarget = toTarget;
            this.directions = directions;
        }

        InputStream in() throws IOException {
            return from.getInputStream();
        }

        /** Counts what has come in; answers how many hops it is away from the first. */
        int count(int bytes) {
            (toTarget ? CountingProxy.this.toTarget : fromTarget).addAndGet(bytes);
            return (toTarget ? hopsAtClient : hopsAtTarget).get() + 1;
        }

        void deliver(byte[] bytes, int count, int hops) throws IOException {
            (toTarget ? hopsAtTarget : hopsAtClient).accumulateAndGet(hops, Math::max);
            if (delayNanos > 0) {
                deliveries.add(new Delivery(Instant.now(), toTarget, hops));
            }
            to.getOutputStream().write(bytes, 0, count);
        }

        void end() throws IOException {
            to.shutdownOutput();
            if (directions.decrementAndGet() == 0) {
                cut();
            }
        }

        void cut() {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private void pass(String name, Way way) {
        if (delayNanos == 0) {
            thread(name, () -> copy(way));
        } else {
            DelayLine line = new DelayLine(delayNanos);
            thread(name + "-in", () -> send(way, line));
            thread(name + "-out", () -> arrive(way, line));
        }
    }

    private static void copy(Way way) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = way.in();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                way.deliver(buffer, n, way.count(n));
            }
            way.end();
        } catch (IOException e) {
            // One side broke: the other learns it by a broken connection too.
            way.cut();
        }
    }

    private static void send(Way way, DelayLine line) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = way.in();
            int n = in.read(buffer);
            while (n >= 0 && line.put(Arrays.copyOf(buffer, n), way.count(n))) {
                n = in.read(buffer);
            }
            line.put(new byte[0], 0);
        } catch (IOException | InterruptedException e) {
            line.cut();
            way.cut();
        }
    }

    private static void arrive(Way way, DelayLine line) {
        try {
            for (DelayLine.Chunk next = line.take(); next != null; next = line.take()) {
                if (next.bytes().length == 0) {
                    way.end();
                    return;
                }
                way.deliver(next.bytes(), next.bytes().length, next.hops());
            }
        } catch (IOException | InterruptedException e) {
            line.cut();
            way.cut();
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It was broken before.
        }
    }

    private static void thread(String name, Runnable task) {
        Thread thread = new Thread(task, "livesync-bench-proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Frees the port and cuts all connections. */
    @Override
    public void close() throws IOException {
        server.close();
        sockets.forEach(CountingProxy::closeQuietly);
    }
}
