package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each block of code of each page is run by a test, or says here why not. A new block fails this until it has a line: the page, the
 * language, how many blocks of it there are, and the test that runs them, or a reason after a dash. A page that isn't listed yet passes
 * if a test names it.
 */
class DocumentationBlocksTest {
    private static final Path ROOT =
            Path.of(System.getProperty("basedir", "."), "..").toAbsolutePath().normalize();

    /** Blocks of these are looked at wherever they stand; what is printed, and drawings, are text. */
    private static final Map<String, String> EVERYWHERE = Map.of(
            "sh",
            "PageCommandLinesTest",
            "bash",
            "PageCommandLinesTest",
            "kotlin",
            "KotlinPagesTest",
            "xml",
            "DocumentationBlocksTest");

    private static final Set<String> TEXT = Set.of("", "text");

    private static final String LINES = """
            README.md java 1 ReadmeExampleTest
            docs/README.md java 1 ConnectingPagesTest
            docs/attachments.md java 2 AttachmentsPageTest
            docs/attachments.md json 1 - what a document with an attachment looks like
            docs/collections.md java 2 CollectionsPageTest
            docs/discovery.md java 3 ConnectingPagesTest
            docs/erasure.md java 2 ErasurePageTest
            docs/errors.md java 1 ConnectingPagesTest
            docs/grants.md java 4 ConnectingPagesTest
            docs/history.md java 3 HistoryPageTest
            docs/metrics.md java 1 MetricsPageTest
            docs/presence.md java 1 PresencePageTest
            docs/queries.md java 3 QueriesPageTest
            docs/security.md caddy 1 - scripts/proxies runs it with Caddy, which CI has not
            docs/security.md haproxy 1 - scripts/proxies runs it with HAProxy, which CI has not
            docs/serving.md json 2 ServingPageTest
            docs/several-databases.md java 2 SeveralDatabasesPageTest
            docs/spring.md java 3 SpringPageTest
            docs/spring.md properties 1 - SpringPageTest holds all properties of the page against those that there are
            docs/syncing.md java 5 SyncingPageTest
            docs/transports/libp2p.md java 1 ConnectingPagesTest
            docs/transports/memory.md java 1 ConnectingPagesTest
            docs/transports/partykit.md html 1 IntroducedPageTest
            docs/transports/partykit.md java 1 ConnectingPagesTest
            docs/transports/servlet.md java 1 ConnectingPagesTest
            docs/transports/socket-supply.md js 1 - the same call as interop/room's; scripts/socket-app runs an app with it
            docs/transports/webrtc.md java 1 ConnectingPagesTest
            docs/transports/websocket.md java 1 ConnectingPagesTest
            docs/transports/websocket.md nginx 1 NginxTest
            docs/using-a-database.md java 5 UsingADatabasePageTest
            docs/watching.md java 3 WatchingPageTest
            docs/write-a-replica.md * 16 Tutorial
            docs/write-a-transport.md * 20 Tutorial
            interop/room/README.md js 4 - RoomPageTest, BoardPageTest and ShimTest make these calls
            """;

    private static final Pattern BLOCK =
            Pattern.compile("^```([^\n`]*)\n(.*?)^```[ \t]*$", Pattern.DOTALL | Pattern.MULTILINE);

    @Test
    void eachBlockIsRunOrHasAReason() throws IOException {
        Map<String, Integer> there = new TreeMap<>();
        Map<String, String> by = new LinkedHashMap<>();
        Map<String, Integer> said = new TreeMap<>();
        for (String line : LINES.lines().toList()) {
            String[] words = line.split(" ", 4);
            said.put(words[0] + " " + words[1], Integer.valueOf(words[2]));
            by.put(words[0] + " " + words[1], words[3]);
        }
        Set<String> listed =
                said.keySet().stream().map(line -> line.replaceFirst(" .*", "")).collect(Collectors.toSet());
        Map<String, String> tests = tests();
        for (Path page : DocumentationLinksTest.pages(ROOT)) {
            String name = ROOT.relativize(page).toString();
            for (Matcher block = BLOCK.matcher(Files.readString(page)); block.find(); ) {
                String language = block.group(1).strip();
                if (said.containsKey(name + " *")) {
                    there.merge(name + " *", 1, Integer::sum);
                } else if (!EVERYWHERE.containsKey(language)
                        && !TEXT.contains(language)
                        && (listed.contains(name) || !hasTest(tests, page))) {
                    there.merge(name + " " + language, 1, Integer::sum);
                }
            }
        }
        assertThat(there)
                .as("blocks of code, by page and language; a new one is run by a test")
                .isEqualTo(said);

        by.forEach((page, runner) -> {
            if (!runner.startsWith("- ")) {
                assertThat(tests).as("the test of %s", page).containsKey(runner);
                String file = page.substring(page.lastIndexOf('/') + 1).replaceFirst(" .*", "");
                if (!runner.equals("Tutorial")) {
                    assertThat(tests.get(runner))
                            .as("%s, which runs blocks of %s", runner, page)
                            .contains(file);
                }
            }
        });
        assertThat(tests).containsKeys(EVERYWHERE.values().toArray(String[]::new));
        assertThat(Files.readString(ROOT.resolve(".ci/tutorial")))
                .contains("write-a-transport.md", "write-a-replica.md");
    }

    /** What looks like a command stands in a block of commands. */
    @Test
    void textIsNoCode() throws IOException {
        List<String> hidden = new ArrayList<>();
        for (Path page : DocumentationLinksTest.pages(ROOT)) {
            for (Matcher block = BLOCK.matcher(Files.readString(page)); block.find(); ) {
                if (TEXT.contains(block.group(1).strip())
                        && !page.endsWith("cli.md")
                        && block.group(2)
                                .lines()
                                .anyMatch(
                                        line -> line.matches(
                                                "(\\./)?livesync \\S+( \\S.*)?|mvn .*|npm .*|import .*;|.*\\bnew \\w+\\(.*;"))) {
                    hidden.add(ROOT.relativize(page) + ": " + block.group(2));
                }
            }
        }
        assertThat(hidden).isEmpty();
    }

    /** The dependencies that readers copy are those of this build. */
    @Test
    void dependenciesAreThere() throws IOException {
        String version = first(Files.readString(ROOT.resolve("pom.xml")), "<version>([^<]*)</version>");
        int dependencies = 0;
        for (Path page : DocumentationLinksTest.pages(ROOT)) {
            for (Matcher block = BLOCK.matcher(Files.readString(page)); block.find(); ) {
                if (!block.group(1).equals("xml")) {
                    continue;
                }
                Matcher dependency = Pattern.compile(
                                "<groupId>dev\\.livesync</groupId>\\s*<artifactId>([^<]*)</artifactId>(?:\\s*<version>([^<]*)</version>)?")
                        .matcher(block.group(2));
                while (dependency.find()) {
                    dependencies++;
                    String artifact = dependency.group(1);
                    assertThat(ROOT.resolve(artifact).resolve("pom.xml"))
                            .as("module of %s", page)
                            .exists();
                    if (dependency.group(2) != null) {
                        assertThat(dependency.group(2))
                                .as("version in %s", page)
                                .isEqualTo(version);
                    } else {
                        assertThat(Files.readString(ROOT.resolve("sync-bom/pom.xml")))
                                .contains("<artifactId>" + artifact + "</artifactId>");
                    }
                }
            }
        }
        assertThat(dependencies).isGreaterThan(10);
    }

    /** A page without a line yet may have a test of its own, which names it. */
    private static boolean hasTest(Map<String, String> tests, Path page) {
        String name = page.getFileName().toString();
        return !name.equals("README.md")
                && tests.entrySet().stream()
                        .anyMatch(test -> !test.getKey().equals("DocumentationBlocksTest")
                                && test.getValue().contains(name));
    }

    private static String first(String text, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        assertThat(found.find()).as(pattern).isTrue();
        return found.group(1);
    }

    /** All tests' sources by their names. */
    private static Map<String, String> tests() throws IOException {
        Map<String, String> tests = new TreeMap<>();
        List<Path> modules;
        try (Stream<Path> folders = Files.list(ROOT)) {
            modules = folders.map(folder -> folder.resolve("src/test"))
                    .filter(Files::isDirectory)
                    .toList();
        }
        for (Path module : modules) {
            try (Stream<Path> files = Files.walk(module)) {
                for (Path file : files.filter(file -> file.toString().matches(".*\\.(java|kt)"))
                        .toList()) {
                    tests.put(file.getFileName().toString().replaceFirst("\\..*", ""), Files.readString(file));
                }
            }
        }
        return tests;
    }
}
