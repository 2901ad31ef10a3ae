package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.codehaus.mojo.animal_sniffer.SignatureChecker;
import org.codehaus.mojo.animal_sniffer.logging.Logger;
import org.codehaus.mojo.animal_sniffer.logging.PrintWriterLogger;
import org.junit.jupiter.api.Test;

/** What stands between LiveSync and Android 8 is what docs/android.md says, name by name. */
class AndroidTest {
    private static final Path SIGNATURE = Path.of("target", "android", "gummy-bears-api-26-coreLib2.signature");
    private static final Path PAGE = Path.of("..", "docs", "android.md");
    private static final boolean WRITE = System.getProperty("livesync.docs", "").equals("write");
    private static final Pattern ROW = Pattern.compile("^\\| `([a-z-]+)` \\| (.*) \\|$", Pattern.MULTILINE);
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");
    private static final Pattern UNDEFINED = Pattern.compile("Undefined reference: (.*)");
    /** Ours, and what a build brings along. */
    private static final Set<String> BROUGHT =
            Set.of("dev.livesync.*", "org.jspecify.*", "com.fasterxml.*", "org.java_websocket.*", "org.slf4j.*");

    @Test
    void theTableNamesWhatIsMissing() throws Exception {
        Map<String, Set<String>> stated = stated();
        assertThat(stated).containsKeys("sync-api", "sync-car", "sync-core", "transport-websocket");
        Map<String, Set<String>> found = new TreeMap<>();
        for (String module : stated.keySet()) {
            found.put(module, missing(module));
        }
        if (WRITE) {
            Files.writeString(
                    PAGE,
                    ROW.matcher(Files.readString(PAGE))
                            .replaceAll(row -> Matcher.quoteReplacement(row(row.group(1), found.get(row.group(1))))));
        } else {
            assertThat(union(found))
                    .as("docs/android.md; -Dlivesync.docs=write writes the table")
                    .isEqualTo(union(stated));
        }
    }

    /** A name that is on the page for one module is no news in another. */
    private static Set<String> union(Map<String, Set<String>> names) {
        return names.values().stream().flatMap(Set::stream).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String row(String module, Set<String> names) {
        return names.stream()
                .map(name -> "`" + name + "`")
                .collect(Collectors.joining(", ", "| `" + module + "` | ", " |"));
    }

    private static Map<String, Set<String>> stated() throws IOException {
        Map<String, Set<String>> stated = new TreeMap<>();
        Matcher row = ROW.matcher(Files.readString(PAGE));
        while (row.find()) {
            Set<String> names = new TreeSet<>();
            NAME.matcher(row.group(2))
                    .results()
                    .map((MatchResult name) -> name.group(1))
                    .forEach(names::add);
            stated.put(row.group(1), names);
        }
        return stated;
    }

    /** Types that Android hasn't, and members of those that it has. */
    private static Set<String> missing(String module) throws IOException {
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        try (InputStream signature = Files.newInputStream(SIGNATURE);
                PrintStream out = new PrintStream(messages, true, StandardCharsets.UTF_8)) {
            Logger logger = new PrintWriterLogger(out);
            SignatureChecker checker = new SignatureChecker(signature, new HashSet<>(BROUGHT), logger);
            checker.setSourcePath(List.of());
            checker.process(classes(module));
        }
        List<String> references = UNDEFINED
                .matcher(messages.toString(StandardCharsets.UTF_8))
                .results()
                .map((MatchResult reference) -> reference.group(1).strip())
                .toList();
        Set<String> types = new TreeSet<>();
        references.stream()
                .filter(reference -> reference.indexOf(' ') < 0)
                .forEach(type -> types.add(withoutPackage(type)));
        Set<String> names = new TreeSet<>();
        for (String reference : references) {
            String member = reference.replaceFirst("\\(.*", "");
            String name = withoutPackage(member.substring(member.lastIndexOf(' ') + 1));
            names.add(types.stream()
                    .filter(type -> name.equals(type) || name.startsWith(type + "."))
                    .findFirst()
                    .orElse(name));
        }
        names.removeIf(name -> name.equals("Record") || name.startsWith("Record."));
        return names;
    }

    /** A name as people say it; of the JDK's own modules only the package, since none of them is there. */
    private static String withoutPackage(String name) {
        return name.startsWith("jdk.")
                ? name.replaceFirst("\\.[A-Z].*", "")
                : name.replaceFirst("^java\\.([a-z0-9]+\\.)+", "");
    }

    /** A jar in a full build, a folder in one that stops at the tests. */
    private static File classes(String module) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.endsWith(Path.of(module, "target", "classes"))
                        || path.getFileName().toString().matches(module + "-[0-9][^-]*(-SNAPSHOT)?\\.jar"))
                .findFirst()
                .orElseThrow()
                .toFile();
    }
}
