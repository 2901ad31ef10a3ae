package dev.livesync.tck;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Runs the kit's tests: attributes each failure to a rule, applies waivers, collects what ran, writes the report and prints
 * the verdict.
 */
final class TckExtension implements BeforeAllCallback, AfterAllCallback, InvocationInterceptor {
    private static final ExtensionContext.Namespace SPACE = ExtensionContext.Namespace.create(TckExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        LibraryVersions.check();
        context.getStore(SPACE).put(Run.class, new Run(context.getRequiredTestClass(), scale(context)));
        List<String> overridden = Run.overridden(context.getRequiredTestClass());
        if (!overridden.isEmpty()) {
            throw new AssertionError(context.getRequiredTestClass().getName() + " overrides rules of the kit: "
                    + String.join(", ", overridden)
                    + ". Remove the methods; a rule that is known to be broken goes into waivers()");
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Run run = context.getStore(SPACE).get(Run.class, Run.class);
        if (run == null) {
            return; // beforeAll has failed and said why
        }
        String reports =
                context.getConfigurationParameter("livesync.tck.reports").orElse(Path.of("target", "tck") + "");
        if (!reports.equals("none")) {
            Report.write(run, Path.of(reports));
            if (!context.getConfigurationParameter("livesync.tck.verdict").equals(Optional.of("none"))) {
                System.out.println(run.line());
            }
        }
        List<String> stale = run.staleWaivers();
        if (!stale.isEmpty()) {
            throw new AssertionError(String.join("; ", stale));
        }
    }

    private static double scale(ExtensionContext context) {
        return context.getConfigurationParameter("livesync.tck.scale")
                .map(Double::valueOf)
                .orElse(1.0);
    }

    private static Run run(ExtensionContext context) {
        Run run = context.getStore(SPACE).get(Run.class, Run.class);
        if (run == null) {
            throw new IllegalStateException("the kit's extension was not started for " + context.getDisplayName());
        }
        return run;
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation,
            ReflectiveInvocationContext<Method> invocationContext,
            ExtensionContext context)
            throws Throwable {
        Method test = invocationContext.getExecutable();
        Rule rule = test.getAnnotation(Rule.class);
        if (rule == null) {
            invocation.proceed();
            return;
        }
        Tck kit = (Tck) context.getRequiredTestInstance();
        kit.patience(new Patience(scale(context)));
        Run run = run(context);
        run.meet(kit);
        String whyNot = kit.whyNot(test);
        if (whyNot != null) {
            invocation.skip();
            run.add(new Run.Outcome(rule.value(), test.getName(), Run.Status.DOES_NOT_APPLY, whyNot, 0));
            return;
        }
        judge(run, kit, test, rule, invocation, "");
        if (inBothDialects(context) && kit.speakTexts(test)) {
            judge(run, kit, test, rule, new Repeated(test, kit), "\nwith peers that speak in texts and CARs");
        }
    }

    private static boolean inBothDialects(ExtensionContext context) {
        String dialects =
                context.getConfigurationParameter("livesync.tck.dialects").orElse("native");
        if (!dialects.equals("both") && !dialects.equals("native")) {
            throw new IllegalArgumentException("livesync.tck.dialects is native or both, not " + dialects);
        }
        return dialects.equals("both");
    }

    /** A test that JUnit has run already. */
    private record Repeated(Method test, Tck kit) implements Invocation<Void> {
        @Override
        public Void proceed() throws Throwable {
            try {
                test.invoke(kit);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
            return null;
        }
    }

    private static void judge(Run run, Tck kit, Method test, Rule rule, Invocation<Void> invocation, String dialect) {
        long begun = System.nanoTime();
        List<RuleViolation> violations = new ArrayList<>();
        Throwable failure = failureOf(() -> {
            try {
                kit.begin();
            } catch (Throwable e) {
                invocation.skip();
                throw e;
            }
            invocation.proceed();
        });
        if (failure != null) {
            violations.add(attributed(run, rule, failure, waited(kit, begun) + dialect));
        }
        Throwable after = failureOf(() -> violations.addAll(kit.finish()));
        if (after != null) {
            violations.add(attributed(run, rule, after, waited(kit, begun) + dialect));
        }
        long millis = (System.nanoTime() - begun) / 1_000_000;
        if (violations.stream().noneMatch(violation -> violation.rule().equals(rule.value()))) {
            run.add(new Run.Outcome(rule.value(), test.getName(), Run.Status.PASSED, null, millis));
        }
        report(run, test, violations, millis);
    }

    private static void report(Run run, Method test, List<RuleViolation> violations, long millis) {
        RuleViolation thrown = null;
        for (RuleViolation violation : violations) {
            boolean waived = run.isWaived(violation.rule());
            run.add(new Run.Outcome(
                    violation.rule(),
                    test.getName(),
                    waived ? Run.Status.WAIVED : Run.Status.FAILED,
                    violation.getMessage(),
                    millis));
            if (!waived) {
                if (thrown == null) {
                    thrown = violation;
                } else {
                    thrown.addSuppressed(violation);
                }
            }
        }
        if (thrown != null) {
            throw thrown;
        }
    }

    /** What to try where time may have been too short; empty where nothing was waited for in vain. */
    private static String waited(Tck kit, long begun) {
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        return took.compareTo(kit.patience().await()) < 0
                ? ""
                : "\nit took " + took.toSeconds() + " s, with timeouts × "
                        + kit.patience().scale() + ": on a slow machine run it with -Dlivesync.tck.scale="
                        + (long) Math.max(3, Math.ceil(3 * kit.patience().scale()));
    }

    private static RuleViolation attributed(Run run, Rule rule, Throwable failure, String how) {
        if (failure instanceof RuleViolation violation) {
            return violation;
        }
        String what = failure instanceof AssertionError ? String.valueOf(failure.getMessage()) : Blame.of(failure);
        List<String> broken = run.brokenAmong(rule.needs());
        String check = broken.isEmpty()
                ? rule.check()
                : "nothing here yet: this rule presupposes " + String.join(", ", broken)
                        + ", which failed before. Mend that first, and this one may hold by itself";
        return RuleViolation.of(rule.value(), what + how, check, failure);
    }

    @SuppressWarnings("CatchingUnchecked") // whatever a test throws is a verdict on the subject
    private static @Nullable Throwable failureOf(Step step) {
        try {
            step.run();
            return null;
        } catch (VirtualMachineError e) {
            throw e;
        } catch (Throwable e) {
            return e;
        }
    }

    private interface Step {
        void run() throws Throwable;
    }
}
