package dev.livesync.it.leaks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.it.Keytool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Connect, sync, close, over and over, beside a hub that stays: nothing is left behind. Each in a process of its own, which mostly waits; so a few
 * go on at once, beside no other class's tests.
 */
class LeaksTest {
    private static final String PASSWORD = "changeit";

    /** What a round may cost in memory that stays: less than the least that is ours, such as a channel or a timer. */
    private static final double KILOBYTES_A_ROUND = 1;
    /** And for all rounds together: what the JDK and the libraries grow by as they warm up. */
    private static final int KILOBYTES = 2_048;

    @TempDir
    private Path directory;

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @ValueSource(
            strings = {"memory", "memory-signalling", "websocket", "websocket-tls", "libp2p", "webrtc", "webrtc-alone"})
    void eachKindOfRoundLeavesNothingBehind(String transport) throws Exception {
        // Twelve kinds, and the last round's objects are not judged.
        rounds(transport, 13, 42);
    }

    @Tag("soak")
    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @ValueSource(
            strings = {"memory", "memory-signalling", "websocket", "websocket-tls", "libp2p", "webrtc", "webrtc-alone"})
    void sixHundredRoundsLeaveNothingBehind(String transport) throws Exception {
        rounds(transport, 600, System.nanoTime());
    }

    private void rounds(String transport, int rounds, long seed) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(transport, "" + rounds, "" + seed));
        if (transport.equals("websocket-tls")) {
            Path keys = Keytool.generate(directory.resolve("keys.p12"), PASSWORD, "test", "CN=localhost");
            arguments.addAll(List.of(keys.toString(), PASSWORD, pin(keys)));
        }
        String said = run("-Xmx96m", LeakProgram.class, arguments);
        System.out.println(transport + ", seed " + seed + "\n" + said.strip());
        assertThat(figure(said, "kept", 1))
                .as("objects that should be garbage: %s", said)
                .isZero();
        assertThat(figure(said, "snapshots", 1)).as("open snapshots: %s", said).isEqualTo(figure(said, "snapshots", 0));
        assertThat(figure(said, "rounds [0-9]+, opened snapshots", 0))
                .as("snapshots that were counted")
                .isPositive();
        assertThat(figure(said, "threads", 1)).as("threads: %s", said).isLessThanOrEqualTo(figure(said, "threads", 0));
        assertThat(figure(said, "descriptors", 1))
                .as("descriptors: %s", said)
                .isLessThanOrEqualTo(figure(said, "descriptors", 0));
        assertThat((double) figure(said, "heap", 1) - figure(said, "heap", 0))
                .as("kilobytes of heap more: %s", said)
                .isLessThanOrEqualTo(KILOBYTES + KILOBYTES_A_ROUND * rounds);
    }

    /** The first or second number of a line. */
    private static int figure(String said, String line, int which) {
        Matcher matcher = Pattern.compile("^" + line + " ([0-9]+)(?: ([0-9]+))?", Pattern.MULTILINE)
                .matcher(said);
        assertThat(matcher.find()).as("%s in: %s", line, said).isTrue();
        return Integer.parseInt(matcher.group(1 + which));
    }

    /** Five megabytes in each database, and a heap for less than four rounds of them. */
    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @ValueSource(strings = {"websocket", "libp2p", "webrtc"})
    void largeDatabasesThatWereClosedAreGarbage(String transport) throws Exception {
        String said = run("-Xmx128m", LargeProgram.class, List.of(transport, "8"));
        assertThat(said.lines()
                        .filter(line -> line.matches("[0-9]+: [0-9]+ MB"))
                        .count())
                .as(said)
                .isEqualTo(8);
    }

    /** A loop of events that ended at the wrong moment left its socket open, one time in twenty. */
    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @ValueSource(strings = {"websocket", "libp2p"})
    void aSyncThatDialsAndClosesLeavesNoSocketOpen(String transport) throws Exception {
        String said = run("-Xmx128m", ShortDialsProgram.class, List.of(transport, "200"));
        assertThat(figure(said, "sockets", 0)).as("the listener's: %s", said).isEqualTo(1);
        assertThat(figure(said, "sockets", 1))
                .as("when all is closed: %s", said)
                .isZero();
    }

    private static String run(String heap, Class<?> program, List<String> arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                heap,
                // Threads of the JVM's own that neither come nor go.
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UseDynamicNumberOfCompilerThreads",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        line.addAll(arguments);
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("it ended: %s", said)
                    .isTrue();
            assertThat(process.exitValue()).as(said).isZero();
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    private static String pin(Path keys) throws Exception {
        KeyStore store = KeyStore.getInstance(keys.toFile(), PASSWORD.toCharArray());
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(store.getCertificate("test").getEncoded()));
    }
}
