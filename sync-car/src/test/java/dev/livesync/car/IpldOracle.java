package dev.livesync.car;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** {@code interop/ipld-oracle.mjs} as a child process: {@code @ipld/dag-cbor}, {@code @ipld/car} and {@code charwise} from npm. */
final class IpldOracle implements AutoCloseable {
    private static final Path INTEROP =
            Path.of(System.getProperty("basedir", "."), "..", "interop").normalize();

    /** What it made of bytes: the hash of a neutral description and its own encoding, or a refusal. */
    static final class Answer {
        private final String description;
        private final byte[] bytes;
        private final String error;

        private Answer(String description, byte[] bytes, String error) {
            this.description = description;
            this.bytes = bytes;
            this.error = error;
        }

        boolean accepted() {
            return error == null;
        }

        String description() {
            return description;
        }

        byte[] bytes() {
            return bytes;
        }

        String error() {
            return error;
        }
    }

    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;

    private IpldOracle(Process process) {
        this.process = process;
        this.requests = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    static IpldOracle start() throws IOException {
        require(
                Files.isDirectory(INTEROP.resolve("node_modules/charwise")),
                "NOT TESTED against npm: needs Node and npm, with which `mvn verify` installs the packages of interop");
        require(hasNode(), "NOT TESTED against npm: there is no `node` on the path");
        return new IpldOracle(new ProcessBuilder("node", "ipld-oracle.mjs")
                .directory(INTEROP.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** A skip that can be overlooked is a hole: this one shows on the console, and CI fails on any. */
    private static void require(boolean there, String otherwise) {
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
            Thread.currentThread().interrupt();
            return false;
        }
    }

    Answer decode(byte[] dagCbor) throws IOException {
        return ask("decode " + Base64.getEncoder().encodeToString(dagCbor));
    }

    Answer generate(int seed) throws IOException {
        return ask("generate " + seed);
    }

    Answer decodeCar(byte[] car) throws IOException {
        return ask("car-decode " + Base64.getEncoder().encodeToString(car));
    }

    Answer generateCar(int seed) throws IOException {
        return ask("car-generate " + seed);
    }

    Answer charwise(String id) throws IOException {
        return ask("charwise " + Base64.getEncoder().encodeToString(id.getBytes(StandardCharsets.UTF_8)));
    }

    private Answer ask(String request) throws IOException {
        requests.write(request);
        requests.newLine();
        requests.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the oracle ended");
        }
        String[] parts = answer.split(" ", 3);
        return parts[0].equals("ok")
                ? new Answer(parts[1], Base64.getDecoder().decode(parts.length > 2 ? parts[2] : ""), null)
                : new Answer(null, null, answer);
    }

    @Override
    public void close() throws IOException {
        try {
            requests.close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                throw new IOException("the oracle did not end by itself");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.destroyForcibly();
        }
    }
}
