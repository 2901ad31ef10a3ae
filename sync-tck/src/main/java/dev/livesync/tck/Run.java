package dev.livesync.tck;

import java.lang.reflect.Method;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What became of the rules in one run of a kit's class. Any thread. */
final class Run {
    /** How a rule fared, the worst last. */
    enum Status {
        DOES_NOT_APPLY("does not apply"),
        PASSED("passed"),
        WAIVED("waived"),
        FAILED("failed");

        private final String text;

        Status(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** One outcome of one rule. */
    record Outcome(
            String rule,
            String test,
            Status status,
            @Nullable String message,
            long millis) {}

    private final Class<?> testClass;
    private final RunEnvironment environment;
    private final Instant began = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final long beganNanos = System.nanoTime();
    private final Set<String> expected = new TreeSet<>(RuleOrder.IDS);
    private final List<Outcome> outcomes = new ArrayList<>();
    private final Map<String, String> waivers = new LinkedHashMap<>();
    private String subject = "";
    private Map<String, String> facts = Map.of();

    /**
     * Begins.
     *
     * @param scale the factor for all timeouts
     */
    Run(Class<?> testClass, double scale) {
        this.testClass = testClass;
        this.environment = RunEnvironment.of(testClass, scale);
        rulesOf(testClass).forEach((rule, tests) -> expected.add(rule));
    }

    /** The rules that a class has tests for, with the tests. */
    static Map<String, List<Method>> rulesOf(Class<?> testClass) {
        Map<String, List<Method>> rules = new TreeMap<>(RuleOrder.IDS);
        for (Class<?> type = testClass; type != null; type = type.getSuperclass()) {
            collect(type, rules);
            for (Class<?> group : type.getInterfaces()) {
                collect(group, rules);
            }
        }
        return rules;
    }

    /** The rules of its groups that a class has put methods of its own in the place of, which nobody runs. */
    static List<String> overridden(Class<?> testClass) {
        List<String> overridden = new ArrayList<>();
        rulesOf(testClass).forEach((rule, tests) -> {
            for (Method test : tests) {
                if (test.getDeclaringClass().isInterface() && !isInherited(test, testClass)) {
                    overridden.add(rule + " (" + test.getName() + ")");
                }
            }
        });
        return overridden;
    }

    private static boolean isInherited(Method test, Class<?> testClass) {
        try {
            return testClass.getMethod(test.getName()).equals(test);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("a rule is a public method of its group: " + test, e);
        }
    }

    private static void collect(Class<?> type, Map<String, List<Method>> rules) {
        for (Method method : type.getDeclaredMethods()) {
            Rule rule = method.getAnnotation(Rule.class);
            if (rule != null) {
                rules.computeIfAbsent(rule.value(), id -> new ArrayList<>()).add(method);
            }
        }
    }

    synchronized void meet(Tck kit) {
        if (subject.isEmpty()) {
            kit.waivers().forEach(waiver -> waivers.put(waiver.rule(), waiver.reason()));
            subject = kit.subject();
            facts = kit.facts();
        }
    }

    synchronized void add(Outcome outcome) {
        outcomes.add(outcome);
    }

    synchronized boolean isWaived(String rule) {
        return waivers.containsKey(rule);
    }

    /** Which of some rules failed before, waived or not. */
    synchronized List<String> brokenAmong(String... rules) {
        Set<String> broken = outcomes.stream()
                .filter(outcome -> outcome.status().compareTo(Status.WAIVED) >= 0)
                .map(Outcome::rule)
                .collect(Collectors.toSet());
        return Arrays.stream(rules).filter(broken::contains).toList();
    }

    Class<?> testClass() {
        return testClass;
    }

    RunEnvironment environment() {
        return environment;
    }

    Instant began() {
        return began;
    }

    /** Since it began. */
    long millis() {
        return (System.nanoTime() - beganNanos) / 1_000_000;
    }

    synchronized String subject() {
        return subject;
    }

    synchronized Map<String, String> facts() {
        return Collections.unmodifiableMap(facts);
    }

    synchronized Map<String, String> waivers() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(waivers));
    }

    /** Each rule's worst outcome, by id; rules that did not run are not in it. */
    synchronized Map<String, Outcome> worst() {
        Map<String, Outcome> worst = new TreeMap<>(RuleOrder.IDS);
        for (Outcome outcome : outcomes) {
            worst.merge(outcome.rule(), outcome, (a, b) -> b.status().compareTo(a.status()) > 0 ? b : a);
        }
        return worst;
    }

    /** Rules with tests that never ran: somebody selected tests. */
    synchronized Set<String> missing() {
        Set<String> missing = new LinkedHashSet<>(expected);
        missing.removeAll(worst().keySet());
        return missing;
    }

    /** What is wrong with the waivers, one line each. */
    synchronized List<String> staleWaivers() {
        List<String> stale = new ArrayList<>();
        Map<String, Outcome> worst = worst();
        waivers.keySet().forEach(rule -> {
            Outcome outcome = worst.get(rule);
            if (!expected.contains(rule) && outcome == null) {
                stale.add("the waiver for " + rule + " names no rule of this kit");
            } else if (outcome != null && outcome.status() != Status.WAIVED) {
                stale.add("the waiver for " + rule + " is no longer needed, the rule " + outcome.status()
                        + ": remove it");
            }
        });
        return stale;
    }

    private synchronized long count(Status status) {
        return worst().values().stream()
                .filter(outcome -> outcome.status() == status)
                .count();
    }

    /** Whether it conforms, in one to two words. A selection of rules that all passed says nothing of the others. */
    synchronized String verdict() {
        if (count(Status.FAILED) > 0 || !staleWaivers().isEmpty()) {
            return "NOT CONFORMANT";
        }
        if (!missing().isEmpty()) {
            return "NO VERDICT";
        }
        return count(Status.WAIVED) > 0 ? "WITH WAIVERS" : "CONFORMANT";
    }

    /** The line that a build's log has to have. */
    synchronized String line() {
        long out = count(Status.DOES_NOT_APPLY);
        long ran = worst().size() - out;
        return "TCK " + testClass.getSimpleName() + " (" + subject + "): " + ran + " of "
                + (ran + missing().size()) + " rules ran" + (out == 0 ? "" : ", " + out + " do not apply") + ": "
                + verdict();
    }
}
