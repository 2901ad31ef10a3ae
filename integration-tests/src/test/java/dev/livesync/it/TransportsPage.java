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
 * those of each transport's own page. A report counts if it is younger than the classes that it is about and the kit's.
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

    private static final String TAIL = """

            ## Transports of third parties

            None is listed yet. A transport is listed with what its own build has shown: the kit's report, `target/tck/CLASS.json`, in which are the kit's version, every rule with its outcome and its time, waivers
            with their reasons, the machine, and a digest of it all. The kit as a program writes the same, without a build:

            ```sh
            java -jar sync-tck-standalone.jar --classpath my-transport.jar:my-tests.jar:libraries/* --class example.tcp.TcpTransportTest --report target/tck
            ```

            Open an issue with the file, where the transport is found, and who looks after it. Before it is listed, and by you before it is sent:

            ```sh
            livesync tck-report target/tck/example.tcp.TcpTransportTest.json
            ```

            It says whether the file is as the kit wrote it, whether the verdict follows from the outcomes, and whether all rules of its version of the specification are named. The digest is no signature: whoever
            wants to know, and not to believe, builds the transport and runs the kit. With waivers the row says which rules, and why.
            [How to write a transport](write-a-transport.md), [the report's form](formats.md#a-report-of-the-kit).
            """;

    private final Path root;

    /**
     * @param root the repository
     */
    TransportsPage(Path root) {
        this.root = root;
    }

    /** The kit's classes for transports that every build runs, by module and name: a row for each in the table of verdicts. */
    SortedMap<String, Row> rows() throws IOException {
        SortedMap<String, Row> rows = new TreeMap<>();
        for (Path module : modules()) {
            Path tests = module.resolve("src/test/java");
            for (Path source : files(tests, file -> file.toString().endsWith("Test.java"))) {
                String text = Files.readString(source);
                if (text.contains("extends TransportTck {") && !text.contains("@Tag(\"soak\")")) {
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
     * @param report the kit's, in JSON
     * @param text the row; empty where the test has not run since its module and the kit were compiled
     */
    record Row(String name, Path report, String text) {
        boolean ran() {
            return !text.isEmpty();
        }
    }

    private Row row(Path module, String test) throws IOException {
        String name = test.substring(test.lastIndexOf('.') + 1);
        Path file = module.resolve("target/tck/" + test + ".json");
        if (!Files.exists(file)
                || Files.getLastModifiedTime(file).compareTo(compiled(module)) < 0
                || Files.getLastModifiedTime(file).compareTo(compiled(root.resolve("sync-tck"))) < 0) {
            return new Row(name, file, "");
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
                file,
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
        return page.append(TAIL).toString();
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
