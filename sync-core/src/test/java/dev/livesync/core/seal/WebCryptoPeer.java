package dev.livesync.core.seal;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/** {@code interop/sealed-peer.mjs} as a child process. It needs Node and no packages. */
final class WebCryptoPeer implements AutoCloseable {
    private static final Path INTEROP =
            Path.of(System.getProperty("basedir", "."), "..", "interop").normalize();

    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;

    private WebCryptoPeer(Process process) {
        this.process = process;
        this.requests = process.outputWriter(StandardCharsets.US_ASCII);
        this.answers = process.inputReader(StandardCharsets.US_ASCII);
    }

    static WebCryptoPeer start() throws IOException {
        boolean node = hasNode();
        if (!node) {
            // A skip that can be overlooked is a hole: this one shows on the console, and CI fails on any.
            System.err.println("NOT TESTED against WebCrypto: there is no `node` on the path");
        }
        assumeTrue(node, "NOT TESTED against WebCrypto: there is no `node` on the path");
        return new WebCryptoPeer(new ProcessBuilder("node", "--no-warnings", "sealed-peer.mjs")
                .directory(INTEROP.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
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
            Thread.currentThread().interrupt();
            return false;
        }
    }

    static String hex(byte[] bytes) {
        return bytes.length == 0 ? "-" : HexFormat.of().formatHex(bytes);
    }

    static byte[] bytes(String hex) {
        return hex.equals("-") ? new byte[0] : HexFormat.of().parseHex(hex);
    }

    /** The words of the answer; fails if there is an error. */
    String[] ask(String... words) throws IOException {
        requests.write(String.join(" ", words));
        requests.newLine();
        requests.flush();
        String answer = answers.readLine();
        if (answer == null || !answer.startsWith("ok ")) {
            throw new IOException("the peer said to " + words[0] + ": " + answer);
        }
        String[] parts = answer.split(" ", -1);
        return Arrays.copyOfRange(parts, 1, parts.length);
    }

    @Override
    public void close() throws IOException {
        try {
            requests.close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                throw new IOException("the peer did not end by itself");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
