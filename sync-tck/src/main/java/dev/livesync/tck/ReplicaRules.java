package dev.livesync.tck;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** What the rules' classes share: fresh stores, and their end. */
abstract class ReplicaRules {
    private final List<ReplicaSubject> subjects = new ArrayList<>();
    private final List<Aside> asides = new ArrayList<>();

    /** For subclasses in this package only. */
    ReplicaRules() {}

    /**
     * A new store for one test.
     *
     * @return a store that nothing was ever committed to; the kit opens and closes it
     * @throws Exception if there can be none; the test fails
     */
    protected abstract ReplicaStore newStore() throws Exception;

    /** How long the kit waits for what has to happen. */
    Duration patience() {
        return Duration.ofSeconds(10);
    }

    /** Whether a rule cannot run for want of a feature. */
    static boolean lacks(ReplicaSubject subject, StoreFeature feature) {
        return !subject.has(feature);
    }

    /** The seeds for a rule that tries some random histories. */
    static long[] seeds(int count) {
        long[] seeds = new long[count];
        for (int i = 0; i < count; i++) {
            seeds[i] = i + 1;
        }
        return seeds;
    }

    final ReplicaSubject subject() throws Exception {
        ReplicaSubject subject = new ReplicaSubject(newStore());
        subjects.add(subject);
        return subject;
    }

    final Aside aside() {
        Aside aside = new Aside(patience());
        asides.add(aside);
        return aside;
    }

    @AfterEach
    final void closeAll() throws Exception {
        asides.forEach(Aside::close);
        for (ReplicaSubject subject : subjects) {
            subject.close();
        }
    }
}
