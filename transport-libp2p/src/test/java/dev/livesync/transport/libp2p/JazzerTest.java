package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * {@link FuzzTarget}s under Jazzer, which looks for inputs that reach code not reached before. Each run is a process of its own:
 * it instruments what it loads, and ends the process at a finding.
 */
class JazzerTest {
    private static final int MINUTES = 30;
    private static final Pattern REACHED = Pattern.compile("cov: \\d+ ft: \\d+ corp: \\d+");
    private static final Pattern DONE = Pattern.compile("Done (\\d+) runs in \\d+ second");

    @TempDir
    private Path directory;

    @Test
    void aLittleOfItFindsNothing() throws Exception {
        expectNothing(JazzerProgram.ALL, 60_000);
    }

    @Tag("soak")
    @ParameterizedTest
    @EnumSource
    void twoAndAHalfMillionEachFindNothing(FuzzTarget target) throws Exception {
        expectNothing(target.name(), Integer.getInteger("fuzz.inputs", 2_500_000));
    }

    @Test
    void aLengthThatIsBelievedIsFound() throws Exception {
        Result result = run(JazzerProgram.PLANTED, 2_000_000);
        assertThat(result.exit()).as(result.said()).isNotZero();
        assertThat(result.said()).contains("AssertionError: the input made us allocate");
    }

    private void expectNothing(String target, int inputs) throws Exception {
        Result result = run(target, inputs);
        assertThat(result.exit()).as(result.said()).isZero();
        Matcher last = REACHED.matcher(result.said());
        String reached = "";
        while (last.find()) {
            reached = last.group();
        }
        assertThat(reached).isNotEmpty();
        Matcher done = DONE.matcher(result.said());
        assertThat(done.find()).as(result.said()).isTrue();
        assertThat(Integer.parseInt(done.group(1))).isEqualTo(inputs);
        System.out.println(target + ": " + done.group() + ", " + reached);
    }

    private record Result(int exit, String said) {}

    private Result run(String target, int inputs) throws IOException, InterruptedException {
        Path log = directory.resolve("log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + JazzerProgram.class.getName(),
                "--target_args=" + target,
                "--instrumentation_includes=dev.livesync.**",
                "--reproducer_path=" + directory,
                "-artifact_prefix=" + directory + "/",
                "-runs=" + inputs,
                "-max_len=1024",
                "-len_control=10",
                "-timeout=10"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(process.waitFor(MINUTES, TimeUnit.MINUTES)).as("it ends").isTrue();
            return new Result(process.exitValue(), Files.readString(log));
        } finally {
            process.destroyForcibly();
        }
    }
}
