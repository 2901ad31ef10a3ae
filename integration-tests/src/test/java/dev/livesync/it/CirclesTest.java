package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which classes of one package use each other in a circle, in the rooms of sync-core and sync-database: these, for these reasons, and no more. */
class CirclesTest {
    private static final String PREFIX = "dev.livesync.";

    /** Reasons by the classes of a circle. A circle that has gone, or shrunk, has to be taken out of here. */
    private static final Map<String, String> KNOWN = Map.of(
            "core.connect: DerivedOffer OfferListener Offers PendingOffer SignalledOffer",
            "an offer takes its place among those that are open, and leaves it; who answers finds it there",
            "core.protocol: Dialect DialectHost ProtocolConfig",
            "a configuration names the dialect to be spoken, and a dialect reads the configuration from its host",
            "core.session: Attempt Introduction RefusalSender SerialChannel SessionRegistry SessionRunner SyncContext",
            "the context makes its attempts, and lists them and the sessions, which all live in it",
            "database.history: AncestorSet Chains Difference EventGraph",
            "these are the graph's own answers, each in a file of its own: it asks them, and they read it",
            "database.history: ChangeTracker CurrentDocuments",
            "the documents tell those who watch, who ask them back",
            "database.log: SegmentLog SegmentRewrite",
            "a rewrite puts its file into the log that began it",
            "database.replica: CanonicalTree ChainDocuments DerivedState EmptinessCheck KnownTree PendingEvent PendingEvents ReadView Trees",
            "what is derived keeps its parts, which change it or read it",
            "database.replica: Checkpoint Liveness LocalWrite MaintenanceView ReplicaParts Settings StoredView TreeRebuild WholeTrees"
                    + " WriterState",
            "the writer's state keeps its parts, which change it: a state of columns alone, with the parts above it, is no small split");

    private static String top(JavaClass type) {
        String name = type.getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    private static boolean isRoom(JavaClass type) {
        String name = type.getPackageName();
        return name.startsWith(PREFIX + "core.") || name.startsWith(PREFIX + "database.");
    }

    /** Who uses whom within one package, nested classes as part of the one around them. */
    private static Map<String, Set<String>> uses() {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(MainCode.ONLY)
                .importPackages(PREFIX + "core", PREFIX + "database")) {
            if (isRoom(type)) {
                Set<String> used = uses.computeIfAbsent(top(type), none -> new TreeSet<>());
                type.getDirectDependenciesFromSelf().stream()
                        .map(dependency -> dependency.getTargetClass())
                        .filter(target -> target.getPackageName().equals(type.getPackageName()))
                        .map(target -> top(target.getBaseComponentType()))
                        .filter(target -> !target.equals(top(type)))
                        .forEach(used::add);
            }
        }
        return uses;
    }

    private static Set<String> reachable(Map<String, Set<String>> uses, Collection<String> from) {
        Set<String> reached = new TreeSet<>();
        TreeSet<String> next = new TreeSet<>(from);
        while (!next.isEmpty()) {
            String name = next.pollFirst();
            if (reached.add(name)) {
                next.addAll(uses.getOrDefault(name, Set.of()));
            }
        }
        return reached;
    }

    /** The largest sets in which everybody uses everybody, over however many steps; as the package and simple names. */
    private static Set<String> circles() {
        Map<String, Set<String>> uses = uses();
        assertThat(uses).hasSizeGreaterThan(100); // a rule about no classes would pass
        Map<String, Set<String>> reach = new TreeMap<>();
        uses.forEach((name, used) -> reach.put(name, reachable(uses, used)));
        Set<String> circles = new TreeSet<>();
        reach.forEach((name, reached) -> {
            if (reached.contains(name)) {
                TreeSet<String> members = new TreeSet<>();
                reached.stream()
                        .filter(other -> reach.get(other).contains(name))
                        .map(other -> other.substring(other.lastIndexOf('.') + 1))
                        .forEach(members::add);
                circles.add(name.substring(PREFIX.length(), name.lastIndexOf('.')) + ": " + String.join(" ", members));
            }
        });
        return circles;
    }

    @Test
    void theCirclesWithinAPackageAreTheseAndHaveAReason() {
        assertThat(circles()).isEqualTo(new TreeSet<>(KNOWN.keySet()));
        assertThat(KNOWN.values()).noneMatch(String::isBlank);
    }
}
