package dev.livesync.tck;

import dev.livesync.tck.MutantTransport.Subject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each broken transport is caught by the rule that it breaks, and by no other that has nothing to do with it. */
@Tag("soak")
class TransportMutantsTest {
    private static final List<MutantRun> RUNS = new ArrayList<>();

    static List<Mutant<Subject>> mutants() {
        return TransportMutants.all();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutants")
    void isCaughtByItsOwnRule(Mutant<Subject> mutant) throws Exception {
        MutantRun run = MutantRun.of(MutantTransport.class, mutant, 0.2, ScenarioRules.TAG, "soak");
        RUNS.add(run);
        run.verify(MutantTransport.class);
    }

    @AfterAll
    static void writeTheTable() throws Exception {
        MutantRun.table(Path.of("target", "tck", "transport-mutants.md"), RUNS);
    }
}
