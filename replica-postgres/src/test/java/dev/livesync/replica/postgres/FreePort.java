package dev.livesync.replica.postgres;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** A port for a process that has to be told one. */
public final class FreePort {
    /** Systems give out ports from above these: one of them would be taken between here and whoever is to have it. */
    private static final int LOWEST = 20_000;

    private static final int HIGHEST = 32_000;

    private FreePort() {}

    /**
     * Finds a port that nobody listens at, and that no system gives to somebody who asks for any.
     *
     * @return a port, each time by chance
     */
    public static int find() throws IOException {
        IOException last = new IOException("no port was tried");
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }
}
