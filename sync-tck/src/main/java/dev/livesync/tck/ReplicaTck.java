package dev.livesync.tck;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the Replica contract as tests: extend it, say where your replica lives, and run it with JUnit.
 *
 * <pre>{@code
 * class MyReplicaTest extends ReplicaTck {
 *     @Override
 *     protected ReplicaStore newStore() {
 *         return new MyStore(); // opens, closes and, where it can, restarts and breaks a replica
 *     }
 * }
 * }</pre>
 *
 * <p>Each test gets stores of its own. Every failure names its rule, which {@code docs/replica-spec.md} explains with the
 * intent behind it. What a store cannot do, such as a restart, it does not claim among its {@linkplain ReplicaStore#features
 * features}; the rules that need it are then reported as not applicable.
 *
 * <p>The kit computes what it expects with an oracle of its own, which is slow and knows nothing of any replica. It gets into
 * the middle of commits with events that do something whenever they are looked at, so a replica must not hand an event of
 * another implementation than sync-car's to code that casts it.
 *
 * <p>Random histories come from fixed seeds, which failures name. The system property {@code livesync.tck.seeds} multiplies
 * their number.
 */
@SuppressWarnings("exports") // the groups of rules are nobody's API
public abstract class ReplicaTck extends Tck
        implements ReplicaCallRules,
                ReplicaCommitRules,
                ReplicaEventRules,
                ReplicaSnapshotRules,
                ReplicaVectorRules,
                ReplicaFeedRules,
                ReplicaWakeUpRules,
                ReplicaConcurrencyRules {
    private final ReplicaFixture fixture = new ReplicaFixture(this);

    /** For subclasses. */
    protected ReplicaTck() {}

    /**
     * Makes a store for one test. A test may ask for several, one after the other.
     *
     * @return a store to which nothing was ever committed; the kit opens and closes it
     * @throws Exception if there can be none; the test fails
     */
    protected abstract ReplicaStore newStore() throws Exception;

    final ReplicaFixture fixture() {
        return fixture;
    }

    @Override
    final String subject() {
        return getClass().getSimpleName().replaceFirst("(Replica)?(Tck)?(Test)?$", "");
    }

    @Override
    final Map<String, String> facts() {
        return fixture.facts();
    }

    @Override
    final @Nullable String whyNot(Method test) {
        return fixture.whyNot(test);
    }

    @Override
    final List<RuleViolation> finish() throws Exception {
        return fixture.finish();
    }
}
