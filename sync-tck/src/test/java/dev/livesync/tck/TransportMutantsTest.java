package dev.livesync.tck;

import dev.livesync.tck.MutantTransport.Subject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each broken transport is caught by the rule that it breaks, and by no other that has nothing to do with it.
 *
 * <p>Each meets every rule for transports; the scenarios only those that break one, since whatever breaks a transport breaks
 * them. The runs know nothing of each other and mostly wait, so several go on at once.
 */
class TransportMutantsTest {
    private static final int AT_ONCE = 12;
    private static final Logger NOISE = Logger.getLogger("dev.livesync");

    private static final Map<String, Future<MutantRun>> RUNS = new LinkedHashMap<>();

    static List<Mutant<Subject>> mutants() {
        return wanted(TransportMutants.all());
    }

    /** All, or for whoever writes one those whose names begin so: {@code -Dlivesync.tck.mutants=T12.5}. */
    private static List<Mutant<Subject>> wanted(List<Mutant<Subject>> mutants) {
        String prefix = System.getProperty("livesync.tck.mutants", "");
        return mutants.stream()
                .filter(mutant -> mutant.toString().startsWith(prefix))
                .toList();
    }

    @BeforeAll
    static void begin() {
        NOISE.setLevel(Level.OFF); // they warn of what is broken on purpose
        ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
        List<Mutant<Subject>> atTheEnd = wanted(TransportMutants.last());
        Set<String> last = atTheEnd.stream().map(Mutant::toString).collect(Collectors.toSet());
        for (Mutant<Subject> mutant : longestFirst()) {
            if (!last.contains(mutant.toString()) && !openFiles(mutant)) {
                RUNS.put(mutant.toString(), pool.submit(() -> run(mutant)));
            }
        }
        // Nothing else may have a socket while a rule looks for what listing a provider opens, or counts descriptors.
        List<Future<MutantRun>> before = List.copyOf(RUNS.values());
        for (Mutant<Subject> mutant : atTheEnd) {
            RUNS.put(mutant.toString(), pool.submit(() -> {
                for (Future<MutantRun> each : before) {
                    result(each);
                }
                return MutantRun.of(
                        MutantTransport.class,
                        mutant,
                        0.2,
                        rule -> !rule.startsWith("T1.") && !rule.equals("T10.8"),
                        Scenario.TAG,
                        "soak");
            }));
        }
        // What these leave open, and what the collector closes of it, is seen by all others: one after the other.
        List<Future<MutantRun>> all = List.copyOf(RUNS.values());
        Future<?> turn = CompletableFuture.completedFuture(null);
        for (Mutant<Subject> mutant :
                mutants().stream().filter(TransportMutantsTest::openFiles).toList()) {
            Future<?> previous = turn;
            Future<MutantRun> run = pool.submit(() -> {
                for (Future<MutantRun> each : all) {
                    result(each);
                }
                previous.get();
                return run(mutant);
            });
            RUNS.put(mutant.toString(), run);
            turn = run;
        }
        pool.shutdown();
    }

    /** Two take a minute or more: begun last they would go on alone. */
    private static List<Mutant<Subject>> longestFirst() {
        Set<String> longest = Set.of("T7.3", "T11.1");
        return mutants().stream()
                .sorted(Comparator.comparing(mutant -> !longest.contains(mutant.rule())))
                .toList();
    }

    private static boolean openFiles(Mutant<Subject> mutant) {
        return mutant.rule().equals("T10.8");
    }

    private static MutantRun run(Mutant<Subject> mutant) throws InterruptedException {
        if (mutant.rule().equals("T5.15")) {
            // The default form looks for a moment only, and that says nothing of what is kept without end.
            return MutantRun.of(MutantTransport.class, mutant, 0.2, rule -> rule.startsWith("T5."));
        }
        return mutant.rule().startsWith("T11.")
                ? MutantRun.of(MutantTransport.class, mutant, 0.2, "soak")
                : MutantRun.of(MutantTransport.class, mutant, 0.2, Scenario.TAG, "soak");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutants")
    void isCaughtByItsOwnRule(Mutant<Subject> mutant) throws Exception {
        result(RUNS.get(mutant.toString())).verify();
    }

    private static MutantRun result(Future<MutantRun> run) throws InterruptedException {
        try {
            return run.get();
        } catch (ExecutionException e) {
            throw new AssertionError("the run itself failed", e);
        }
    }

    @AfterAll
    static void end() throws Exception {
        NOISE.setLevel(null);
        List<MutantRun> runs = new ArrayList<>();
        for (Future<MutantRun> run : RUNS.values()) {
            runs.add(result(run));
        }
        MutantRun.table(Path.of("target", "tck", "transport-mutants.md"), runs);
    }
}
