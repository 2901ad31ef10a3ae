package dev.livesync.it.delivery;

import dev.livesync.it.TcpRelay;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Keeps the order in which the two ends of a connection spoke: what one says before the other says something is a flight. */
final class FlightRecorder extends TcpRelay {
    /** What one end said in one go, however many pieces it came in. */
    record Flight(boolean fromDialler, long bytes) {}

    private final URI target;
    private final List<Flight> flights = new ArrayList<>();

    private FlightRecorder(URI target) throws IOException {
        super(target.getHost(), target.getPort());
        this.target = target;
        begin();
    }

    /** In front of a listening address, secret included. */
    FlightRecorder(String address) throws IOException {
        this(URI.create(address));
    }

    /** What to dial instead. */
    String address() {
        return target.getScheme() + "://127.0.0.1:" + localPort() + target.getRawPath() + "#" + target.getRawFragment();
    }

    synchronized List<Flight> flights() {
        return List.copyOf(flights);
    }

    @Override
    protected void pump(Socket from, Socket to, boolean fromDialler) throws IOException {
        byte[] piece = new byte[65_536];
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
            passed(fromDialler, n); // before it can be answered
            out.write(piece, 0, n);
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
}
