package dev.livesync.it.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Passes bytes between two processes and says when so and so many went through: the place where a test pulls the plug. */
final class Proxy implements AutoCloseable {
    private final ServerSocket server;
    private final URI target;
    private final long threshold;
    private final AtomicLong passed = new AtomicLong();
    private final CountDownLatch reached = new CountDownLatch(1);
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** In front of a listening address, counting up to a threshold. */
    Proxy(String address, long threshold) throws IOException {
        this.target = URI.create(address);
        this.threshold = threshold;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        spawn(this::accept);
    }

    /** What to dial instead, secret included. */
    String address() {
        return target.getScheme() + "://127.0.0.1:" + server.getLocalPort() + target.getRawPath() + "#"
                + target.getRawFragment();
    }

    long passed() {
        return passed.get();
    }

    /** Opens when the threshold is reached or a connection has ended without it. */
    CountDownLatch reached() {
        return reached;
    }

    private void accept() {
        try {
            while (true) {
                Socket near = server.accept();
                sockets.add(near);
                Socket far = new Socket(target.getHost(), target.getPort());
                sockets.add(far);
                spawn(() -> pump(near, far));
                spawn(() -> pump(far, near));
            }
        } catch (IOException e) {
            close();
        }
    }

    private void pump(Socket from, Socket to) {
        byte[] piece = new byte[4096]; // small, so that the plug can be pulled anywhere
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                out.write(piece, 0, n);
                if (passed.addAndGet(n) >= threshold) {
                    reached.countDown();
                }
            }
        } catch (IOException e) {
            // One end has gone; closing the other is all there is to do.
        } finally {
            reached.countDown();
        }
    }

    private static void spawn(Runnable work) {
        Thread thread = new Thread(work, "livesync-test-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            // Closed is closed.
        }
    }
}
