package dev.livesync.core.connect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How long a kept peer waits, and what makes it stop. */
class RetryPolicyTest {
    private static final List<Integer> BOUNDS_MILLIS =
            List.of(250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000);

    private static final Duration SHORT = Duration.ofMillis(1_999);
    private static final Duration LONG = Duration.ofSeconds(2);

    /** Answers with the most that it may, so that a wait is its bound. */
    private static RetryPolicy longest() {
        return new RetryPolicy(bound -> bound - 1);
    }

    private static SyncException failure(ErrorKind kind) {
        return new SyncException(kind, "as the test wants it");
    }

    @Test
    void theBoundDoublesUpToThirtySeconds() {
        RetryPolicy policy = longest();
        List<Integer> bounds = new ArrayList<>();
        for (int i = 0; i < BOUNDS_MILLIS.size(); i++) {
            bounds.add(Math.toIntExact(policy.afterDial().toMillis()));
            assertThat(policy.failures()).isEqualTo(i + 1);
        }
        assertThat(bounds).isEqualTo(BOUNDS_MILLIS);
    }

    @Test
    void noNumberOfFailuresIsTooLarge() {
        for (int failures : new int[] {40, 60, 62, 63, 64, 65, 1_000, Integer.MAX_VALUE}) {
            assertThat(Backoff.bound(failures)).as("%d failures", failures).isEqualTo(Duration.ofSeconds(30));
        }
    }

    /** Full jitter: any time from none to the bound is as likely as any other. */
    @Test
    void theWaitIsSpreadOverAllOfTheBound() {
        long seed = 20;
        SplittableRandom random = new SplittableRandom(seed);
        for (int failures = 1; failures <= BOUNDS_MILLIS.size(); failures++) {
            long bound = Duration.ofMillis(BOUNDS_MILLIS.get(failures - 1)).toNanos();
            int[] quarters = new int[4];
            for (int i = 0; i < 4_000; i++) {
                long wait = Backoff.delay(failures, random::nextLong).toNanos();
                assertThat(wait).as("seed %d", seed).isBetween(0L, bound);
                quarters[(int) Math.min(3, wait * 4 / bound)]++;
            }
            for (int quarter : quarters) {
                assertThat(quarter).as("of 4,000 in a quarter, seed %d", seed).isBetween(850, 1_150);
            }
        }
    }

    @Test
    void aSessionThatWasInStepForAWhileBeginsAnewAndAtOnce() {
        RetryPolicy policy = longest();
        policy.afterDial();
        policy.afterDial();
        policy.inStep();
        assertThat(policy.afterSession(LONG, false)).isZero();
        assertThat(policy.failures()).isZero();
        assertThat(policy.afterDial()).isEqualTo(Duration.ofMillis(250));
    }

    @Test
    void aShorterOneBeginsAnewOnlyIfSomethingCameOfIt() {
        RetryPolicy policy = longest();
        for (int i = 0; i < 5; i++) {
            policy.inStep();
            assertThat(policy.afterSession(SHORT, false))
                    .as("a peer that throws everybody out is not dialled more and more often")
                    .isEqualTo(Duration.ofMillis(BOUNDS_MILLIS.get(i)));
        }
        assertThat(policy.afterSession(Duration.ZERO, true)).isEqualTo(Duration.ofMillis(250));
    }

    @Test
    void whateverHasNeverWorkedStopsAtTheFirstFailureThatDoesNotPass() {
        for (ErrorKind kind : ErrorKind.values()) {
            SyncException failure = failure(kind);
            boolean goesOn = kind.isTransient() || kind == ErrorKind.CANCELLED;
            assertThat(longest().stop(failure)).as(kind.name()).isEqualTo(goesOn ? null : failure);
        }
    }

    @Test
    void whateverWorkedIsTriedOnceMoreAndStopsWithTheFirstReason() {
        RetryPolicy policy = longest();
        policy.inStep();
        SyncException first = failure(ErrorKind.AUTHENTICATION);
        assertThat(policy.stop(first)).isNull();
        assertThat(policy.afterSession(LONG, true)).as("not at once").isPositive();
        assertThat(policy.stop(failure(ErrorKind.UNREACHABLE))).isNull();
        assertThat(policy.stop(failure(ErrorKind.UNSUPPORTED))).isSameAs(first);
    }

    @Test
    void oneThatIsInStepAgainHadOnlyABrokenWire() {
        RetryPolicy policy = longest();
        for (int i = 0; i < 5; i++) {
            policy.inStep();
            assertThat(policy.stop(failure(ErrorKind.MALFORMED))).isNull();
        }
    }

    @Test
    void whatIsOfThisSideAloneNeedsNoSecondTry() {
        for (ErrorKind kind : List.of(ErrorKind.CLOSED, ErrorKind.CONFIGURATION)) {
            RetryPolicy policy = longest();
            policy.inStep();
            SyncException failure = failure(kind);
            assertThat(policy.stop(failure)).as(kind.name()).isSameAs(failure);
        }
    }
}
