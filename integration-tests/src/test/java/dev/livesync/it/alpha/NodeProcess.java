package dev.livesync.it.alpha;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A program of {@code interop} that drives alphas, as a child process: a line out, a line in. One thread asks. */
public final class NodeProcess implements AutoCloseable {
    public static final ObjectMapper JSON = new ObjectMapper();

    private static final Path INTEROP =
            Path.of(System.getProperty("basedir", "."), "..", "interop").normalize();
    private static final String END = "";

    /** How long an alpha may think. It is slow, and so may the machine be. */
    private static final long PATIENCE_SECONDS = 300;

    private final Process process;
    private final BufferedWriter out;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Consumer<JsonNode> events;
    private long numbers;

    private NodeProcess(Process process, Consumer<JsonNode> events) {
        this.process = process;
        this.events = events;
        this.out = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "lines of the alpha driver");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts {@code interop/alpha/driver.mjs}.
     *
     * @param events takes what comes and is no answer; called within the methods here
     */
    static NodeProcess start(String version, Consumer<JsonNode> events) {
        return start("alpha", "driver.mjs", version, events);
    }

    /** Starts {@code interop/webrtc/alpha.mjs}, whose alphas have connections of their own. */
    public static NodeProcess overWebRtc(String version) {
        return start("webrtc", "alpha.mjs", version, line -> {}); // late answers: nobody waits for them any more
    }

    /** Starts {@code interop/alpha/room.mjs}, whose alphas have {@code interop/room} in the place of simple-peer. */
    public static NodeProcess inRooms(String version) {
        return start("alpha", "room.mjs", version, line -> {});
    }

    private static NodeProcess start(String folder, String program, String version, Consumer<JsonNode> events) {
        Path home = INTEROP.resolve(folder);
        require(
                Files.isDirectory(home.resolve("node_modules/@fireproof/core")),
                "NOT TESTED against alpha peers: needs Node and npm, with which `mvn verify` installs the packages of interop/"
                        + folder);
        require(hasNode(), "NOT TESTED against alpha peers: there is no `node` on the path");
        try {
            return new NodeProcess(
                    new ProcessBuilder("node", "--max-old-space-size=2048", program, version)
                            .directory(home.toFile())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start(),
                    events);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A skip that can be overlooked is a hole: this one shows on the console, and fails where CI says so. */
    private static void require(boolean there, String otherwise) {
        if (!there) {
            System.err.println(otherwise);
            if (System.getenv("CI") != null) {
                throw new AssertionError(otherwise);
            }
        }
        assumeTrue(there, otherwise);
    }

    private static boolean hasNode() {
        try {
            Process node = new ProcessBuilder("node", "--version")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return node.waitFor(60, TimeUnit.SECONDS) && node.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void read() {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            // The process has ended.
        }
        lines.add(END);
    }

    /** Sends a line that has no answer. */
    void tell(ObjectNode line) {
        try {
            out.write(JSON.writeValueAsString(line));
            out.newLine();
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the alpha driver has ended", e);
        }
    }

    /** Sends a command and waits for its answer; what comes before is passed on. */
    public JsonNode ask(ObjectNode command) {
        long n = ++numbers;
        tell(command.put("n", n));
        while (true) {
            JsonNode line = next();
            if (line.path("n").asLong(-1) != n) {
                events.accept(line);
            } else if (line.has("error")) {
                throw new AlphaError(line.get("error").asText());
            } else {
                return line.get("ok");
            }
        }
    }

    private JsonNode next() {
        try {
            String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (line == null || line.equals(END)) {
                throw new AssertionError(line == null ? "the alpha driver says nothing" : "the alpha driver ended");
            }
            return JSON.readTree(line);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
