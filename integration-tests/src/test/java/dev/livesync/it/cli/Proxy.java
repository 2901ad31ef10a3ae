package dev.livesync.it.cli;

import dev.livesync.it.TcpRelay;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Passes bytes between two processes and says when so and so many went through: the place where a test pulls the plug. */
final class Proxy extends TcpRelay {
    private final URI target;
    private final long threshold;
    private final AtomicLong passed = new AtomicLong();
    private final CountDownLatch reached = new CountDownLatch(1);

    private Proxy(URI target, long threshold) throws IOException {
        super(target.getHost(), target.getPort());
        this.target = target;
        this.threshold = threshold;
        begin();
    }

    /** In front of a listening address, counting up to a threshold. */
    Proxy(String address, long threshold) throws IOException {
        this(URI.create(address), threshold);
    }

    /** What to dial instead, secret included. */
    String address() {
        return target.getScheme() + "://127.0.0.1:" + localPort() + target.getRawPath() + "#" + target.getRawFragment();
    }

    long passed() {
        return passed.get();
    }

    /** Opens when the threshold is reached or a connection has ended without it. */
    CountDownLatch reached() {
        return reached;
    }

    @Override
    protected void pump(Socket from, Socket to, boolean fromDialler) throws IOException {
        byte[] piece = new byte[4096]; // small, so that the plug can be pulled anywhere
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
            out.write(piece, 0, n);
            if (passed.addAndGet(n) >= threshold) {
                reached.countDown();
            }
        }
    }

    @Override
    protected void ended() {
        reached.countDown();
    }
}
