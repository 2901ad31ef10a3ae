package dev.livesync.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.bench.compare.Other;
import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.scale.Opening;
import dev.livesync.bench.scale.Pauses;
import dev.livesync.bench.workload.Scratch;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Short forms of the workloads, in two real processes: that they work and never stall, not how fast they are. */
@Timeout(120)
class WorkloadsTest {
    private static final Duration STALL = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private ProcessPair pair;

    @BeforeEach
    void start() throws Exception {
        pair = PeerCommand.pair(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
    }

    @AfterEach
    void stop() {
        pair.close();
    }

    @Test
    void initialSyncAndBareLoopBringTheSame() throws Exception {
        try (Scratch scratch = new Scratch(folder)) {
            for (String store : List.of("directory", "memory")) {
                Initial.Outcome outcome = new Initial(pair, scratch, 500, 50, 1).run(store, 0, 2);
                assertThat(outcome.rounds()).hasSize(2);
                assertThat(outcome.rounds())
                        .as("events, and blocks in the CARs")
                        .allMatch(round -> round.sync().blocks() == 500)
                        .allMatch(round -> round.bare().blocks() == 500);
                assertThat(outcome.ratios().min()).isPositive();
            }
        }
        assertThat(folder).as("what is left over").isEmptyDirectory();
    }

    @Test
    void aChannelNeverStalls() {
        assertThat(new Live(pair, STALL).channel(20_000, 32).total()).isEqualTo(20_000);
    }

    @Test
    void livePutsNeverStall() {
        Live live = new Live(pair, STALL);
        live.connect();
        Samples delays = live.paced(0, 20, 1_000, 1);
        assertThat(delays.count()).isEqualTo(20);
        assertThat(live.puts(3_000, 50).total()).isEqualTo(3_000);
    }

    @Test
    void buildsTakeTurnsWithLivePuts() throws Exception {
        try (Scratch scratch = new Scratch(folder);
                ProcessPair other = PeerCommand.pair(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"))) {
            LiveComparison comparison = new LiveComparison(scratch, 100, 10, 1_000, 1);
            List<LiveComparison.Cost> these = comparison.add("this", pair, "memory");
            List<LiveComparison.Cost> those = comparison.add("that", other, "directory");
            List<String> said = new ArrayList<>();
            comparison.run(1, 3, said::add);
            assertThat(said).hasSize(4).first().asString().startsWith("warming up: this");
            assertThat(these).hasSize(3).allMatch(cost -> cost.atA() >= 0 && cost.atB() >= 0 && cost.delay() > 0);
            assertThat(those).hasSize(3);
            assertThat(LiveComparison.ratios(these, those).count()).isEqualTo(3);
        }
    }

    @Test
    void theAlphaAndLiveSyncTakeTurns() throws Exception {
        Path interop = Path.of(System.getProperty("basedir", "."), "..", "interop");
        require(Files.isDirectory(interop.resolve("alpha/node_modules")), "run `npm ci` in interop/alpha first");
        try (Scratch scratch = new Scratch(folder);
                ProcessPair alpha = Other.ALPHA.start(interop)) {
            Alongside alongside = new Alongside(scratch, 50, 1, 1);
            Alongside.Times ours = alongside.liveSync(pair, "directory");
            Alongside.Times theirs = alongside.other("alpha", alpha);
            List<String> progress = new ArrayList<>();
            alongside.run(1, 2, Duration.ofMinutes(10), progress::add);
            assertThat(progress).hasSize(3);
            assertThat(theirs.initialOver(ours).count()).isEqualTo(2);
            assertThat(theirs.againOver(ours).min()).isPositive();
        }
        assertThat(folder).as("what is left over").isEmptyDirectory();
    }

    /** A skip shows on the console, and fails where CI says so. */
    private static void require(boolean there, String otherwise) {
        if (!there) {
            System.err.println("NOT TESTED alongside an alpha: " + otherwise);
            assertThat(System.getenv("CI")).as(otherwise).isNull();
        }
        assumeTrue(there, otherwise);
    }

    @Test
    void putsGoOnBesideMaintenance() throws Exception {
        try (Scratch scratch = new Scratch(folder)) {
            Path directory = scratch.next();
            DatabaseOptions small =
                    DatabaseOptions.builder().segmentBytes(1 << 18).build();
            try (Database database = Database.open(directory, small)) {
                Opening.fill(database, 500, 100, 1);
            }
            Pauses.Figures figures = new Pauses(directory, 500, small).run(2, 100_000, 1);
            assertThat(figures.runs()).isGreaterThanOrEqualTo(2);
            assertThat(figures.beside().count()).isPositive();
        }
    }

    @Test
    void throughputBringsEverything() throws Exception {
        List<String> options = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1");
        try (Throughput throughput = new Throughput(options, null, 64 * 65_536, 65_536)) {
            assertThat(throughput.run(0, 2).rounds())
                    .hasSize(2)
                    .allMatch(round -> round.ours().nanos() > 0 && round.cipher() > 0 && round.js() == null);
        }
    }
}
