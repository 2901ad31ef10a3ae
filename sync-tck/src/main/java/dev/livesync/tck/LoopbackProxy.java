package dev.livesync.tck;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Passes bytes between two peers on this machine, until it is told not to. For addresses of the form {@code
 * SCHEME://HOST:PORT…}; transports with others call {@link #to} with host and port and write their own address around {@link
 * #port}.
 *
 * <p>Any thread.
 */
public final class LoopbackProxy implements Faults {
    private static final Pattern ADDRESS = Pattern.compile("([a-z][a-z0-9+.-]*://)(\\[[^]]+]|[^:/]+):(\\d+)(.*)");

    private final ServerSocket server;
    private final List<Socket> sockets = new ArrayList<>();
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();
    private String host = "127.0.0.1";
    private int port;
    private boolean stalled;
    private boolean closed;
    private long left = Long.MAX_VALUE;
    /** How many bytes may pass before all stalls. */
    private long admitted = Long.MAX_VALUE;

    private @Nullable SplittableRandom pieces;
    private int firstPiece;
    private int splits;

    /** Listens at a free port of the loopback interface. */
    public LoopbackProxy() {
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("no port for the proxy", e);
        }
        Leaks.own(this::accept, "proxy").start();
    }

    static boolean understands(String address) {
        return ADDRESS.matcher(address).matches();
    }

    /**
     * Says where connections go.
     *
     * @param newHost a host of this machine
     * @param newPort its port
     * @return this
     */
    public synchronized LoopbackProxy to(String newHost, int newPort) {
        host = newHost;
        port = newPort;
        return this;
    }

    /**
     * Where this listens, on 127.0.0.1.
     *
     * @return the port
     */
    public int port() {
        return server.getLocalPort();
    }

    @Override
    public String through(String address) {
        Matcher matcher = ADDRESS.matcher(address);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no address of the form SCHEME://HOST:PORT: " + address);
        }
        to(matcher.group(2).replaceAll("[\\[\\]]", ""), Integer.parseInt(matcher.group(3)));
        return matcher.group(1) + matcher.group(2).replaceFirst("^\\[.*", "127.0.0.1") + ":" + port()
                + matcher.group(4);
    }

    @Override
    public void cut() {
        List<Socket> open;
        synchronized (this) {
            open = new ArrayList<>(sockets);
            sockets.clear();
            notifyAll();
        }
        open.forEach(LoopbackProxy::reset);
    }

    @Override
    public synchronized void cutSometime(long seed) {
        left = new SplittableRandom(seed).nextLong(300_000);
    }

    @Override
    public synchronized void stall() {
        stalled = true;
    }

    @Override
    public synchronized void stallAfter(int bytes) {
        admitted = bytes;
        notifyAll();
    }

    @Override
    public synchronized void fragment(long seed) {
        pieces = new SplittableRandom(seed);
    }

    @Override
    public synchronized void splitAfter(int bytes) {
        firstPiece = bytes;
        splits++;
    }

    @Override
    public synchronized void resume() {
        stalled = false;
        pieces = null;
        left = Long.MAX_VALUE;
        admitted = Long.MAX_VALUE;
        notifyAll();
    }

    /** What has passed so far, both ways in one; at most the first megabyte. */
    @Override
    public synchronized Optional<byte[]> seen() {
        return Optional.of(seen.toByteArray());
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        quietly(server);
        cut();
    }

    private void accept() {
        try {
            while (true) {
                Socket near = server.accept();
                Socket far;
                synchronized (this) {
                    far = new Socket();
                    sockets.add(near);
                    sockets.add(far);
                }
                try {
                    far.connect(target(), 10_000);
                } catch (IOException e) {
                    reset(near);
                    continue;
                }
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                Leaks.own(() -> pump(near, far), "proxy").start();
                Leaks.own(() -> pump(far, near), "proxy").start();
            }
        } catch (IOException e) {
            close(); // the server socket was closed
        }
    }

    private synchronized java.net.InetSocketAddress target() {
        return new java.net.InetSocketAddress(host, port);
    }

    private void pump(Socket from, Socket to) {
        byte[] piece = new byte[16_384];
        Split split = new Split();
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                if (!mayPass(piece, n)) {
                    cut();
                    return;
                }
                for (int at = 0; at < n; ) {
                    int length = admit(Math.min(n - at, Math.min(split.next(), nextPiece())));
                    out.write(piece, at, length);
                    at += length;
                    split.passed(length);
                }
            }
            waitWhileStalled();
            to.shutdownOutput();
        } catch (IOException e) {
            reset(from);
            reset(to);
        }
    }

    private synchronized boolean mayPass(byte[] piece, int length) {
        waitWhileStalled();
        left -= length;
        if (seen.size() < 1 << 20) {
            seen.write(piece, 0, length);
        }
        return left >= 0;
    }

    /** How much to let pass at once, after a pause: mostly very little, sometimes all that has gathered meanwhile. */
    private int nextPiece() {
        int length;
        long pauseMicros;
        synchronized (this) {
            SplittableRandom random = pieces;
            if (random == null) {
                return Integer.MAX_VALUE;
            }
            length = 1 << random.nextInt(12);
            length = length < 8 ? 1 : random.nextInt(length) + 1;
            pauseMicros = random.nextInt(20) == 0 ? 2_000 : random.nextInt(60);
        }
        LockSupport.parkNanos(pauseMicros * 1_000);
        return length;
    }

    /** Waits until some of so many bytes may pass. */
    private synchronized int admit(int bytes) {
        waitWhileStalled();
        int length = closed ? bytes : (int) Math.min(bytes, admitted);
        admitted -= admitted == Long.MAX_VALUE ? 0 : length;
        return length;
    }

    /** What is left of the first piece, one way. */
    private final class Split {
        private int known;
        private int left;

        int next() {
            synchronized (LoopbackProxy.this) {
                if (known != splits) {
                    known = splits;
                    left = firstPiece;
                }
                return left > 0 ? left : Integer.MAX_VALUE;
            }
        }

        void passed(int length) {
            if (left > 0) {
                left -= length;
                if (left == 0) {
                    LockSupport.parkNanos(1_500_000); // the piece is read by itself
                }
            }
        }
    }

    private synchronized void waitWhileStalled() {
        try {
            while ((stalled || admitted == 0) && !closed) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            // It is closed already, or never was connected.
        }
        quietly(socket);
    }

    private static void quietly(java.io.Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // Closed is closed.
        }
    }
}
