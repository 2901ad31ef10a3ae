package dev.livesync.bench.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Stands between two peers on the loopback and counts every byte of their TCP streams. Knows nothing of what passes, so it
 * counts the same for every system. Adds a copy and two threads a connection: times measured through it compare only with
 * others measured through it.
 */
public final class CountingProxy implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final int target;
    private final ServerSocket server;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final AtomicLong toTarget = new AtomicLong();
    private final AtomicLong fromTarget = new AtomicLong();

    /**
     * Listens on a free port.
     *
     * @param target the port on the loopback to pass everything on to
     * @throws IOException if there is no port
     */
    public CountingProxy(int target) throws IOException {
        this.target = target;
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
                thread("to-target", () -> copy(outer, inner, toTarget, directions));
                thread("from-target", () -> copy(inner, outer, fromTarget, directions));
            } catch (IOException e) {
                if (server.isClosed()) {
                    return;
                }
            }
        }
    }

    private static void copy(Socket from, Socket to, AtomicLong counter, AtomicInteger directions) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                counter.addAndGet(n);
                out.write(buffer, 0, n);
            }
            to.shutdownOutput();
            if (directions.decrementAndGet() == 0) {
                closeQuietly(from);
                closeQuietly(to);
            }
        } catch (IOException e) {
            // One side broke: the other learns it by a broken connection too.
            closeQuietly(from);
            closeQuietly(to);
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
