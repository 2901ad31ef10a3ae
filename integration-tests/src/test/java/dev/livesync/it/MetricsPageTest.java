package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/metrics.md, the dashboard and the alerts name is what there is. */
class MetricsPageTest {
    private static final String SOURCE = """
            import dev.livesync.Sync;
            import dev.livesync.database.Database;
            import dev.livesync.metrics.SyncMetrics;
            import io.micrometer.core.instrument.MeterRegistry;

            public class MetricsPage {
                public static void bind(Database database, Sync sync, MeterRegistry registry) {
                    %s
                }
            }
            """;

    private static final Path DOCS = Path.of("..", "docs");
    private static final Pattern SELECTOR = Pattern.compile("\\b(livesync_\\w+)(?:\\{([^}]*)})?");
    private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*=~?\\s*\"([^\"]*)\"");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    @TempDir
    private Path scratch;

    private Database database;
    private Sync sync;

    @BeforeEach
    void bind() throws Exception {
        database = Database.inMemory();
        sync = new Sync(database);
        PageBlocks.of("metrics.md")
                .compile(scratch, "MetricsPage", SOURCE)
                .getMethod("bind", Database.class, Sync.class, MeterRegistry.class)
                .invoke(null, database, sync, registry);
    }

    @AfterEach
    void close() {
        sync.close();
        database.close();
    }

    @Test
    void theTableHasEveryMetricWithItsTagsAndNoOther() throws IOException {
        List<String> named = table("livesync.").stream().map(cells -> cells[1]).toList();
        Map<String, Set<String>> there = new HashMap<>();
        registry.getMeters()
                .forEach(meter -> there.computeIfAbsent(meter.getId().getName(), none -> new HashSet<>())
                        .addAll(meter.getId().getTags().stream()
                                .map(tag -> tag.getKey())
                                .filter(key -> !key.equals("database"))
                                .toList()));
        assertThat(named).containsExactlyInAnyOrderElementsOf(there.keySet());
        there.forEach((name, tags) ->
                assertThat(marked(row(name)[3])).as("tags of %s", name).containsAll(tags));
    }

    @Test
    void theTableNamesTheValuesOfEachTag() throws IOException {
        for (String[] cells : table("livesync.")) {
            Set<String> said = Set.copyOf(marked(cells[3]));
            registry.getMeters().stream()
                    .filter(meter -> meter.getId().getName().equals(cells[1]))
                    .flatMap(meter -> meter.getId().getTags().stream())
                    .filter(tag -> Set.of("state", "outcome", "reason").contains(tag.getKey()))
                    .forEach(tag -> assertThat(said).as(cells[1]).contains(tag.getKey(), tag.getValue()));
        }
    }

    @Test
    void theAlertsAskForWhatThereIs() throws IOException {
        String rules = Files.readString(DOCS.resolve("metrics/alerts.yml"));
        List<String> expressions = Pattern.compile("(?m)^ +expr: (.*)$")
                .matcher(rules)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(expressions).hasSizeGreaterThan(5).hasSize(rules.split("- alert: ", -1).length - 1);
        expressions.forEach(this::check);
    }

    @Test
    void theDashboardAsksForWhatThereIsAndShowsAllOfIt() throws IOException {
        JsonNode dashboard = new ObjectMapper()
                .readTree(DOCS.resolve("metrics/dashboard.json").toFile());
        Set<String> used = new TreeSet<>();
        dashboard.findValuesAsText("expr").forEach(expression -> used.addAll(check(expression)));
        check(dashboard.at("/templating/list/1/query").asText());
        Set<String> left = new TreeSet<>(scraped().keySet());
        left.removeAll(used);
        assertThat(left).as("on no panel").isEmpty();
    }

    /** Looks each selector up in what Prometheus would get; returns the metrics. */
    private Set<String> check(String expression) {
        Map<String, Map<String, Set<String>>> there = scraped();
        Set<String> used = new HashSet<>();
        SELECTOR.matcher(expression).results().forEach((MatchResult found) -> {
            String metric = found.group(1);
            assertThat(there).as(expression).containsKey(metric);
            used.add(metric);
            LABEL.matcher(found.group(2) == null ? "" : found.group(2))
                    .results()
                    .forEach(label -> {
                        Set<String> values = there.get(metric).get(label.group(1));
                        assertThat(values)
                                .as("%s: label %s", expression, label.group(1))
                                .isNotNull();
                        if (!label.group(2).startsWith("$")) {
                            assertThat(values).as(expression).contains(label.group(2));
                        }
                    });
            Pattern.compile("\\bby \\((\\w+)\\)")
                    .matcher(expression)
                    .results()
                    .forEach(by -> assertThat(there.get(metric)).as(expression).containsKey(by.group(1)));
        });
        assertThat(used).as(expression).isNotEmpty();
        return used;
    }

    /** The metrics by name, with the values of each label; without the largest value of a timer, which nobody measures. */
    private Map<String, Map<String, Set<String>>> scraped() {
        Map<String, Map<String, Set<String>>> found = new HashMap<>();
        for (String line : registry.scrape().split("\n", -1)) {
            if (line.startsWith("#") || line.isBlank()) {
                continue;
            }
            String name = line.substring(0, line.indexOf('{'));
            Map<String, Set<String>> labels = found.computeIfAbsent(name, none -> new HashMap<>());
            LABEL.matcher(line)
                    .results()
                    .forEach(label -> labels.computeIfAbsent(label.group(1), none -> new HashSet<>())
                            .add(label.group(2)));
        }
        return found;
    }

    @Test
    void aRecordingHasTheEventsOfThePageWithTheirFields() throws Exception {
        Path file = scratch.resolve("livesync.jfr");
        try (Recording recording = new Recording()) {
            recording.start();
            try (Database other = Database.open(scratch.resolve("other"));
                    Sync peer = new Sync(other)) {
                other.put("a", "{}");
                Session session = sync.connect(
                                peer.accept(sync.offer("memory").join()).join())
                        .join();
                session.backlog().join();
                session.close();
                session.closed().join();
            }
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        for (String name : List.of("dev.livesync.Session", "dev.livesync.Commit")) {
            List<RecordedEvent> ours = events.stream()
                    .filter(event -> event.getEventType().getName().equals(name))
                    .toList();
            assertThat(ours).as(name).isNotEmpty();
            Set<String> fields = ours.get(0).getFields().stream()
                    .map(ValueDescriptor::getName)
                    .filter(field -> !Set.of("startTime", "duration", "eventThread", "stackTrace")
                            .contains(field))
                    .collect(Collectors.toSet());
            assertThat(marked(row(name)[3])).containsExactlyInAnyOrderElementsOf(fields);
        }
        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().equals("dev.livesync.Session"))
                .hasSize(2)
                .allSatisfy(event -> {
                    assertThat(event.getString("transport")).isEqualTo("memory");
                    assertThat(event.getString("outcome")).isEqualTo("CLOSED");
                    assertThat(event.getLong("bytesSent")).isPositive();
                    assertThat(event.getDuration()).isPositive();
                });
        assertThat(events)
                .filteredOn(event -> event.getEventType().getName().equals("dev.livesync.Commit"))
                .allSatisfy(event -> {
                    assertThat(event.getInt("transactions")).isPositive();
                    assertThat(event.getBoolean("durable")).isTrue();
                    assertThat(event.getDuration()).isGreaterThanOrEqualTo(event.getDuration("force"));
                });
    }

    private static List<String[]> table(String prefix) throws IOException {
        List<String[]> rows = Files.readAllLines(DOCS.resolve("metrics.md")).stream()
                .filter(line -> line.startsWith("| `" + prefix))
                .map(line -> line.replaceFirst("`([^`]*)`", "$1").split("\\s*\\|\\s*", -1))
                .toList();
        assertThat(rows).as("rows of %s", prefix).isNotEmpty();
        return rows;
    }

    private static String[] row(String name) {
        try {
            return table(name).stream()
                    .filter(cells -> cells[1].equals(name))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> marked(String cell) {
        return Pattern.compile("`(\\w+)`")
                .matcher(cell)
                .results()
                .map(found -> found.group(1))
                .toList();
    }
}
