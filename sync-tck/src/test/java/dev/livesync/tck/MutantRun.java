package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs a kit against a broken subject, in a thread group of its own, and says which rules caught it. The class under test
 * extends the kit and takes its subject from {@link #subject}.
 *
 * <p>Broken things hang, so a run has little patience. Then a slow machine may look like a broken rule, or hide one: what a
 * mutant should not have done is tried again with all the patience that the kit has, and that counts.
 */
final class MutantRun {
    private static final ThreadLocal<Mutant<?>> CURRENT = new ThreadLocal<>();

    private final Class<? extends Tck> kit;
    private final Mutant<?> mutant;
    /** Whether nothing is broken at all, and no rule may say so. */
    private final boolean permitted;

    private final Predicate<String> rules;
    private String dialects = "native";
    /** Test to the rules that it found broken, with their messages; failures of no rule under "". */
    private final Map<String, Map<String, String>> broken = new TreeMap<>();

    private final Set<String> ran = new HashSet<>();

    private MutantRun(Class<? extends Tck> kit, Mutant<?> mutant, boolean permitted, Predicate<String> rules) {
        this.kit = kit;
        this.mutant = mutant;
        this.permitted = permitted;
        this.rules = rules;
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
        return of(kit, mutant, scale, rule -> true, withoutTags);
    }

    /** The same with some of the rules. */
    static MutantRun of(
            Class<? extends Tck> kit, Mutant<?> mutant, double scale, Predicate<String> rules, String... withoutTags)
            throws InterruptedException {
        MutantRun run = new MutantRun(kit, mutant, false, rules);
        run.begin(scale, withoutTags);
        return run;
    }

    /** The same with peers of both dialects. */
    static MutantRun inBothDialects(Class<? extends Tck> kit, Mutant<?> mutant, double scale, Predicate<String> rules)
            throws InterruptedException {
        MutantRun run = new MutantRun(kit, mutant, false, rules);
        run.dialects = "both";
        run.begin(scale);
        return run;
    }

    /** The same for what is unusual and right, with some of the rules. */
    static MutantRun permitted(
            Class<? extends Tck> kit, Mutant<?> unusual, double scale, Predicate<String> rules, String... withoutTags)
            throws InterruptedException {
        MutantRun run = new MutantRun(kit, unusual, true, rules);
        run.begin(scale, withoutTags);
        return run;
    }

    private void begin(double scale, String... withoutTags) throws InterruptedException {
        execute(scale, new DiscoverySelector[] {selectClass(kit)}, withoutTags);
        Set<String> doubtful = doubtful();
        if (scale < 1 && !doubtful.isEmpty()) {
            broken.keySet().removeAll(doubtful);
            execute(
                    1,
                    doubtful.stream().map(test -> selectMethod(kit, test)).toArray(DiscoverySelector[]::new),
                    withoutTags);
        }
    }

    private void execute(double scale, DiscoverySelector[] tests, String... withoutTags) throws InterruptedException {
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .selectors(tests)
                .configurationParameter("livesync.tck.reports", "none")
                .configurationParameter("livesync.tck.dialects", dialects)
                .configurationParameter("livesync.tck.scale", Double.toString(scale));
        request.filters((PostDiscoveryFilter)
                test -> FilterResult.includedIf(!(test.getSource().orElse(null) instanceof MethodSource method)
                        || rules.test(
                                method.getJavaMethod().getAnnotation(Rule.class).value())));
        if (withoutTags.length > 0) {
            request.filters(TagFilter.excludeTags(withoutTags));
        }
        LauncherDiscoveryRequest built = request.build();
        Thread thread = new Thread(new ThreadGroup("mutant " + mutant), () -> execute(built), "mutant-run");
        thread.start();
        thread.join();
    }

    private void execute(LauncherDiscoveryRequest request) {
        CURRENT.set(mutant);
        LauncherFactory.create(LauncherConfig.builder()
                        .enableTestExecutionListenerAutoRegistration(false)
                        .enableLauncherSessionListenerAutoRegistration(false)
                        .enableLauncherDiscoveryListenerAutoRegistration(false)
                        .enablePostDiscoveryFilterAutoRegistration(false)
                        .build())
                .execute(request, new TestExecutionListener() {
                    @Override
                    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                        String name = test.getSource()
                                .filter(MethodSource.class::isInstance)
                                .map(source -> ((MethodSource) source).getMethodName())
                                .orElse("");
                        if (test.isTest()) {
                            ran.add(name);
                        }
                        result.getThrowable().ifPresent(failure -> broken(name, failure));
                    }
                });
    }

    private void broken(String test, Throwable failure) {
        broken.computeIfAbsent(test, key -> new TreeMap<>())
                .put(failure instanceof RuleViolation violation ? violation.rule() : "", String.valueOf(failure));
        for (Throwable other : failure.getSuppressed()) {
            broken(test, other);
        }
    }

    /** Tests that should have failed and did not, or the other way round. */
    private Set<String> doubtful() {
        Set<String> doubtful = new TreeSet<>();
        Set<String> allowed = allowed();
        broken.forEach((test, rules) -> {
            if (!allowed.containsAll(rules.keySet())) {
                doubtful.add(test);
            }
        });
        if (!permitted && !brokenRules().contains(mutant.rule())) {
            Run.rulesOf(kit).getOrDefault(mutant.rule(), List.of()).forEach(test -> doubtful.add(test.getName()));
        }
        doubtful.retainAll(ran);
        return doubtful;
    }

    /** What may fail: its own rule, what it was declared to break besides, and whatever needs one of these. */
    private Set<String> allowed() {
        if (permitted) {
            return Set.of();
        }
        Set<String> allowed = new HashSet<>(mutant.collateral());
        allowed.add(mutant.rule());
        Map<String, List<Method>> rules = Run.rulesOf(kit);
        for (int before = 0; before < allowed.size(); ) {
            before = allowed.size();
            rules.forEach((rule, tests) -> tests.forEach(test -> {
                if (!Collections.disjoint(List.of(test.getAnnotation(Rule.class).needs()), allowed)) {
                    allowed.add(rule);
                }
            }));
        }
        return allowed;
    }

    /** Rules that caught it. */
    Set<String> brokenRules() {
        Set<String> rules = new TreeSet<>(RuleOrder.IDS);
        broken.values().forEach(each -> rules.addAll(each.keySet()));
        return rules;
    }

    Mutant<?> mutant() {
        return mutant;
    }

    /** The rules that failed, by test. */
    Map<String, Map<String, String>> findings() {
        return broken;
    }

    /** All that was found. */
    String messages() {
        return broken.toString();
    }

    String message() {
        return broken.values().stream()
                .map(rules -> rules.get(mutant.rule()))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("");
    }

    /** Demands that its own rule caught it, with the id in the message, and nothing that has nothing to do with it. */
    void verify() {
        assertThat(ran).as("tests run against %s", mutant).isNotEmpty();
        assertThat(brokenRules())
                .as("the rules that caught %s: %s", mutant, broken)
                .contains(mutant.rule());
        assertThat(message()).as("its message").contains(mutant.rule()).contains("spec:");
        assertThat(allowed()).as("what may fail for %s: %s", mutant, broken).containsAll(brokenRules());
    }

    /** Writes the table: each mutant, its own rule, what caught it besides, and whether that was declared or follows. */
    static void table(Path file, Collection<MutantRun> runs) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("| rule | mutant | caught by it | caught also by rules that need it | by rules declared |");
        lines.add("|---|---|---|---|---|");
        runs.stream()
                .sorted(Comparator.comparing((MutantRun run) -> run.mutant.rule(), RuleOrder.IDS)
                        .thenComparing(run -> run.mutant.name()))
                .forEach(run -> lines.add(run.row()));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, lines);
    }

    private String row() {
        Set<String> rules = brokenRules();
        boolean caught = rules.remove(mutant.rule());
        Set<String> declared = new TreeSet<>(RuleOrder.IDS);
        declared.addAll(rules);
        declared.retainAll(mutant.collateral());
        rules.removeAll(declared);
        return "| " + mutant.rule() + " | " + mutant.name() + " | " + (caught ? "yes" : "**no**") + " | "
                + String.join(", ", rules) + " | " + String.join(", ", declared) + " |";
    }
}
