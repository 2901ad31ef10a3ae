package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How often a hub tells others of something new, with a clock of the test's. */
class NotifyPaceTest {
    private static final long SHORT = Duration.ofNanos(500_000).toNanos();
    private static final long LONG = Duration.ofMillis(20).toNanos();
    private static final Duration POLL = Duration.ofSeconds(1);

    private final NotifyPace pace = new NotifyPace(POLL);
    private long now = Long.MAX_VALUE - 1; // a clock may wrap
    private long told;
    private long spent;

    /** Tells as soon as it may, for so long. */
    private void tellFor(Duration time, long cost) {
        for (long begun = now; now - begun < time.toNanos(); ) {
            now += pace.pause(now);
            told++;
            spent += cost;
            now += cost;
            pace.answered(now, cost);
        }
    }

    @Test
    void theFirstIsToldAtOnce() {
        assertThat(pace.pause(now)).isZero();
    }

    /** Put, seen elsewhere, put: each is told at once, however many follow each other, as long as 5 ms lie between two. */
    @Test
    void whatFollowsWhatWasSeenElsewhereDoesNotWait() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(pace.pause(now)).as("number %d", i).isZero();
            now += SHORT;
            pace.answered(now, SHORT);
            now += Duration.ofMillis(5).toNanos() - SHORT;
        }
    }

    @Test
    void aServerThatAnswersAtOnceIsToldNoMoreThan250TimesASecond() {
        tellFor(Duration.ofSeconds(10), 1);
        assertThat(told).isBetween(2_000L, 2_501L);
    }

    @Test
    void notificationsTakeAQuarterOfTheServersTime() {
        for (long cost : new long[] {4 * SHORT, LONG, 3 * LONG}) {
            now += POLL.toNanos();
            tellFor(Duration.ofSeconds(1), cost); // until the last cost is forgotten
            told = spent = 0;
            tellFor(Duration.ofSeconds(100), cost);
            assertThat(spent)
                    .as("of %d ns each", cost)
                    .isLessThanOrEqualTo(Duration.ofSeconds(100).toNanos() / 4 + cost)
                    .isGreaterThan(Duration.ofSeconds(100).toNanos() / 5);
        }
    }

    /** Looking without having been told is due by then. */
    @Test
    void nothingWaitsForLongerThanTheNextLookTakes() {
        tellFor(Duration.ofSeconds(60), Duration.ofSeconds(10).toNanos());
        assertThat(pace.pause(now)).isEqualTo(POLL.toNanos());
    }

    /** A garbage collection, say. */
    @Test
    void oneThatTookLongIsNoReasonToWait() {
        tellFor(Duration.ofMillis(100), SHORT);
        now += LONG;
        pace.answered(now, LONG);
        assertThat(pace.pause(now)).isEqualTo(Duration.ofMillis(4).toNanos());
        now += LONG;
        pace.answered(now, LONG);
        assertThat(pace.pause(now)).isEqualTo(3 * LONG);
    }
}
