package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.replica.postgres.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An nginx of the test's own, on the loopback interface, with nothing outside its folder. */
final class Nginx implements AutoCloseable {
    private static final int ATTEMPTS = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final int port;
    private final Path log;

    private Nginx(Process process, int port, Path log) {
        this.process = process;
        this.port = port;
        this.log = log;
    }

    /** Its program, on the path or where Debian puts it, which is on the path of few. */
    static Optional<Path> program() {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
                .map(folder -> Path.of(folder, "nginx"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts it.
     *
     * @param folder its own
     * @param site a server block as users write it, for port 443
     */
    static Nginx start(Path folder, String site) throws IOException {
        return start(folder, site, true);
    }

    /** The same, and says whether it speaks TLS at that port. */
    static Nginx start(Path folder, String site, boolean tls) throws IOException {
        Files.createDirectories(folder);
        Path log = folder.resolve("error.log");
        Files.writeString(folder.resolve("nginx.conf"), """
                daemon off;
                worker_processes 1;
                pid nginx.pid;
                error_log error.log;
                events {}
                http {
                    access_log off;
                    client_body_temp_path body;
                    proxy_temp_path proxy;
                    fastcgi_temp_path fastcgi;
                    uwsgi_temp_path uwsgi;
                    scgi_temp_path scgi;
                    include site.conf;
                }
                """);
        for (int attempt = 1; ; attempt++) {
            int port = FreePort.find();
            Files.deleteIfExists(log);
            Files.writeString(
                    folder.resolve("site.conf"),
                    substitute(site, "listen 443 ssl;", "listen 127.0.0.1:" + port + (tls ? " ssl;" : ";")));
            Process process = new ProcessBuilder(
                            program().orElseThrow().toString(),
                            "-p",
                            folder.toString(),
                            "-c",
                            folder.resolve("nginx.conf").toString(),
                            "-e",
                            log.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("output").toFile())
                    .start();
            Nginx nginx = new Nginx(process, port, log);
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> !process.isAlive() || nginx.answers());
            if (process.isAlive()) {
                return nginx;
            }
            // Somebody else may have taken the port in the meantime.
            assertThat(attempt)
                    .as("attempts; nginx said: %s %s", nginx.said(), Files.readString(folder.resolve("output")))
                    .isLessThan(ATTEMPTS);
        }
    }

    /** Replaces what has to be there. */
    static String substitute(String text, String what, String by) {
        assertThat(text).contains(what);
        return text.replace(what, by);
    }

    private boolean answers() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    int port() {
        return port;
    }

    String address() {
        return "wss://127.0.0.1:" + port + "/";
    }

    /** What it complained of. */
    List<String> said() {
        try {
            return Files.exists(log) ? Files.readAllLines(log) : List.of();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new AssertionError("nginx does not end: " + said());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
