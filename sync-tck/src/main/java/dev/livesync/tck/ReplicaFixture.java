package dev.livesync.tck;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the replica's rules share: fresh stores, and their end. */
final class ReplicaFixture {
    /** How many times as many histories as by default, in a soak. */
    static final int SEEDS = Integer.getInteger("livesync.tck.seeds", 1);

    private final ReplicaTck kit;
    private final List<ReplicaSubject> subjects = new ArrayList<>();
    private final List<Aside> asides = new ArrayList<>();
    /** Made to be asked what it can do, and then used by the test. */
    private @Nullable ReplicaStore first;

    ReplicaFixture(ReplicaTck kit) {
        this.kit = kit;
    }

    /** The fixture of the test that a rule is run in. */
    static ReplicaFixture of(Object rules) {
        return ((ReplicaTck) rules).fixture();
    }

    /** A replica of a new store, opened. */
    ReplicaSubject fresh() throws Exception {
        ReplicaStore store = first == null ? kit.newStore() : first;
        first = null;
        ReplicaSubject subject = new ReplicaSubject(store);
        subjects.add(subject);
        return subject;
    }

    /** Closes a store before the test ends, and forgets it: a soak makes thousands, and each may be in memory. */
    void end(ReplicaSubject subject) throws Exception {
        subject.close();
        subjects.remove(subject);
    }

    Aside aside() {
        Aside aside = new Aside(kit.patience().await());
        asides.add(aside);
        return aside;
    }

    long awaitMillis() {
        return kit.patience().await().toMillis();
    }

    /** The seeds for a test that tries some random histories; {@code livesync.tck.seeds} times as many in a soak. */
    static long[] seeds(int count) {
        long[] seeds = new long[count * SEEDS];
        Arrays.setAll(seeds, i -> i + 1);
        return seeds;
    }

    Map<String, String> facts() {
        return Map.of("features of the store", new TreeSet<>(features()).toString());
    }

    @Nullable
    String whyNot(Method test) {
        Needs needs = test.getAnnotation(Needs.class);
        return needs == null || features().contains(needs.value()) ? null : "the store has no " + needs.value();
    }

    private Set<StoreFeature> features() {
        try {
            if (first == null) {
                first = kit.newStore();
            }
            return first.features();
        } catch (Exception e) {
            return Set.of(); // every test says so
        }
    }

    List<RuleViolation> finish() throws Exception {
        asides.forEach(Aside::close);
        for (ReplicaSubject subject : subjects) {
            subject.close();
        }
        return List.of();
    }
}
