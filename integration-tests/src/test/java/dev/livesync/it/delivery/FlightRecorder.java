package dev.livesync.it.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * Passes one connection's bytes between a dialler and a listener, and keeps the order in which the two spoke: what one end says before the
 * other says something is a flight.
 */
final class FlightRecorder implements AutoCloseable {
    /** What one end said in one go, however many pieces it came in. */
    record Flight(boolean fromDialler, long bytes) {}

    private final URI target;
    private final ServerSocket server;
    private final List<Socket> sockets = new ArrayList<>();
    private final List<Flight> flights = new ArrayList<>();

    /** In front of a listening address, secret included. */
    FlightRecorder(String address) throws IOException {
        target = URI.create(address);
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        spawn(this::accept);
    }

    /** What to dial instead. */
    String address() {
        return target.getScheme() + "://127.0.0.1:" + server.getLocalPort() + target.getRawPath() + "#"
                + target.getRawFragment();
    }

    synchronized List<Flight> flights() {
        return List.copyOf(flights);
    }

    private void accept() {
        try {
            Socket near = keep(server.accept());
            Socket far = keep(new Socket(target.getHost(), target.getPort()));
            spawn(() -> pump(near, far, true));
            spawn(() -> pump(far, near, false));
        } catch (IOException e) {
            close();
        }
    }

    private void pump(Socket from, Socket to, boolean fromDialler) {
        byte[] piece = new byte[65_536];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                passed(fromDialler, n); // before it can be answered
                out.write(piece, 0, n);
            }
        } catch (IOException e) {
            // One end has gone; closing the other is all there is to do.
        }
    }

    private synchronized void passed(boolean fromDialler, int bytes) {
        int last = flights.size() - 1;
        if (last >= 0 && flights.get(last).fromDialler() == fromDialler) {
            flights.set(last, new Flight(fromDialler, flights.get(last).bytes() + bytes));
        } else {
            flights.add(new Flight(fromDialler, bytes));
        }
    }

    private synchronized Socket keep(Socket socket) {
        sockets.add(socket);
        return socket;
    }

    private static void spawn(Runnable task) {
        Thread thread = new Thread(task, "flight-recorder");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public synchronized void close() {
        try {
            server.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
