package dev.livesync.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageTest {
    @TempDir
    Path folder;

    private final Figures figures = new Figures();

    @Test
    void anAimIsKeptOrNot() {
        counted(Participant.MEMORY, 1_000, Metric.RESYNC_BYTES, 481, 481, 481);
        counted(Participant.MEMORY, 10_000, Metric.RESYNC_BYTES, 481, 481, 501);
        counted(Participant.YJS, 10_000, Metric.RESYNC_BYTES, 423, 423, 423);
        counted(Participant.MEMORY, 10_000, Metric.DIFF_BYTES, 1_000, 1_300, 1_300);
        counted(Participant.YJS, 10_000, Metric.DIFF_BYTES, 1_000, 1_000, 1_000);
        String tables = new Page(figures, 10_000, 1_000).tables();
        assertThat(line(tables, "resync, bytes ")).containsSubsequence("at most 500", "481", "423", "yes");
        assertThat(line(tables, "resync, bytes at all sizes"))
                .containsSubsequence("within 1 %", "481 to 481", "1,000 to 10,000", "1.000", "yes");
        // Ratios round by round: 1.0, 1.3 and 1.3.
        assertThat(line(tables, "diff, bytes, in batches "))
                .containsSubsequence("at most 1.20 × yjs", "1,300", "1,000", "1.30 (1.00–1.30)", "**no**");
        assertThat(line(tables, "cold, ms")).contains("not measured");
    }

    @Test
    void roundTripsAreThoseAfterTheHandshake() {
        warm(Metric.OPEN_TRIPS, 2);
        warm(Metric.DIFF_TRIPS, 3.5);
        assertThat(line(new Page(figures, 10_000, 1_000).tables(), "diff, round trips"))
                .containsSubsequence("1.5, of 3.5 in all", "yes");
        warm(Metric.DIFF_TRIPS, 4);
        warm(Metric.DIFF_TRIPS, 4);
        assertThat(line(new Page(figures, 10_000, 1_000).tables(), "diff, round trips"))
                .containsSubsequence("2.0, of 4.0 in all", "no");
    }

    @Test
    void theFileKeepsWhatWasNotMeasuredAgain() throws Exception {
        counted(Participant.MEMORY, 1_000, Metric.RESYNC_BYTES, 481);
        counted(Participant.MEMORY, 10_000, Metric.LIVE_BYTES, 153.25);
        figures.note("counted; 1000; first");
        Path file = folder.resolve("figures.csv");
        figures.write(file);

        Figures read = Figures.read(file);
        Figures newer = new Figures();
        newer.add(new Measurement(Workload.COUNTED, Participant.MEMORY, 1_000, Metric.RESYNC_BYTES, 0, 470));
        read.replace(newer);
        read.note("counted; 1000; second");
        assertThat(read.of(Workload.COUNTED, Participant.MEMORY, 1_000, Metric.RESYNC_BYTES))
                .get()
                .matches(samples -> samples.count() == 1 && samples.median() == 470);
        assertThat(read.of(Workload.COUNTED, Participant.MEMORY, 10_000, Metric.LIVE_BYTES))
                .get()
                .matches(samples -> samples.median() == 153.25);
        assertThat(read.notes()).containsExactly("counted; 1000; second");
        assertThat(Figures.read(folder.resolve("none")).notes()).isEmpty();
    }

    @Test
    void aPageWithoutMarksStaysAsItIs() throws Exception {
        Path page = folder.resolve("page.md");
        Files.writeString(page, "Nothing.\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Page(figures, 10, 10).write(page, "plots", List.of()))
                .withMessageContaining("page.md lacks the lines");
        assertThat(page).content().isEqualTo("Nothing.\n");
    }

    @Test
    void addressesGoThroughTheProxy() {
        assertThat(SyncedSides.port("ws://127.0.0.1:4711/#secret")).isEqualTo(4711);
        assertThat(SyncedSides.through("127.0.0.1:4711/side1", 12)).isEqualTo("127.0.0.1:12/side1");
        assertThatIllegalArgumentException().isThrownBy(() -> SyncedSides.port("nowhere"));
    }

    private void counted(String system, int documents, Metric metric, double... values) {
        for (int round = 0; round < values.length; round++) {
            figures.add(new Measurement(Workload.COUNTED, system, documents, metric, round, values[round]));
        }
    }

    private void warm(Metric metric, double value) {
        figures.add(new Measurement(Workload.WARM, Participant.MEMORY, 10_000, metric, 0, value));
    }

    private static String line(String tables, String start) {
        return tables.lines()
                .filter(line -> line.startsWith("| " + start))
                .findFirst()
                .orElseThrow();
    }
}
