package dev.livesync.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between diallers and a listener, on the loopback interface unless told otherwise: each direction of each connection has a thread, on which a test does what it likes. */
public abstract class TcpRelay implements AutoCloseable {
    private final String host;
    private final int port;
    private final ServerSocket server;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

    /** Binds a port; nobody is let in before {@link #begin}. */
    protected TcpRelay(String host, int port) throws IOException {
        this(InetAddress.getLoopbackAddress(), host, port);
    }

    /** The same at another interface than the loopback one. */
    protected TcpRelay(InetAddress at, String host, int port) throws IOException {
        this.host = host;
        this.port = port;
        this.server = new ServerSocket(0, 50, at);
    }

    /** Lets diallers in; last in the constructor. */
    protected final void begin() {
        spawn(() -> {
            try {
                while (true) {
                    Socket near = keep(server.accept());
                    connected(near, keep(new Socket(host, port)));
                }
            } catch (IOException e) {
                close();
            }
        });
    }

    /** Called with both sides of a connection; starts the two {@linkplain #pass directions}. */
    private void connected(Socket dialler, Socket listener) {
        pass(() -> pump(dialler, listener, true), dialler, listener);
        pass(() -> pump(listener, dialler, false), dialler, listener);
    }

    /** Passes one direction on, until an exception ends it. */
    protected abstract void pump(Socket from, Socket to, boolean fromDialler) throws IOException;

    /** Called when a direction has ended. */
    protected void ended() {}

    /** Where diallers come in. */
    protected final int localPort() {
        return server.getLocalPort();
    }

    private interface Direction {
        void run() throws IOException;
    }

    private void pass(Direction direction, Socket one, Socket other) {
        spawn(() -> {
            try (one;
                    other) {
                direction.run();
            } catch (IOException e) {
                // One end has gone; closing the other is all there is to do.
            } finally {
                ended();
            }
        });
    }

    private Socket keep(Socket socket) {
        sockets.add(socket);
        return socket;
    }

    private static void spawn(Runnable work) {
        Thread thread = new Thread(work, "livesync-test-relay");
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
