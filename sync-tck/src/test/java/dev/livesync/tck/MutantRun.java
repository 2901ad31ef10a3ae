package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs a kit against a broken subject, in a thread group of its own, and says which rules caught it. The class under test
 * extends the kit and takes its subject from {@link #subject}.
 */
final class MutantRun {
    private static final ThreadLocal<Mutant<?>> CURRENT = new ThreadLocal<>();

    private final Mutant<?> mutant;
    /** Rule to message; failures of no rule under "". */
    private final Map<String, String> broken = new TreeMap<>();

    private int ran;

    private MutantRun(Mutant<?> mutant) {
        this.mutant = mutant;
    }

    static boolean isRunning() {
        return CURRENT.get() != null;
    }

    /** The broken thing of the run that asks. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // who starts the run knows what it is
    static <S> S subject() {
        return (S) CURRENT.get().subject().get();
    }

    /** Runs the kit, without the tests that have one of the tags. */
    static MutantRun of(Class<? extends Tck> kit, Mutant<?> mutant, double scale, String... withoutTags)
            throws InterruptedException {
        MutantRun run = new MutantRun(mutant);
        Thread thread = new Thread(
                new ThreadGroup("mutant " + mutant),
                () -> run.execute(scale, new DiscoverySelector[] {selectClass(kit)}, withoutTags),
                "mutant-run");
        thread.start();
        thread.join();
        return run;
    }

    /** Runs only the tests of the mutant's own rule. */
    static MutantRun ofItsRule(Class<? extends Tck> kit, Mutant<?> mutant, double scale) throws InterruptedException {
        MutantRun run = new MutantRun(mutant);
        DiscoverySelector[] tests = Run.rulesOf(kit).get(mutant.rule()).stream()
                .map(test -> selectMethod(kit, test.getName()))
                .toArray(DiscoverySelector[]::new);
        Thread thread =
                new Thread(new ThreadGroup("mutant " + mutant), () -> run.execute(scale, tests, "soak"), "mutant-run");
        thread.start();
        thread.join();
        return run;
    }

    private void execute(double scale, DiscoverySelector[] tests, String... withoutTags) {
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .selectors(tests)
                .configurationParameter("livesync.tck.reports", "none")
                .configurationParameter("livesync.tck.scale", Double.toString(scale));
        if (withoutTags.length > 0) {
            request.filters(TagFilter.excludeTags(withoutTags));
        }
        LauncherDiscoveryRequest built = request.build();
        CURRENT.set(mutant);
        LauncherFactory.create(LauncherConfig.builder()
                        .enableTestExecutionListenerAutoRegistration(false)
                        .enableLauncherSessionListenerAutoRegistration(false)
                        .enableLauncherDiscoveryListenerAutoRegistration(false)
                        .enablePostDiscoveryFilterAutoRegistration(false)
                        .build())
                .execute(built, new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        ran += test.isTest() ? 1 : 0;
                        result.getThrowable().ifPresent(failure -> broken(failure));
                    }
                });
    }

    private void broken(Throwable failure) {
        broken.put(failure instanceof RuleViolation violation ? violation.rule() : "", String.valueOf(failure));
        for (Throwable other : failure.getSuppressed()) {
            broken(other);
        }
    }

    /** Rules that caught it. */
    Set<String> brokenRules() {
        return broken.keySet();
    }

    Mutant<?> mutant() {
        return mutant;
    }

    String message() {
        return broken.getOrDefault(mutant.rule(), "");
    }

    /** Demands that its own rule caught it, with the id in the message, and nothing that has nothing to do with it. */
    void verify(Class<? extends Tck> kit) {
        Set<String> allowed = new HashSet<>(mutant.collateral());
        allowed.add(mutant.rule());
        // Whatever needs a rule that may fail may fail, too.
        for (int before = 0; before < allowed.size(); ) {
            before = allowed.size();
            Run.rulesOf(kit)
                    .forEach((rule, tests) -> tests.forEach(test -> {
                        if (!Collections.disjoint(
                                List.of(test.getAnnotation(Rule.class).needs()), allowed)) {
                            allowed.add(rule);
                        }
                    }));
        }
        assertThat(ran).as("tests run against %s", mutant).isPositive();
        assertThat(brokenRules())
                .as("the rules that caught %s: %s", mutant, broken)
                .contains(mutant.rule());
        assertThat(message()).as("its message").contains(mutant.rule()).contains("spec:");
        assertThat(allowed).as("what may fail for %s: %s", mutant, broken).containsAll(brokenRules());
    }

    /** Writes the table: each mutant, the rule that has to catch it, and what did. */
    static void table(Path file, Collection<MutantRun> runs) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("| rule | mutant | caught by |");
        lines.add("|---|---|---|");
        runs.stream()
                .sorted(java.util.Comparator.comparing(run -> run.mutant.rule(), RuleOrder.IDS))
                .forEach(run -> lines.add("| " + run.mutant.rule() + " | " + run.mutant.name() + " | "
                        + run.brokenRules().stream().sorted(RuleOrder.IDS).collect(Collectors.joining(", ")) + " |"));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, lines);
    }
}
