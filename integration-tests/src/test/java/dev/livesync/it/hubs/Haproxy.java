package dev.livesync.it.hubs;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** HAProxy in front of hubs, as {@code docs/hubs.md} configures it, on the loopback interface. */
final class Haproxy implements AutoCloseable {
    private static final Pattern BLOCK = Pattern.compile("```haproxy\n(.*?)```\n", Pattern.DOTALL);

    private final Process process;
    private final int port;

    private Haproxy(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static Optional<Path> program() {
        return Stream.of("/usr/sbin/haproxy", "/usr/local/sbin/haproxy")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts it.
     *
     * @param folder its own
     * @param port where clients come
     * @param hubs the ports of each hub: for sessions, and for health
     */
    static Haproxy start(Path folder, int port, int[][] hubs) throws IOException {
        Matcher block = BLOCK.matcher(Files.readString(Path.of("../docs/hubs.md")));
        if (!block.find()) {
            throw new AssertionError("no configuration on the page");
        }
        StringBuilder servers = new StringBuilder();
        for (int n = 0; n < hubs.length; n++) {
            servers.append("    server hub")
                    .append(n)
                    .append(" 127.0.0.1:")
                    .append(hubs[n][0])
                    .append(" check port ")
                    .append(hubs[n][1])
                    .append('\n');
        }
        String configured = block.group(1)
                .replaceAll("(?m)^ *server .*\n", "")
                .replace("bind :9000", "bind 127.0.0.1:" + port)
                .replace("inter 2s", "inter 200ms");
        Path file = folder.resolve("haproxy.cfg");
        Files.writeString(file, configured + servers);
        Process process = new ProcessBuilder(program().orElseThrow().toString(), "-db", "-f", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("haproxy.log").toFile())
                .start();
        Haproxy proxy = new Haproxy(process, port);
        await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> !process.isAlive() || proxy.answers());
        if (!process.isAlive()) {
            throw new AssertionError("HAProxy: " + Files.readString(folder.resolve("haproxy.log")));
        }
        return proxy;
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws Exception {
        process.destroy();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly();
        }
    }
}
