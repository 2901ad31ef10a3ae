package dev.livesync.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code docs/transports.md}: the verdicts are those of the kit's reports, the features those of the providers, the limits
 * those of each transport's own page. A report counts if it is younger than the classes that it is about.
 */
final class TransportsPage {
    private static final String HEAD = """
            # Transports

            Written by the build (`TransportsPageTest`) from the kit's reports, the providers and the transports' own pages, and held against them in `mvn verify`;
            `mvn verify -Dlivesync.docs=write` writes it anew. The rules are in [transport-spec.md](transport-spec.md).

            ## Verdicts

            | transport | tested by | shape | rules that apply | rules that ran | verdict |
            |---|---|---|---|---|---|
            """;

    private final Path root;

    /**
     * @param root the repository
     */
    TransportsPage(Path root) {
        this.root = root;
    }

    /** The kit's classes for transports, by module and name: a row for each in the table of verdicts. */
    SortedMap<String, Row> rows() throws IOException {
        SortedMap<String, Row> rows = new TreeMap<>();
        for (Path module : modules()) {
            Path tests = module.resolve("src/test/java");
            for (Path source : files(tests, file -> file.toString().endsWith("Test.java"))) {
                if (Files.readString(source).contains("extends TransportTck {")) {
                    String name = tests.relativize(source)
                            .toString()
                            .replace(".java", "")
                            .replaceAll("[/\\\\]", ".");
                    rows.put(name, row(module, name));
                }
            }
        }
        return rows;
    }

    /**
     * One row.
     *
     * @param name the test's simple name
     * @param text the row; empty where the test has not run since its module was compiled
     */
    record Row(String name, String text) {
        boolean ran() {
            return !text.isEmpty();
        }
    }

    private static Row row(Path module, String test) throws IOException {
        String name = test.substring(test.lastIndexOf('.') + 1);
        Path file = module.resolve("target/tck/" + test + ".json");
        if (!Files.exists(file) || Files.getLastModifiedTime(file).compareTo(compiled(module)) < 0) {
            return new Row(name, "");
        }
        JsonNode report = new ObjectMapper().readTree(file.toFile());
        long apply = Stream.concat(
                        report.get("rules")
                                .valueStream()
                                .map(rule -> rule.get("outcome").asText()),
                        report.get("missing").valueStream().map(missing -> "did not run"))
                .filter(outcome -> !outcome.equals("does not apply"))
                .count();
        StringBuilder verdict = new StringBuilder(report.get("verdict").asText());
        report.get("waivers")
                .properties()
                .forEach(waiver -> verdict.append("; ")
                        .append(waiver.getKey())
                        .append(": ")
                        .append(waiver.getValue().asText()));
        return new Row(
                name,
                "| `" + report.get("subject").asText() + "` | `" + name + "` | "
                        + report.get("facts").get("shape").asText() + " | " + apply + " | "
                        + (apply - report.get("missing").size()) + " | " + verdict + " |\n");
    }

    private static FileTime compiled(Path module) throws IOException {
        FileTime last = FileTime.fromMillis(0);
        for (Path each :
                files(module.resolve("target/classes"), file -> file.toString().endsWith(".class"))) {
            FileTime time = Files.getLastModifiedTime(each);
            last = time.compareTo(last) > 0 ? time : last;
        }
        return last;
    }

    /** Those of every build; what a profile adds, CI does not run. */
    private List<Path> modules() throws IOException {
        String pom = Files.readString(root.resolve("pom.xml"));
        String always = pom.substring(pom.indexOf("<modules>"), pom.indexOf("</modules>"));
        return Pattern.compile("<module>([^<]+)</module>")
                .matcher(always)
                .results()
                .map(module -> root.resolve(module.group(1)))
                .toList();
    }

    private static List<Path> files(Path below, Predicate<Path> which) throws IOException {
        if (!Files.isDirectory(below)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(below)) {
            return all.filter(Files::isRegularFile).filter(which).sorted().toList();
        }
    }

    /** The whole page around some rows. */
    String around(String rows) throws IOException {
        List<TransportProvider> providers = ServiceLoader.load(TransportProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparing(TransportProvider::id))
                .toList();
        StringBuilder page = new StringBuilder(HEAD).append(rows);
        page.append(
                "\n## Features\n\nOf the providers as `ServiceLoader` finds them; a configuration may change them.\n\n");
        table(page, "", providers, provider -> "`" + provider.id() + "`");
        page.append("|---".repeat(providers.size() + 1)).append("|\n");
        table(page, "shape", providers, provider -> provider.schemes().isEmpty() ? "signalling" : "dialling");
        table(
                page,
                "schemes",
                providers,
                provider -> provider.schemes().stream()
                        .sorted()
                        .map(scheme -> "`" + scheme + "`")
                        .collect(Collectors.joining(", ")));
        for (TransportFeature feature : TransportFeature.values()) {
            table(
                    page,
                    feature.name(),
                    providers,
                    provider -> provider.features().contains(feature) ? "yes" : "");
        }
        page.append("\n`CHANNEL_BINDING` and `ENCRYPTED` hold where the address asks for encryption.\n");
        for (TransportProvider provider : providers) {
            page.append("\n## ").append(provider.id()).append(": limits and known faults\n\n");
            page.append(limits(provider.id()));
            page.append("\nMore: [transports/").append(provider.id()).append(".md](transports/");
            page.append(provider.id()).append(".md)\n");
        }
        return page.toString();
    }

    private static void table(
            StringBuilder page,
            String head,
            List<TransportProvider> providers,
            java.util.function.Function<TransportProvider, String> cell) {
        page.append("| ").append(head);
        providers.forEach(provider -> page.append(" | ").append(cell.apply(provider)));
        page.append(" |\n");
    }

    /** The section of a transport's own page that begins with "Known limits". */
    private String limits(String id) throws IOException {
        List<String> lines = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(root.resolve("docs/transports/" + id + ".md"))) {
            if (line.startsWith("## ")) {
                inside = line.startsWith("## Known limits");
            } else if (inside && !line.isBlank()) {
                lines.add(line + "\n");
            }
        }
        return String.join("", lines);
    }
}
