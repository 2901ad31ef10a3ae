package dev.livesync.tck;

import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs a class, or one of its tests, with whatever JUnit is on the class path, as an old Surefire would. */
final class KitProgram {
    private KitProgram() {}

    /**
     * Ends with 1 if something failed.
     *
     * @param args CLASS or CLASS#TEST
     */
    public static void main(String... args) {
        DiscoverySelector selector = args[0].contains("#")
                ? DiscoverySelectors.selectMethod(args[0])
                : DiscoverySelectors.selectClass(args[0]);
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selector)
                                .configurationParameter("livesync.tck.reports", "none")
                                .build(),
                        summary);
        summary.getSummary()
                .getFailures()
                .forEach(failure -> System.out.println(
                        "FAILED " + failure.getTestIdentifier().getDisplayName() + ": " + failure.getException()));
        System.out.println("tests that ran: " + summary.getSummary().getTestsStartedCount());
        System.exit(summary.getSummary().getFailures().isEmpty() ? 0 : 1);
    }
}
