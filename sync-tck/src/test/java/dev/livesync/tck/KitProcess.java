package dev.livesync.tck;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs a class of the kit in a process of its own, without Maven: {@code scripts/tck-under-load} starts many. */
final class KitProcess {
    private KitProcess() {}

    /**
     * Prints a line for each failure and ends with 0 if there was none.
     *
     * @param args the class, and where the report goes
     */
    public static void main(String... args) {
        AtomicInteger passed = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(args[0]))
                                .filters(TagFilter.excludeTags("soak"))
                                .configurationParameter("livesync.tck.reports", args[1])
                                .build(),
                        new TestExecutionListener() {
                            @Override
                            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                                if (result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) {
                                    passed.addAndGet(test.isTest() ? 1 : 0);
                                    return;
                                }
                                failed.incrementAndGet();
                                result.getThrowable().ifPresent(failure -> {
                                    System.out.println("FAILED " + test.getDisplayName() + " "
                                            + String.valueOf(failure).replaceAll("\\s+", " "));
                                    failure.printStackTrace(System.out);
                                });
                            }
                        });
        System.out.println(passed + " tests passed, " + failed + " failed");
        System.exit(failed.get() > 0 || passed.get() == 0 ? 1 : 0); // whatever a library has left running would keep us
    }
}
