package dev.livesync.transport.webrtc;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.api.transport.Signal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A program of {@code interop/webrtc} as a child process, which says and hears one JSON value a line. */
final class NodePeer implements AutoCloseable {
    private static final Path INTEROP = Path.of(System.getProperty("basedir", "."), "..", "interop", "webrtc")
            .normalize();
    private static final Pattern SDP = Pattern.compile("\"sdp\":\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final Process process;
    private final Writer input;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private NodePeer(Process process) {
        this.process = process;
        this.input = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(() -> {
            try (var output = process.inputReader(StandardCharsets.UTF_8)) {
                output.lines().forEach(lines::add);
            } catch (IOException | UncheckedIOException e) {
                lines.add("the output broke: " + e);
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    static NodePeer start(String program, String... arguments) throws IOException {
        require(
                Files.isDirectory(INTEROP.resolve("node_modules/simple-peer")),
                "NOT TESTED against simple-peer: needs Node and npm, with which `mvn verify` installs the packages of interop/webrtc");
        require(hasNode(), "NOT TESTED against simple-peer: there is no `node` on the path");
        List<String> command = new java.util.ArrayList<>(List.of("node", program));
        command.addAll(List.of(arguments));
        return new NodePeer(new ProcessBuilder(command)
                .directory(INTEROP.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** A skip that can be overlooked is a hole: this one shows on the console, and CI fails on any. */
    static void require(boolean there, String otherwise) {
        if (!there) {
            System.err.println(otherwise);
        }
        assumeTrue(there, otherwise);
    }

    private static boolean hasNode() {
        try {
            Process node = new ProcessBuilder("node", "--version")
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return node.waitFor(30, TimeUnit.SECONDS) && node.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    void say(String line) throws IOException {
        input.write(line + "\n");
        input.flush();
    }

    void say(Signal signal) throws IOException {
        String sdp = signal.field("sdp").replace("\r", "\\r").replace("\n", "\\n");
        say("{\"type\":\"" + (signal.kind() == Signal.Kind.OFFER ? "offer" : "answer") + "\",\"sdp\":\"" + sdp + "\"}");
    }

    /** The next line; what it says about is checked by the caller. */
    String hear() throws InterruptedException {
        String line = lines.poll(60, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError("the Node process says nothing; alive: " + process.isAlive());
        }
        return line;
    }

    Signal hearSignal(Signal.Kind kind) throws InterruptedException {
        String line = hear();
        Matcher sdp = SDP.matcher(line);
        if (!line.contains(kind == Signal.Kind.OFFER ? "\"type\":\"offer\"" : "\"type\":\"answer\"") || !sdp.find()) {
            throw new AssertionError("not a signal: " + line);
        }
        return new Signal(kind, Map.of("sdp", sdp.group(1).replace("\\r", "\r").replace("\\n", "\n")));
    }

    /** As by the kernel: nothing is said to anybody. */
    void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
