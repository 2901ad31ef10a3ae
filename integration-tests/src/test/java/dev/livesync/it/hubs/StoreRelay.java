package dev.livesync.it.hubs;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Stands between a hub and its store: counts what passes, and cuts them off from each other, as a network does. */
final class StoreRelay implements AutoCloseable {
    /** How they are cut off. */
    enum Cut {
        /** Nobody is there any more: connections end, and new ones are refused. */
        REFUSED,
        /** Nothing comes through, and nobody says so. */
        SILENT
    }

    private final int target;
    private final int port;
    private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
    private final LongAdder toStore = new LongAdder();
    private final LongAdder fromStore = new LongAdder();
    private ServerSocket listening;
    private boolean silent;

    StoreRelay(int target) throws IOException {
        this.target = target;
        this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.port = listening.getLocalPort();
        start(() -> accept(listening));
    }

    /** How a hub reaches the store through this. */
    String url() {
        return url("livesync");
    }

    /** The same as another user. */
    String url(String user) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/livesync?user=" + user;
    }

    /** The bytes that the hub has sent. */
    long bytesToStore() {
        return toStore.sum();
    }

    /** The bytes that the hub was sent. */
    long bytesFromStore() {
        return fromStore.sum();
    }

    void cut(Cut how) throws IOException {
        if (how == Cut.SILENT) {
            silence(true);
        } else {
            listening.close();
            closeAll();
        }
    }

    /** Lets everything through again. What was under way is lost, as after a long while. */
    void mend() throws IOException {
        closeAll();
        if (listening.isClosed()) {
            listening = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            ServerSocket again = listening;
            start(() -> accept(again));
        }
        silence(false);
    }

    private synchronized void silence(boolean on) {
        silent = on;
        notifyAll();
    }

    private synchronized void awaitPassage() throws InterruptedException {
        while (silent) {
            wait();
        }
    }

    private void closeAll() throws IOException {
        for (Closeable each : open) {
            each.close();
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "store-relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept(ServerSocket server) {
        try {
            while (true) {
                Socket hub = server.accept();
                open.add(hub);
                start(() -> connect(hub));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void connect(Socket hub) {
        try {
            awaitPassage();
            Socket store = new Socket(InetAddress.getLoopbackAddress(), target);
            open.add(store);
            start(() -> pass(hub, store, toStore));
            pass(store, hub, fromStore);
        } catch (IOException e) {
            close(hub);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pass(Socket from, Socket to, LongAdder bytes) {
        byte[] buffer = new byte[65_536];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
                awaitPassage();
                bytes.add(count);
                out.write(buffer, 0, count);
                out.flush();
            }
        } catch (IOException e) {
            // the other direction has closed it
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // closed already
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        silence(false);
        closeAll();
    }
}
