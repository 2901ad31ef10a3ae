package dev.livesync.it.room;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The room of {@code examples/partykit} in a process of its own, on a free port of this machine. */
public final class ServedRoom implements AutoCloseable {
    /** What runs it. */
    @SuppressWarnings("JavaLangClash") // what runs a room is called that
    public enum Runtime {
        WORKERD,
        PARTYKIT;

        String program() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Path PROJECT =
            Path.of(System.getProperty("basedir", "."), "..").toAbsolutePath().normalize();
    private static final long PATIENCE_SECONDS = 60;
    private static final String OTHERWISE =
            "NOT TESTED in a room: needs Node and npm, with which `mvn verify` installs the packages of examples/partykit";

    private final Runtime runtime;
    private final String token;
    private Process process;
    private String url;

    private ServedRoom(Runtime runtime, String token) throws IOException {
        this.runtime = runtime;
        this.token = token;
        run(0);
    }

    /** A room that wants no token. */
    public static ServedRoom start(Runtime runtime) throws IOException {
        return start(runtime, "");
    }

    public static ServedRoom start(Runtime runtime, String token) throws IOException {
        boolean there = Files.exists(
                PROJECT.resolve("examples/partykit/node_modules/.bin").resolve(runtime.program()));
        if (!there) {
            System.err.println(OTHERWISE);
        }
        assumeTrue(there, OTHERWISE);
        return new ServedRoom(runtime, token);
    }

    private void run(int port) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("node", "rig.mjs", runtime.program(), String.valueOf(port))
                .directory(PROJECT.resolve("interop/room").toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("LIVESYNC_TOKEN", token);
        process = builder.start();
        BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
        String line = said.readLine();
        if (line == null) {
            throw new IOException("the room does not start");
        }
        url = new ObjectMapper().readTree(line).get("url").asText();
    }

    /** Where one of its rooms is. */
    public URI room(String name) {
        return URI.create(url + name);
    }

    int port() {
        return URI.create(url).getPort();
    }

    /** What its processes have in memory, in bytes. */
    public long memory() throws IOException {
        long sum = 0;
        for (ProcessHandle each : process.descendants().toList()) {
            Path status = Path.of("/proc", Long.toString(each.pid()), "status");
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("VmRSS:")) {
                    sum += Long.parseLong(line.replaceAll("[^0-9]", "")) * 1_024;
                }
            }
        }
        return sum;
    }

    /** Everybody is disconnected, and the room is there again at the same address. */
    public void restart() throws IOException {
        int port = port();
        close();
        run(port);
    }

    @Override
    public void close() throws IOException {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("the room does not stop");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
