package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Every line of every block of commands, on all pages, is one that can be run: the command and its options are there, and so are modules,
 * profiles, tests, scripts and packages that it names. Tests of pages run what they say; this finds what has been renamed.
 */
class PageCommandLinesTest {
    private static final Path ROOT =
            Path.of(System.getProperty("basedir", "."), "..").toAbsolutePath().normalize();
    private static final Pattern BLOCK =
            Pattern.compile("^```(?:sh|bash)\n(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern IN_TABLE =
            Pattern.compile("^\\| `((?:mvn|scripts/|\\./livesync|\\.ci/)[^`]*)`", Pattern.MULTILINE);
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|([^\\s'\"]+)");
    /** Programs of others, and why their lines stand as they are. */
    private static final Map<String, String> OTHERS = Map.ofEntries(
            Map.entry("createdb", "of PostgreSQL, for a database that a test makes in another way"),
            Map.entry("createuser", "of PostgreSQL, likewise"),
            Map.entry("pg_dump", "of PostgreSQL; PostgresRestoreTest runs it"),
            Map.entry("psql", "of PostgreSQL, likewise, and run by PostgresRestoreTest"),
            Map.entry("printf", "the system's; the page's test works out the same"),
            Map.entry("systemctl", "the system's"),
            Map.entry("curl", "ServingPageTest, ShoppingApplicationTest and NoteApplicationTest send these requests"),
            Map.entry("cp", "the system's"),
            Map.entry("jcmd", "of the JDK; what it records is in MetricsPageTest"),
            Map.entry("jfr", "of the JDK; the names of its events are in MetricsPageTest"),
            Map.entry(
                    "java",
                    ".ci/tutorial runs the jar of the kit; ShoppingApplicationTest and NoteApplicationTest those of applications"),
            Map.entry("mkdir", "the system's"),
            Map.entry("npx", "needs an account elsewhere, or listens on every interface"),
            Map.entry("python3", "any web server will do; RoomPageTest and BoardPageTest serve these pages"));

    private static List<Path> sources;

    private final List<String> wrong = new ArrayList<>();

    @BeforeAll
    static void look() throws IOException {
        try (Stream<Path> modules = Files.list(ROOT)) {
            List<Path> found = new ArrayList<>();
            for (Path module : modules.filter(path -> Files.isDirectory(path.resolve("src/test")))
                    .toList()) {
                try (Stream<Path> files = Files.walk(module.resolve("src/test"))) {
                    files.filter(path -> path.toString().matches(".*\\.(java|kt)"))
                            .forEach(found::add);
                }
            }
            found.add(ROOT.resolve("examples/spring-boot/src/test/java/example/spring/ShoppingApplicationTest.java"));
            found.add(ROOT.resolve("examples/jakarta/src/test/java/example/jakarta/NoteApplicationTest.java"));
            sources = found;
        }
    }

    @Test
    void everyLineCanBeRun() throws IOException {
        int lines = 0;
        for (Path page : pages()) {
            String text = Files.readString(page);
            List<String> commands = new ArrayList<>();
            BLOCK.matcher(text)
                    .results()
                    .forEach(
                            block -> block.group(1).replace("\\\n", " ").lines().forEach(commands::add));
            IN_TABLE.matcher(text)
                    .results()
                    .forEach(row -> commands.add(row.group(1).replace("\\|", "|")));
            for (String command : commands) {
                if (!command.isBlank() && !command.startsWith("#")) {
                    lines++;
                    check(ROOT.relativize(page).toString(), command);
                }
            }
        }
        assertThat(wrong).as("lines that can't be run").isEmpty();
        assertThat(lines).as("lines of commands").isGreaterThan(150);
    }

    @Test
    void whatIsWrongIsFound() {
        for (String line : List.of(
                "livesync gte DIR ID",
                "livesync get DIR ID --exactly",
                "livesync get DIR",
                "mvn -Psoka verify",
                "mvn test -pl sync-cor -am",
                "mvn test -Dtest='NoSuchTest,LiveSyncTest'",
                "scripts/nothing 50",
                "npm --prefix examples/nothing ci",
                "rm -rf /")) {
            check("a page", line);
        }
        assertThat(wrong).hasSize(9);
    }

    private void check(String page, String line) {
        String command = line.strip().replaceAll("^\\((.*)\\)$", "$1").replaceFirst("^cd \\S+ && ", "");
        List<String> words = words(command);
        words.removeIf(word -> word.matches("[A-Z_]+=\\S*"));
        String program = words.remove(0);
        String problem = switch (program) {
            case "livesync", "./livesync" -> command(words);
            case "mvn" -> maven(words);
            case "npm" -> npm(page, words);
            default ->
                program.startsWith("scripts/") || program.startsWith(".ci/")
                        ? (Files.isExecutable(ROOT.resolve(program)) ? null : "there is no " + program)
                        : OTHERS.containsKey(program) ? null : program + " has no reason to stand here";
        };
        if (problem != null) {
            wrong.add(page + ": " + line + ": " + problem);
        }
    }

    private static String command(List<String> words) {
        if (words.isEmpty()
                || words.get(0).equals("bench")
                || words.equals(List.of("--help"))
                || words.equals(List.of("help", "COMMAND"))) {
            return null; // a program of its own, and what is no command
        }
        // Where a page leaves a number or a time to the reader it has a word in capitals.
        List<String> filled =
                words.stream().map(word -> word.equals("PORT") ? "9001" : word).toList();
        try {
            new CommandLine(new LiveSync(Console.system()).commandLine().getCommandSpec())
                    .parseArgs(filled.toArray(String[]::new));
            return null;
        } catch (ParameterException e) {
            return e.getMessage();
        }
    }

    private static String maven(List<String> words) {
        try {
            Set<String> profiles = Pattern.compile("<id>([a-z0-9.-]+)</id>")
                    .matcher(Files.readString(ROOT.resolve("pom.xml")))
                    .results()
                    .map(found -> found.group(1))
                    .collect(Collectors.toSet());
            for (int at = 0; at < words.size(); at++) {
                String word = words.get(at);
                if (word.startsWith("-P") && !profiles.contains(word.substring(2))) {
                    return "there is no profile " + word.substring(2);
                }
                if (word.equals("-pl")) {
                    for (String module : words.get(at + 1).split(",", -1)) {
                        if (!Files.exists(ROOT.resolve(module).resolve("pom.xml"))) {
                            return "there is no module " + module;
                        }
                    }
                }
                if (word.startsWith("-Dtest=")) {
                    for (String test : word.substring("-Dtest=".length()).split(",", -1)) {
                        if (!exists(test)) {
                            return "there is no test " + test;
                        }
                    }
                }
            }
            return null;
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** A class's name, maybe with stars, and a method's after a number sign. */
    private static boolean exists(String test) throws IOException {
        String[] parts = test.split("#", -1);
        String name = parts[0].replace("*", "[A-Za-z0-9]*") + "\\.(java|kt)";
        for (Path source : sources) {
            if (source.getFileName().toString().matches(name)
                    && (parts.length == 1
                            || parts[1].equals("*")
                            || Files.readString(source).contains(" " + parts[1] + "("))) {
                return true;
            }
        }
        return false;
    }

    private static String npm(String page, List<String> words) {
        Path folder = words.get(0).equals("--prefix")
                ? ROOT.resolve(words.get(1))
                : ROOT.resolve(page).getParent();
        if (page.equals("README.md")) {
            folder = ROOT.resolve("examples/browser"); // it changes into it
        }
        return Files.exists(folder.resolve("package-lock.json")) ? null : "there is no package in " + folder;
    }

    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        int end = 0;
        for (Matcher word = WORD.matcher(line); word.find(); end = word.end()) {
            String text = Stream.of(1, 2, 3)
                    .map(word::group)
                    .filter(part -> part != null)
                    .findFirst()
                    .orElseThrow();
            if (word.group(3) != null
                    && text.startsWith("#")
                    && (word.start() == 0 || line.charAt(word.start() - 1) == ' ')) {
                break;
            }
            if (!words.isEmpty() && word.start() == end) {
                words.set(words.size() - 1, words.get(words.size() - 1) + text);
            } else {
                words.add(text);
            }
        }
        return words;
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(
                ROOT.resolve("README.md"), ROOT.resolve("CONTRIBUTING.md"), ROOT.resolve("interop/room/README.md")));
        for (String folder : Arrays.asList("docs", "examples")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md")
                                && !file.toString().contains("node_modules"))
                        .filter(file ->
                                !file.getFileName().toString().startsWith("write-a-")) // .ci/tutorial follows these
                        .forEach(pages::add);
            }
        }
        pages.sort(null);
        return pages;
    }
}
