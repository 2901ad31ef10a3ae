package dev.livesync.replica.postgres;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/** Stands between a hub and the server, and cuts the connection on which the next COMMIT goes by. */
final class CuttingProxy implements AutoCloseable {
    /** Where to cut. */
    enum Cut {
        BEFORE_COMMIT,
        BEFORE_ITS_ANSWER
    }

    private final int target;
    private final String last;
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicReference<Cut> armed = new AtomicReference<>();
    private final List<Closeable> open = new CopyOnWriteArrayList<>();

    CuttingProxy(int target) throws IOException {
        this(target, "update livesync_feed");
    }

    /**
     * One that knows a transaction by what it writes last.
     *
     * @param last how that statement begins
     */
    CuttingProxy(int target, String last) throws IOException {
        this.target = target;
        this.last = last;
        start("accept", this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    void arm(Cut cut) {
        armed.set(cut);
    }

    boolean isArmed() {
        return armed.get() != null;
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, "cutting-proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                open.add(client);
                open.add(server);
                AtomicReference<Cut> here = new AtomicReference<>();
                start("out", () -> pass(client, server, here, true));
                start("in", () -> pass(server, client, here, false));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void pass(Socket from, Socket to, AtomicReference<Cut> here, boolean watch) {
        byte[] buffer = new byte[65_536];
        boolean due = false;
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                if (watch && due) {
                    here.set(armed.getAndSet(null));
                    if (here.get() == Cut.BEFORE_COMMIT) {
                        return;
                    }
                }
                // What a transaction writes last; what its connection says after that, is COMMIT.
                due = watch
                        && armed.get() != null
                        && new String(buffer, 0, count, StandardCharsets.ISO_8859_1).contains(last);
                if (!watch && here.get() == Cut.BEFORE_ITS_ANSWER) {
                    return;
                }
                out.write(buffer, 0, count);
                out.flush();
            }
        } catch (IOException e) {
            // the other direction has closed it
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Closeable c : open) {
            c.close();
        }
    }
}
