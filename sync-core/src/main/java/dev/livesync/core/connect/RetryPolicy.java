package dev.livesync.core.connect;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.time.Duration;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/** Whether a kept peer is dialled again, and after how long. By one thread at a time. */
final class RetryPolicy {
    /**
     * For how long a session has to be in step to be a good one. Shorter ones are what a peer gives that takes everybody and throws everybody
     * out: dialling it at once each time would be a loop.
     */
    static final Duration STEADY = Duration.ofSeconds(2);

    private final LongUnaryOperator random;
    private int failures;
    private boolean proven;
    private @Nullable SyncException doubtful;

    /**
     * Makes the policy of one peer.
     *
     * @param random a number from 0 to less than the given one
     */
    RetryPolicy(LongUnaryOperator random) {
        this.random = random;
    }

    /** A session is in step. */
    void inStep() {
        proven = true;
        doubtful = null;
    }

    /** There is a reason to expect better: what failed before doesn't count any more. */
    void forget() {
        failures = 0;
    }

    /** How many in a row have come to nothing. */
    int failures() {
        return failures;
    }

    /** What to stop with after a failure; null to go on. */
    @Nullable
    SyncException stop(SyncException failure) {
        ErrorKind kind = failure.kind();
        if (kind.isTransient() || kind == ErrorKind.CANCELLED) {
            return null; // only whoever has the session in hand cancels it, and it is that session alone which is meant
        }
        boolean ours = kind == ErrorKind.CLOSED || kind == ErrorKind.CONFIGURATION;
        if (proven && !ours && doubtful == null) {
            doubtful = failure;
            return null;
        }
        return doubtful == null || ours ? failure : doubtful;
    }

    /** The wait after a dial that failed. */
    Duration afterDial() {
        return Backoff.delay(++failures, random);
    }

    /**
     * The wait after a session.
     *
     * @param inStep for how long it was in step
     * @param progress whether anything of either side's became durable at the other
     */
    Duration afterSession(Duration inStep, boolean progress) {
        boolean steady = inStep.compareTo(STEADY) >= 0;
        if (steady || progress) {
            failures = 0;
        }
        return steady && doubtful == null ? Duration.ZERO : Backoff.delay(++failures, random);
    }
}
