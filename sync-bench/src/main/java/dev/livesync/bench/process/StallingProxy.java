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

/**
 * Stands between a caller and a target on the loopback, and reads so many bytes of what the target sends and no more: to the target, its caller
 * has stopped reading. What the caller sends passes on.
 */
public final class StallingProxy implements AutoCloseable {
    private static final int BUFFER = 4 << 10;

    private final int target;
    private final long most;
    private final ServerSocket server;
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();

    /**
     * Listens on a free port.
     *
     * @param target the port on the loopback to pass things on to
     * @param most how many bytes of each connection are read from the target
     * @throws IOException if there is no port
     */
    public StallingProxy(int target, long most) throws IOException {
        this.target = target;
        this.most = most;
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

    private void accept() {
        while (true) {
            try {
                Socket outer = server.accept();
                sockets.add(outer);
                Socket inner = new Socket();
                sockets.add(inner);
                inner.setReceiveBufferSize(BUFFER); // before it connects: the target is to notice soon
                inner.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
                thread("to-target", () -> copy(outer, inner, Long.MAX_VALUE));
                thread("from-target", () -> copy(inner, outer, most));
            } catch (IOException e) {
                if (server.isClosed()) {
                    return;
                }
            }
        }
    }

    private static void copy(Socket from, Socket to, long most) {
        byte[] buffer = new byte[BUFFER];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            long left = most;
            while (left > 0) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (n < 0) {
                    closeQuietly(to);
                    return;
                }
                out.write(buffer, 0, n);
                left -= n;
            }
        } catch (IOException e) {
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
        Thread thread = new Thread(task, "livesync-bench-stall-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Frees the port and cuts all connections. */
    @Override
    public void close() throws IOException {
        server.close();
        sockets.forEach(StallingProxy::closeQuietly);
    }
}
