package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hub through a day of a clock that is driven: {@link HubDay} says what it holds when all is in step, and none of it grows, but what its documents'
 * histories take.
 */
class HubDayTest {
    /**
     * What may stay for each event, which is in three databases of the process: what these know of it, and its blocks as long as their caches have room.
     * What stays of sessions is told by the classes' counts, for it would be lost in this.
     */
    private static final double BYTES_AN_EVENT = 4_096;

    /** Classes of which each session has objects of its own; a thread more is no session's. */
    private static final Pattern OF_SESSIONS =
            Pattern.compile("more (dev\\.livesync\\.(?:core|transport|group|grant|cli|[A-Z]).*) ([0-9]+)");

    @TempDir
    private Path directory;

    /** What was held, when so much had happened. */
    private record Sample(
            int minute,
            double heap,
            double threads,
            double descriptors,
            double files,
            double present,
            double timers,
            double events,
            double sessions) {
        static Sample of(String line) {
            double[] n = Arrays.stream(line.split(" "))
                    .skip(1)
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            return new Sample((int) n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8]);
        }
    }

    @Test
    void halfAnHourOfAMorningLeavesNothingBehind() throws Exception {
        List<Sample> samples = run("9", "30", "10", "42");
        assertThat(samples).hasSize(3);
        Sample first = samples.get(0);
        Sample last = samples.get(2);
        assertThat(last.sessions - first.sessions).isGreaterThan(20);
        same(first, last);
    }

    @Test
    @Tag("soak")
    void aDayLeavesNothingBehind() throws Exception {
        List<Sample> samples = run("0", "1440", "30", Long.toString(System.nanoTime() & 0xffff));
        assertThat(samples).hasSize(48);
        // Three hours until all that is made once is there.
        List<Sample> settled = samples.subList(6, samples.size());
        for (Sample sample : settled) {
            same(settled.get(0), sample);
        }
        double slope = LeastSquares.fit(
                settled.stream().map(sample -> new double[] {sample.events}).toList(),
                settled.stream().mapToDouble(Sample::heap).toArray())[1];
        System.out.printf(Locale.ROOT, "heap: %.0f bytes for each event%n", slope);
        assertThat(slope)
                .as("bytes of heap that stay for each event: %s", settled)
                .isLessThan(BYTES_AN_EVENT);
    }

    /** What is counted and not weighed is the same whenever all is in step. */
    private static void same(Sample first, Sample later) {
        assertThat(later.present).as("sessions of the hub: %s", later).isEqualTo(first.present);
        assertThat(later.threads).as("threads: %s then %s", first, later).isLessThanOrEqualTo(first.threads);
        assertThat(later.descriptors)
                .as("descriptors: %s then %s", first, later)
                .isLessThanOrEqualTo(first.descriptors);
        assertThat(later.timers).as("timers: %s then %s", first, later).isLessThanOrEqualTo(first.timers);
        assertThat(later.files).as("files of the hub: %s then %s", first, later).isLessThanOrEqualTo(first.files);
    }

    /** Objects of our classes, counted from an early sample on: fewer have been added than one for every second session, and a few that come and go. */
    private static void nothingOfSessions(String said) {
        Matcher counted = Pattern.compile("more-since ([0-9]+)").matcher(said);
        assertThat(counted.find()).isTrue();
        int sessions = Integer.parseInt(counted.group(1));
        for (Matcher more = OF_SESSIONS.matcher(said); more.find(); ) {
            if (!more.group(1).endsWith("WorkerThreads$Own")) {
                assertThat(Integer.parseInt(more.group(2)))
                        .as("%s, objects more after %s sessions", more.group(1), sessions)
                        .isLessThan(sessions / 2 + 5);
            }
        }
    }

    @Test
    void aPlaneIsFoundInItsPoints() {
        List<double[]> points =
                List.of(new double[] {1, 1e6}, new double[] {2, 5e6}, new double[] {3, 2e6}, new double[] {7, 7e6});
        double[] values =
                points.stream().mapToDouble(x -> 1e7 + 64 * x[0] - 3 * x[1]).toArray();
        double[] found = LeastSquares.fit(points, values);
        assertThat(found[0]).isEqualTo(1e7, within(1.0));
        assertThat(found[1]).isEqualTo(64, within(1e-3));
        assertThat(found[2]).isEqualTo(-3, within(1e-6));
    }

    private List<Sample> run(String hour, String minutes, String every, String seed)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx192m",
                        // Threads of the JVM's own that neither come nor go.
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-UseDynamicNumberOfCompilerThreads",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HubDay.class.getName(),
                        directory.toString(),
                        hour,
                        minutes,
                        every,
                        seed)
                .redirectErrorStream(true)
                .start();
        try {
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            System.out.println("seed " + seed + "\n" + said.strip());
            assertThat(process.waitFor()).as("seed %s: %s", seed, said).isZero();
            nothingOfSessions(said);
            return said.lines()
                    .filter(line -> line.matches("sample [0-9].*"))
                    .map(Sample::of)
                    .toList();
        } finally {
            process.destroyForcibly();
        }
    }
}
