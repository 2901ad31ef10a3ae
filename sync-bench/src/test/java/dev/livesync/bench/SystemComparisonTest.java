package dev.livesync.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.bench.compare.Figures;
import dev.livesync.bench.compare.Other;
import dev.livesync.bench.compare.Page;
import dev.livesync.bench.compare.Participant;
import dev.livesync.bench.compare.Plan;
import dev.livesync.bench.compare.SystemComparison;
import dev.livesync.bench.workload.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The comparison in its short form: that every workload ends with equal sides and counts something, not how fast it is. */
@Timeout(240)
class SystemComparisonTest {
    private static final int PUTS = 20;

    @TempDir
    Path folder;

    private final long seed = new Random().nextInt(1_000_000);
    private final List<String> said = new ArrayList<>();

    @Test
    void itCountsWhatPasses() throws Exception {
        System.out.println("seed " + seed);
        List<String> lines = run(List.of(memory()), 300, List.of(300, 600), SystemComparison::counted);
        // Names of fields and CIDs don't travel; of a document 80 bytes are its values. Upper bounds:
        // docs/benchmarks.md, "Bytes".
        assertThat(value(lines, "counted;LiveSync, memory;300;init bytes;0")).isBetween(300.0 * 80, 300.0 * 185);
        assertThat(value(lines, "counted;LiveSync, memory;300;resync bytes;0"))
                .isBetween(1.0, value(lines, "counted;LiveSync, memory;300;init bytes;0"));
        assertThat(value(lines, "counted;LiveSync, memory;300;diff bytes;0")).isBetween(20.0 * 80, 11_854.0);
        assertThat(value(lines, "counted;LiveSync, memory;300;diff bytes, one by one;0"))
                .isBetween(20.0 * 80, 11_854.0);
        assertThat(value(lines, "counted;LiveSync, memory;300;live bytes;0")).isBetween(80.0, 241.0);
        assertThat(value(lines, "counted;LiveSync, memory;300;init bytes, one by one;0"))
                .isGreaterThan(value(lines, "counted;LiveSync, memory;300;init bytes;0"));
        // The cost of a reconnect is that of the difference, at any size. Times of day and lengths of addresses don't
        // matter.
        assertThat(value(lines, "counted;LiveSync, memory;600;resync bytes;0"))
                .isEqualTo(value(lines, "counted;LiveSync, memory;300;resync bytes;0"));
        assertThat(folder).as("what is left over").isEmptyDirectory();
    }

    @Test
    void warmAndColdProcessesOfAllStoresTakeTurns() throws Exception {
        System.out.println("seed " + seed);
        List<Participant> both = List.of(memory(), Participant.liveSync("directory", PeerCommand::pair));
        List<String> lines = run(both, 100, List.of(), comparison -> {
            comparison.warm();
            comparison.cold();
        });
        for (String system : List.of("LiveSync, memory", "LiveSync, directory")) {
            assertThat(value(lines, "warm;" + system + ";100;init ms;0")).isPositive();
            assertThat(value(lines, "warm;" + system + ";100;live p50 ms;0")).isPositive();
            assertThat(value(lines, "cold;" + system + ";50;cold ms;0")).isPositive();
            // A round trip over the link takes at least twice its delay.
            double trips = value(lines, "warm;" + system + ";100;open round trips;0");
            assertThat(trips).isGreaterThanOrEqualTo(2);
            assertThat(value(lines, "warm;" + system + ";100;delayed open ms;0"))
                    .isGreaterThanOrEqualTo(trips * 2 * 20);
            assertThat(value(lines, "warm;" + system + ";100;diff round trips;0"))
                    .isGreaterThanOrEqualTo(trips);
        }
        assertThat(said)
                .startsWith(
                        "warming up: LiveSync, memory, 100 documents",
                        "warming up: LiveSync, directory, 100 documents");
        // In the next round the other begins.
        assertThat(said)
                .containsSubsequence(
                        "warm, round 1: LiveSync, directory, 100 documents",
                        "warm, round 1: LiveSync, memory, 100 documents");
        assertThat(folder).as("what is left over").isEmptyDirectory();
    }

    @Test
    void theCommandWritesAPageForOursAndTheAlpha() throws Exception {
        Path interop = Path.of(System.getProperty("basedir", "."), "..", "interop");
        boolean installed = Other.ALPHA.isInstalled(interop);
        if (!installed) {
            System.err.println("NOT TESTED the comparison with an alpha: run `npm ci` in interop/alpha first");
            assertThat(System.getenv("CI")).as("run `npm ci` in interop/alpha").isNull();
        }
        assumeTrue(installed);
        Path page = folder.resolve("page.md");
        Files.writeString(page, """
                # Before
                <!-- ./livesync bench compare --write: from here -->
                What was there.
                <!-- ./livesync bench compare --write: up to here -->
                After.
                """);
        String[] options = ("--systems memory,alpha --documents 40 --sizes 40 --cold 20 --rounds 1 --warmup 1"
                        + " --puts 5 --delay 20 --seed " + seed + " --folder " + folder + " --interop " + interop
                        + " --jvm -Xmx256m --jvm -XX:TieredStopAtLevel=1 --write " + page)
                .split(" ");
        assertThat(new CommandLine(new CompareCommand()).execute(options)).isZero();
        assertThat(page)
                .content()
                .startsWith("# Before\n")
                .endsWith("After.\n")
                .contains("seed " + seed)
                .contains("| alpha ")
                .contains("![", "](benchmarks/resync-bytes.svg)")
                .doesNotContain("What was there.")
                .doesNotContain(folder.toString());
        assertThat(Figures.read(folder.resolve("benchmarks/figures.csv")).notes())
                .hasSize(1);
        assertThat(folder.resolve("benchmarks/resync-bytes.svg")).isRegularFile();
    }

    private interface Runs {
        void run(SystemComparison comparison) throws IOException;
    }

    private List<String> run(List<Participant> participants, int documents, List<Integer> sizes, Runs runs)
            throws Exception {
        Plan plan = new Plan(
                documents,
                sizes,
                50,
                100,
                10,
                PUTS,
                2_000,
                1,
                1,
                Duration.ofMillis(20),
                seed,
                "64m",
                List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
        try (Scratch scratch = new Scratch(folder)) {
            SystemComparison comparison = new SystemComparison(plan, participants, scratch, said::add);
            runs.run(comparison);
            assertThat(new Page(comparison.figures(), documents, 50).tables()).contains("LiveSync, memory");
            Path file = scratch.next();
            comparison.figures().write(file);
            return Files.readAllLines(file);
        }
    }

    private static Participant memory() {
        return Participant.liveSync("memory", PeerCommand::pair);
    }

    private static double value(List<String> lines, String start) {
        List<String> found =
                lines.stream().filter(line -> line.startsWith(start + ";")).toList();
        assertThat(found).as("%s in %s", start, lines).hasSize(1);
        return Double.parseDouble(Arrays.asList(found.get(0).split(";")).get(5));
    }
}
