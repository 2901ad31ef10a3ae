package dev.livesync.transport.webrtc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.test.program.ConnectionsProgram;
import dev.livesync.test.program.DamageProgram;
import dev.livesync.test.program.WebRtcEchoProgram;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whole programs of their own, some of them brutal: the library below aborts the process when it is misused. */
class WebRtcProcessTest {
    private static final Pattern FIGURES =
            Pattern.compile("connections ([0-9]+), .* kilobytes each (-?[0-9]+), threads more (-?[0-9]+)\\R");

    private static ChildProcess.Result run(List<String> arguments) throws Exception {
        return ChildProcess.run(arguments);
    }

    @Test
    void aProgramEndsByItselfOnceItsTransportIsClosed() throws Exception {
        ChildProcess.Result result = run(ChildProcess.onClassPath(WebRtcEchoProgram.class, List.of()));
        assertThat(result.said()).isEqualTo("unnamed module: hello, no output but this\n");
        assertThat(result.exit()).isZero();
    }

    @Test
    void itRunsOnTheModulePath() throws Exception {
        ChildProcess.Result result = run(List.of(
                "--module-path",
                ChildProcess.path(true),
                "--add-modules",
                "dev.livesync.transport.webrtc,webrtc.linux.x86_64",
                "-cp",
                ChildProcess.path(false),
                WebRtcEchoProgram.class.getName()));
        assertThat(result.said()).isEqualTo("module dev.livesync.transport.webrtc: hello, no output but this\n");
        assertThat(result.exit()).isZero();
    }

    @Test
    void withoutTheNativeModuleTheErrorSaysWhatToAdd() throws Exception {
        ChildProcess.Result result = run(List.of(
                "--module-path",
                ChildProcess.path(true),
                "--add-modules",
                "dev.livesync.transport.webrtc",
                "-cp",
                ChildProcess.path(false),
                WebRtcEchoProgram.class.getName()));
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.said()).contains("SyncException").contains("--add-modules webrtc.linux.x86_64");
    }

    /** Returns the kilobytes that each connection left behind, both its ends together. */
    private static int openAndClose(int connections, int raced, long seed) throws Exception {
        ChildProcess.Result result = run(ChildProcess.onClassPath(
                ConnectionsProgram.class,
                // The heap is there from the start, so that what grows is native.
                List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch"),
                "count",
                connections,
                raced,
                seed));
        assertThat(result.exit()).as("seed %d: %s", seed, result.said()).isZero();
        Matcher figures = FIGURES.matcher(result.said());
        assertThat(figures.find()).as("seed %d: %s", seed, result.said()).isTrue();
        System.out.println(result.said().strip());
        assertThat(Integer.parseInt(figures.group(3)))
                .as("threads left, seed %d", seed)
                .isLessThanOrEqualTo(4);
        return Integer.parseInt(figures.group(2));
    }

    @Test
    void connectionsOpenedAndClosedWhileBothEndsSendCrashNothing() throws Exception {
        openAndClose(40, 20, 1);
    }

    @Tag("soak")
    @Test
    void fiveHundredConnectionsLeaveNothingBehind() throws Exception {
        assertThat(openAndClose(500, 100, System.nanoTime()))
                .as("kilobytes for each connection")
                .isLessThanOrEqualTo(200);
    }

    private static void damage(int rounds, long seed) throws Exception {
        ChildProcess.Result result =
                run(ChildProcess.onClassPath(DamageProgram.class, List.of("-Xmx64m"), seed, rounds));
        assertThat(result.exit()).as("seed %d: %s", seed, result.said()).isZero();
        assertThat(result.said()).contains("offer taken", "offer MALFORMED", "answer MALFORMED");
    }

    @Test
    void damagedSignalsAreTakenOrRefused() throws Exception {
        damage(12, 3);
    }

    @Tag("soak")
    @Test
    void manyDamagedSignalsAreTakenOrRefused() throws Exception {
        damage(300, System.nanoTime());
    }

    private static void exitInTheMiddle(int times, long seed) throws Exception {
        for (int i = 0; i < times; i++) {
            ChildProcess.Result result =
                    run(ChildProcess.onClassPath(ConnectionsProgram.class, List.of("-Xmx64m"), "exit", seed + i));
            assertThat(result.exit())
                    .as("exit code with seed %d: %s", seed + i, result.said())
                    .isEqualTo(42);
        }
    }

    @Test
    void aProcessMayExitInTheMiddleOfItAll() throws Exception {
        exitInTheMiddle(4, 100);
    }

    @Tag("soak")
    @Test
    void aHundredExitsInTheMiddleOfItAll() throws Exception {
        exitInTheMiddle(100, System.nanoTime());
    }
}
