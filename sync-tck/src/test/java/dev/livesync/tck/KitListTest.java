package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestTag;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * What builds and IDEs see of a kit: each test in its order, under the name that reports and {@code -Dtest=CLASS#TEST} know,
 * with its tags. A new rule is a new line in the file; a line that changes changes the builds of others.
 */
class KitListTest {
    @Test
    void theTestsOfATransport() throws Exception {
        assertThat(tests(MemoryTransportTest.class)).isEqualTo(expected("transport-tests.txt"));
    }

    @Test
    void theTestsOfAReplica() throws Exception {
        assertThat(tests(MemoryDatabaseReplicaTest.class)).isEqualTo(expected("replica-tests.txt"));
    }

    private static String tests(Class<? extends Tck> kit) {
        TestPlan plan = LauncherFactory.create()
                .discover(LauncherDiscoveryRequestBuilder.request()
                        .selectors(selectClass(kit))
                        .build());
        List<String> lines = new ArrayList<>();
        for (TestIdentifier root : plan.getRoots()) {
            for (TestIdentifier type : plan.getChildren(root)) {
                for (TestIdentifier test : plan.getChildren(type)) {
                    lines.add(line(kit, test));
                }
            }
        }
        return String.join("\n", lines) + "\n";
    }

    private static String line(Class<? extends Tck> kit, TestIdentifier test) {
        MethodSource source = (MethodSource) test.getSource().orElseThrow();
        assertThat(source.getClassName()).as("the class of %s", test).isEqualTo(kit.getName());
        assertThat(test.getLegacyReportingName())
                .as("the name in reports")
                .isEqualTo(source.getMethodName() + "()")
                .isEqualTo(test.getDisplayName());
        Rule rule = source.getJavaMethod().getAnnotation(Rule.class);
        List<String> tags =
                test.getTags().stream().map(TestTag::getName).sorted().toList();
        return rule.value() + " " + source.getMethodName() + (tags.isEmpty() ? "" : " " + tags);
    }

    private static String expected(String file) throws IOException {
        try (InputStream in = KitListTest.class.getResourceAsStream(file)) {
            assertThat(in).as(file).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
