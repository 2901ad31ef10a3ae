package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.replica.postgres.FreePort;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file and the commands of {@code docs/serving.md}, in the order of the page. */
class ServingPageTest {
    private static final Pattern BLOCK = Pattern.compile("```(json|sh)\n(.*?)```", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");
    private static final Set<String> FILES =
            Set.of("hub.json", "notes", "notes.car", "peer", "phone.secret", "mine", "todos-phone.secret");
    private static final Path PAGE = Path.of(System.getProperty("basedir", "."), "..", "docs", "serving.md");

    @TempDir
    private Path directory;

    private final Shell shell = new Shell();

    @Test
    void theCommandsDoWhatThePageSays() throws Exception {
        String page = Files.readString(PAGE);
        String text = page.replace(group(page), "")
                .replace("9000", String.valueOf(FreePort.find()))
                .replace("9180", String.valueOf(FreePort.find()));
        List<String> lines = new ArrayList<>();
        for (Matcher block = BLOCK.matcher(text); block.find(); ) {
            if (block.group(1).equals("json")) {
                Files.writeString(directory.resolve("hub.json"), block.group(2));
            } else {
                block.group(2).lines().forEach(lines::add);
            }
        }
        assertThat(lines).as("commands of the page").hasSizeGreaterThan(6);
        Process serve = null;
        try {
            for (String line : lines) {
                List<String> words = words(line);
                if (words.get(1).equals("serve") && !words.contains("--check")) {
                    serve = serve(words.subList(1, words.size()));
                } else if (words.get(0).equals("curl")) {
                    assertThat(get(words.get(words.size() - 1))).contains("\"ready\":true");
                } else {
                    assertThat(words.get(0)).isEqualTo("livesync");
                    assertThat(shell.run(words.subList(1, words.size()).toArray()))
                            .as("%s: %s", line, shell.err())
                            .isZero();
                    if (words.get(1).equals("get")) {
                        assertThat(shell.out()).contains("\"Buy milk\"");
                    }
                }
            }
            assertThat(shell.out()).as("of the last, a reload").startsWith("serving 1 database as ");
            assertThat(directory.resolve("notes.car")).isNotEmptyFile();
            serve.destroy();
            assertThat(serve.waitFor()).as("stopped in order").isZero();
        } finally {
            if (serve != null) {
                serve.destroyForcibly();
            }
        }
    }

    private static String group(String page) {
        int begin = page.indexOf("\n## Several databases at one address\n");
        return page.substring(begin, page.indexOf("\n## ", begin + 1));
    }

    @Test
    void theGroupOfThePageIsServed() throws Exception {
        String text = group(Files.readString(PAGE)).replace("9000", String.valueOf(FreePort.find()));
        Map<String, String> blocks = new HashMap<>();
        for (Matcher block = BLOCK.matcher(text); block.find(); ) {
            blocks.put(block.group(1), block.group(2));
        }
        Path config = Files.writeString(directory.resolve("hub.json"), blocks.get("json"));
        Process serve = serve(List.of("serve", "--config", config.toString()));
        try {
            List<String> words = words(blocks.get("sh"));
            assertThat(shell.run(words.subList(1, words.size()).toArray()))
                    .as(shell.err())
                    .isZero();
            assertThat(shell.out()).startsWith("equal: ");
        } finally {
            serve.destroyForcibly().waitFor();
        }
    }

    /** What the unit runs is there: a typing mistake in it would be found by nobody else. */
    @Test
    void theCommandsOfTheUnitAreCommands() throws IOException {
        List<String> runs = Files.readAllLines(PAGE.resolveSibling("serving").resolve("livesync.service")).stream()
                .filter(line -> line.startsWith("Exec"))
                .map(line -> line.substring(line.indexOf('=') + 1))
                .toList();
        assertThat(runs).hasSize(3);
        for (String run : runs) {
            List<String> words = new ArrayList<>(List.of(run.split(" ")));
            assertThat(words.remove(0)).isEqualTo("/usr/bin/livesync");
            words.add("--help");
            assertThat(shell.run(words.toArray())).as(run).isZero();
        }
    }

    private List<String> words(String line) {
        List<String> words = new ArrayList<>();
        for (Matcher word = WORD.matcher(line); word.find(); ) {
            String text = word.group(1) != null ? word.group(1) : word.group(2);
            words.add(FILES.contains(text) ? directory.resolve(text).toString() : text);
        }
        return words;
    }

    private static Process serve(List<String> words) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.livesync.cli.Main"));
        line.addAll(words);
        line.addAll(List.of("--status-page", "0"));
        Process process = new ProcessBuilder(line)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader said = process.inputReader(StandardCharsets.UTF_8);
        String place = said.readLine();
        assertThat(place).as("where it listens").startsWith("ws://127.0.0.1:");
        while (place.startsWith("ws:")) {
            place = said.readLine();
        }
        assertThat(get(place.replaceAll("#.*", ""))).contains("<html");
        return process;
    }

    private static String get(String place) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(place)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body();
    }
}
