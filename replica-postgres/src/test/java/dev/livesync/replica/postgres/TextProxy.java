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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands between a hub and the server, counts what says one text on its way to the server, and stops it if that is wanted, until it is let go. */
final class TextProxy implements AutoCloseable {
    private final int target;
    private final String text;
    private final ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger heard = new AtomicInteger();
    private final AtomicInteger stalled = new AtomicInteger();
    private final List<Closeable> open = new CopyOnWriteArrayList<>();
    private volatile boolean armed;

    TextProxy(int target, String text) throws IOException {
        this.target = target;
        this.text = text;
        start(this::accept);
    }

    /** For a JDBC URL, without statements that the server keeps: those say no text. */
    String url() {
        return OnePostgres.server().url(listening.getLocalPort()) + "&prepareThreshold=0";
    }

    /** From now on it stops. */
    void arm() {
        armed = true;
    }

    /** How many messages have said it. */
    int heard() {
        return heard.get();
    }

    /** How many connections it has stopped. */
    int stalled() {
        return stalled.get();
    }

    /** Lets all go on. */
    void release() {
        armed = false;
        released.countDown();
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "text-proxy");
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
                start(() -> pass(client, server, true));
                start(() -> pass(server, client, false));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void pass(Socket from, Socket to, boolean watch) {
        byte[] buffer = new byte[65_536];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                if (watch && says(buffer, count)) {
                    heard.incrementAndGet();
                    if (armed) {
                        stalled.incrementAndGet();
                        released.await();
                    }
                }
                out.write(buffer, 0, count);
                out.flush();
            }
        } catch (IOException e) {
            // the other direction has closed it
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What looks at all feeds together is nobody's in particular. */
    private boolean says(byte[] buffer, int count) {
        String said = new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
        return said.contains(text) && !said.contains("db = any");
    }

    @Override
    public void close() throws IOException {
        release();
        listening.close();
        for (Closeable c : open) {
            c.close();
        }
    }
}
