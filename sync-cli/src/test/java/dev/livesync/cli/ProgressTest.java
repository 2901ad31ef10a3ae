package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProgressTest {
    // Not the system's: whoever asks that whether it is a terminal starts a process.
    private static final Console CONSOLE = new Console(System.in, System.out, System.err, Map.of(), () -> false);

    private static String line(String task, String unit, long done, long total, Duration after) {
        Progress progress = Progress.start(CONSOLE, new Output(), task, unit, total, () -> 0);
        progress.to(done);
        return progress.line(after.toNanos());
    }

    @Test
    void countsAreReadable() {
        assertThat(line("importing", "bytes", 0, 30_100_000, Duration.ZERO))
                .isEqualTo("importing   0 % [                        ] 0 B of 30.1 MB");
        assertThat(line("importing", "bytes", 12_300_000, 30_100_000, Duration.ofSeconds(3)))
                .isEqualTo("importing  40 % [========              ] 12.3 MB of 30.1 MB, 4.1 MB/s, 4 s left");
        assertThat(line("exporting", "documents", 1_000_000, 1_000_000, Duration.ofSeconds(10)))
                .isEqualTo("exporting 100 % [=================] 1,000,000 of 1,000,000 documents, 100,000/s");
        assertThat(line("syncing", "events", 1_234, -1, Duration.ofSeconds(2)))
                .isEqualTo("syncing 1,234 events, 617/s");
        assertThat(line("importing", "bytes", 999_999, -1, Duration.ZERO)).isEqualTo("importing 1.0 MB");
    }

    @Test
    void whateverItCountsItFits() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            long total = random.nextLong() >> random.nextInt(64);
            long done = random.nextLong() >>> 1 + random.nextInt(63);
            Duration after = Duration.ofNanos(random.nextLong() >>> 1 + random.nextInt(63));
            for (String unit : List.of("bytes", "documents")) {
                assertThat(line("exporting", unit, done, total, after))
                        .as("%d of %d after %s, seed %d", done, total, after, seed)
                        .hasSizeLessThan(80)
                        .startsWith("exporting ");
            }
        }
    }
}
