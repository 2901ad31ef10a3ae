package dev.livesync.it.delivery;

import dev.livesync.it.TcpRelay;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/** Passes everything on, and cuts connections when it is told to. */
final class CuttingRelay extends TcpRelay {
    private final URI target;
    private final Set<Socket> diallers = ConcurrentHashMap.newKeySet();

    private CuttingRelay(URI target) throws IOException {
        super(target.getHost(), target.getPort());
        this.target = target;
        begin();
    }

    /** In front of a listening address. */
    CuttingRelay(String address) throws IOException {
        this(URI.create(address));
    }

    /** What to dial instead, secret included. */
    String address() {
        return target.getScheme() + "://127.0.0.1:" + localPort() + target.getRawPath() + "#" + target.getRawFragment();
    }

    int open() {
        return diallers.size();
    }

    /** Cuts each connection with a probability; returns how many. */
    int cut(double probability, RandomGenerator random) throws IOException {
        int cut = 0;
        List<Socket> open = new ArrayList<>(diallers);
        for (Socket socket : open) {
            if (random.nextDouble() < probability) {
                socket.close();
                cut++;
            }
        }
        return cut;
    }

    @Override
    protected void pump(Socket from, Socket to, boolean fromDialler) throws IOException {
        if (fromDialler) {
            diallers.add(from);
        }
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } finally {
            diallers.remove(from);
            diallers.remove(to);
        }
    }
}
