package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The replica's kit, tested itself: its specification, and replicas that break one rule each. */
class ReplicaKitTest {
    /** Not named like a test, so that only this runs it. */
    static class BrokenReplica extends ReplicaTck {
        @Override
        protected ReplicaStore newStore() {
            return MutantRun.subject();
        }
    }

    private static final int AT_ONCE = 3;
    private static final Logger DATABASE = Logger.getLogger("dev.livesync.database");

    @BeforeAll
    static void silence() {
        DATABASE.setLevel(Level.OFF); // it warns of the trees that lie on purpose
    }

    @AfterAll
    static void speak() {
        DATABASE.setLevel(null);
    }

    @Test
    void everyRuleOfTheSpecificationHasATestOrSaysWhyNot() {
        Coverage.verify(Spec.of("R1.1"), ReplicaTck.class);
    }

    @Test
    void everyMustHasABrokenReplica() {
        Coverage.verifyMutants(Spec.of("R1.1"), ReplicaMutants.all());
    }

    @Test
    void everyBrokenReplicaIsCaughtByItsOwnRule() throws Exception {
        // They know nothing of each other.
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        List<Future<MutantRun>> begun = new ArrayList<>();
        for (Mutant<ReplicaStore> mutant : ReplicaMutants.all()) {
            begun.add(pool.submit(() -> MutantRun.of(BrokenReplica.class, mutant, 0.2, "soak")));
        }
        pool.shutdown();
        List<MutantRun> runs = new ArrayList<>();
        for (Future<MutantRun> run : begun) {
            runs.add(run.get());
        }
        MutantRun.table(Path.of("target", "tck", "replica-mutants.md"), runs);
        assertThat(runs).hasSameSizeAs(ReplicaMutants.all()).allSatisfy(MutantRun::verify);
    }

    /** What happens between two neighbouring instructions is found by chance only; in the long form, of thousands of commits, surely. */
    @Test
    @Tag("soak")
    void aCursorThatIsReadRightAfterTheStateIsCaughtInTheLongForm() throws Exception {
        MutantRun run = MutantRun.of(
                BrokenReplica.class,
                Mutant.of(
                        "R5.2",
                        "reads its state twice",
                        () -> ReplicaFronts.behind(
                                DatabaseStore.inMemory(), ReplicaConcurrencyMutants.ReadsTwice::new)),
                1);
        assertThat(run.brokenRules()).contains("R5.2");
    }

    /** Two hundred random histories where the default run has five. */
    @Test
    @Tag("soak")
    void theEmbeddedDatabaseKeepsTheRulesOverManyHistories() throws Exception {
        System.setProperty("livesync.tck.seeds", "40");
        try {
            MutantRun run = MutantRun.of(
                    BrokenReplica.class,
                    Mutant.of("R3.6", "nothing", () -> (ReplicaStore) DatabaseStore.inMemory()),
                    1);
            assertThat(run.brokenRules()).isEmpty();
        } finally {
            System.clearProperty("livesync.tck.seeds");
        }
    }
}
