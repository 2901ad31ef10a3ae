package dev.livesync.it.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code interop/libp2p/peer.mjs} as a child process: one js-libp2p peer. */
final class JsPeer implements AutoCloseable {
    private static final Path INTEROP = Path.of(System.getProperty("basedir", "."), "..", "interop", "libp2p")
            .normalize();

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_SECONDS = 120;

    private final Process process;
    private final BufferedWriter requests;
    private final AtomicInteger number = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();

    @SuppressWarnings("JdkObsolete") // two threads use it
    private final StringBuffer faults = new StringBuffer();

    private final String peerId;
    private final String address;

    private static final String OTHERWISE =
            "NOT TESTED against js-libp2p: needs Node and npm, with which `mvn verify` installs the packages of interop/libp2p";

    private JsPeer(String key) throws Exception {
        process = new ProcessBuilder("node", "peer.mjs")
                .directory(INTEROP.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        requests = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "js-peer");
        reader.setDaemon(true);
        reader.start();
        JsonNode started = call("start", "key", key);
        peerId = started.get("peerId").asText();
        address = started.get("address").asText();
    }

    /** A peer with an identity key of that type. */
    static JsPeer start(String key) throws Exception {
        boolean there = Files.isDirectory(INTEROP.resolve("node_modules/libp2p"));
        if (!there) {
            // A skip that can be overlooked is a hole: CI fails on any.
            System.err.println(OTHERWISE);
        }
        assumeTrue(there, OTHERWISE);
        return new JsPeer(key);
    }

    static JsPeer start() throws Exception {
        return start("Ed25519");
    }

    String peerId() {
        return peerId;
    }

    /** A multiaddr with the peer id. */
    String address() {
        return address;
    }

    String faults() {
        return faults.toString();
    }

    /** Names and values in turn. */
    JsonNode call(String what, Object... arguments) throws Exception {
        try {
            return begin(what, arguments).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(what + ": " + e.getCause().getMessage(), e);
        }
    }

    CompletableFuture<JsonNode> begin(String what, Object... arguments) throws IOException {
        ObjectNode command = JSON.createObjectNode();
        int n = number.incrementAndGet();
        command.put("n", n);
        command.put("do", what);
        for (int i = 0; i < arguments.length; i += 2) {
            command.set((String) arguments[i], JSON.valueToTree(arguments[i + 1]));
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(n, answer);
        synchronized (requests) {
            requests.write(command + "\n");
            requests.flush();
        }
        return answer;
    }

    private void read() {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonNode said = JSON.readTree(line);
                CompletableFuture<JsonNode> answer =
                        said.has("n") ? answers.remove(said.get("n").asInt()) : null;
                if (answer == null) {
                    faults.append(line).append('\n');
                } else if (said.has("error")) {
                    answer.completeExceptionally(
                            new IOException(said.get("error").asText()));
                } else {
                    answer.complete(said.get("ok"));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            answers.values().forEach(answer -> answer.completeExceptionally(new IOException("the peer has gone")));
        }
    }

    @Override
    public void close() throws IOException {
        requests.close();
        try {
            assertThat(process.waitFor(10, TimeUnit.SECONDS))
                    .as("the peer ends")
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
