package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The arrows between the packages of the database. */
class DatabasePackagesTest {
    private static final String ROOT = "dev.livesync.database";

    /** All arrows there are, from a package to those that it uses. Nobody uses the root, and no arrow leads back. */
    private static final Map<String, Set<String>> ARROWS = Map.ofEntries(
            Map.entry("disk", Set.of()),
            Map.entry("attachments", Set.of()),
            Map.entry("checkpoint", Set.of()),
            Map.entry("columns", Set.of()),
            Map.entry("contents", Set.of("attachments", "pieces", "replica")),
            Map.entry("erasure", Set.of("attachments")),
            Map.entry("live", Set.of()),
            Map.entry("maintenance", Set.of()),
            Map.entry("versions", Set.of()),
            Map.entry("json", Set.of()),
            Map.entry("order", Set.of()),
            Map.entry("pieces", Set.of("disk")),
            Map.entry("query", Set.of("json", "order")),
            Map.entry("tree", Set.of()),
            Map.entry("log", Set.of("columns", "disk")),
            Map.entry("history", Set.of("columns")),
            Map.entry("index", Set.of("columns", "order", "query")),
            Map.entry("replica", Set.of("checkpoint", "columns", "disk", "history", "index", "log", "query", "tree")),
            Map.entry(
                    "",
                    Set.of(
                            "attachments",
                            "checkpoint",
                            "columns",
                            "contents",
                            "disk",
                            "erasure",
                            "history",
                            "index",
                            "json",
                            "log",
                            "live",
                            "maintenance",
                            "order",
                            "pieces",
                            "query",
                            "replica",
                            "versions")));

    @Test
    void everyArrowIsOneOfThese() {
        Map<String, Set<String>> arrows = arrows();
        assertThat(arrows).containsExactlyInAnyOrderEntriesOf(ARROWS);
    }

    /** So that no line above can be added in good faith that closes a circle. */
    @Test
    void noneIsInACircle() {
        Map<String, Set<String>> left = arrows();
        while (left.values().removeIf(Set::isEmpty)) {
            left.values().forEach(used -> used.retainAll(left.keySet()));
        }
        assertThat(left).as("packages in circles, and those that use them").isEmpty();
    }

    private static Map<String, Set<String>> arrows() {
        Map<String, Set<String>> arrows = new TreeMap<>();
        for (JavaClass type :
                new ClassFileImporter().withImportOption(MainCode.ONLY).importPackages(ROOT)) {
            String user = inside(type);
            Set<String> used = arrows.computeIfAbsent(user, none -> new TreeSet<>());
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass())
                    .filter(target -> target.getPackageName().startsWith(ROOT))
                    .map(DatabasePackagesTest::inside)
                    .filter(target -> !target.equals(user))
                    .forEach(used::add);
        }
        return arrows;
    }

    /** A package's name below the root. */
    private static String inside(JavaClass type) {
        return type.getPackageName().substring(ROOT.length()).replaceFirst("^\\.", "");
    }
}
