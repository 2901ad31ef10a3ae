package dev.livesync.tck.standalone;

import dev.livesync.tck.Rule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.engine.JupiterTestEngine;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** One class of the kit, run by the JUnit that is built in: no engine, listener or setting of the class path has a say. */
final class KitRun {
    private final Class<?> kit;
    private final SubjectPath path;
    private final double scale;
    private final Set<String> rules;

    /** What the launcher told, while it ran. */
    private final FailureTexts failures = new FailureTexts();

    /**
     * Prepares a run.
     *
     * @param rules the rules to be run; all if empty
     */
    KitRun(Class<?> kit, SubjectPath path, double scale, Set<String> rules) {
        this.kit = kit;
        this.path = path;
        this.scale = scale;
        this.rules = rules;
    }

    /**
     * Runs, and prints the failures and the verdict.
     *
     * @param reports where to leave the reports; null for nowhere
     * @return an exit code
     * @throws NotRunException if that was no run of the rules
     */
    int verdict(@Nullable Path reports) {
        try {
            Path written = Files.createTempDirectory("sync-tck");
            try {
                execute(written);
                return conclude(written, reports);
            } finally {
                delete(written);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void execute(Path written) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectors())
                .filters(TagFilter.excludeTags("soak"))
                .enableImplicitConfigurationParameters(false)
                .configurationParameter("livesync.tck.scale", Double.toString(scale))
                .configurationParameter("livesync.tck.reports", written.toString())
                .configurationParameter("livesync.tck.verdict", "none") // printed here
                .build();
        LauncherConfig config = LauncherConfig.builder()
                .enableTestEngineAutoRegistration(false)
                .enableTestExecutionListenerAutoRegistration(false)
                .enableLauncherSessionListenerAutoRegistration(false)
                .enableLauncherDiscoveryListenerAutoRegistration(false)
                .enablePostDiscoveryFilterAutoRegistration(false)
                .addTestEngines(new JupiterTestEngine())
                .build();
        String pathBefore = System.getProperty("java.class.path");
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(path.loader());
        // A class that is missing on a thread of the transport ends the thread, and the rule only waits in vain.
        Thread.UncaughtExceptionHandler handlerBefore = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((ended, failure) -> failures.uncaught(ended, failure));
        try {
            System.setProperty("java.class.path", path.text());
            LauncherFactory.create(config).execute(request, failures);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a URL that was made of a path", e);
        } finally {
            System.setProperty("java.class.path", pathBefore);
            Thread.setDefaultUncaughtExceptionHandler(handlerBefore);
            thread.setContextClassLoader(before);
        }
    }

    private List<DiscoverySelector> selectors() {
        if (rules.isEmpty()) {
            return List.of(DiscoverySelectors.selectClass(kit));
        }
        List<DiscoverySelector> selectors = new ArrayList<>();
        for (String rule : rules) {
            List<Method> tests = Stream.of(kit.getMethods())
                    .filter(method -> isFor(rule, method))
                    .toList();
            if (tests.isEmpty()) {
                throw new NotRunException(kit.getName() + " has no test for " + rule);
            }
            tests.forEach(test -> selectors.add(DiscoverySelectors.selectMethod(kit, test)));
        }
        return selectors;
    }

    private static boolean isFor(String rule, Method test) {
        Rule annotation = test.getAnnotation(Rule.class);
        return annotation != null && annotation.value().equals(rule);
    }

    private int conclude(Path written, @Nullable Path reports) throws IOException {
        LinkageError linkage = failures.linkage;
        if (linkage != null) {
            throw new NotRunException(kit.getName() + ": " + Linkage.sentence(linkage));
        }
        Path json = written.resolve(kit.getName() + ".json");
        if (failures.tests == 0 || !Files.exists(json)) {
            throw new NotRunException(kit.getName() + ": no rule ran" + failures.ofTheClass());
        }
        WrittenReport report = WrittenReport.read(json);
        failures.messages.forEach(System.out::println);
        if (!rules.isEmpty()) {
            return some(report);
        }
        System.out.println(report.line());
        if (reports != null) {
            Files.createDirectories(reports);
            for (String kind : List.of(".json", ".md")) {
                Path target = reports.resolve(kit.getName() + kind);
                Files.deleteIfExists(target);
                Files.copy(written.resolve(kit.getName() + kind), target);
                if (kind.equals(".md")) {
                    System.out.println("report: " + target);
                }
            }
        }
        return switch (report.verdict()) {
            case "CONFORMANT", "WITH WAIVERS" -> VerdictCommand.CONFORMANT;
            case "NO VERDICT" -> VerdictCommand.NO_VERDICT;
            default -> VerdictCommand.NOT_CONFORMANT;
        };
    }

    private int some(WrittenReport report) {
        report.rules().forEach((rule, outcome) -> System.out.println(rule + ": " + outcome));
        long ran = report.rules().values().stream()
                .filter(outcome -> !outcome.startsWith("does not apply"))
                .count();
        if (ran == 0) {
            throw new NotRunException(kit.getName() + ": no rule ran, for none of them applies");
        }
        System.out.println(kit.getSimpleName() + ": " + ran + (ran == 1 ? " rule" : " rules")
                + " ran because of --rule: no verdict");
        return failures.messages.isEmpty() ? VerdictCommand.NO_VERDICT : VerdictCommand.NOT_CONFORMANT;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    /** What went wrong, in words. */
    private static final class FailureTexts implements TestExecutionListener {
        private final List<String> messages = new ArrayList<>();
        private int tests;
        private volatile @Nullable LinkageError linkage;

        @Override
        public void executionStarted(TestIdentifier test) {
            tests += test.isTest() ? 1 : 0;
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            result.getThrowable().ifPresent(failure -> {
                look(failure);
                messages.add(text(failure));
                for (Throwable suppressed : failure.getSuppressed()) {
                    messages.add(text(suppressed));
                }
            });
        }

        /** On the thread that ends. */
        void uncaught(Thread ended, Throwable failure) {
            look(failure);
            if (linkage == null) {
                System.err.println("thread " + ended.getName() + " ended with " + failure);
            }
        }

        private synchronized void look(Throwable failure) {
            if (linkage == null) {
                linkage = Linkage.in(failure);
            }
        }

        /** The kit's own have a message that says it all. */
        private static String text(Throwable failure) {
            String message = failure.getMessage();
            return failure instanceof AssertionError && message != null ? message : failure.toString();
        }

        String ofTheClass() {
            return messages.isEmpty() ? "" : ": " + String.join("; ", messages);
        }
    }
}
