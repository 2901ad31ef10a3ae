package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands of a page in docs/, run in a directory of their own: those that end in this process, those that don't in others. */
final class PageCommands implements AutoCloseable {
    static final Path ROOT =
            Path.of(System.getProperty("basedir", "."), "..").toAbsolutePath().normalize();
    private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

    private final Path directory;
    private final Set<String> files;
    private final List<List<String>> blocks;
    private final Shell shell = new Shell();
    private final List<Process> started = new ArrayList<>();

    /** With the names of files and directories that the page's commands make and read. */
    PageCommands(String page, Path directory, Set<String> files) throws IOException {
        this.directory = directory;
        this.files = files;
        blocks = BLOCK.matcher(Files.readString(ROOT.resolve("docs").resolve(page)))
                .results()
                .map((MatchResult block) -> block.group(1).lines().toList())
                .toList();
    }

    /** Lines of commands, by block. */
    List<List<String>> blocks() {
        return blocks;
    }

    /** Runs a command that ends, and returns what it printed. */
    String run(String line) {
        assertThat(attempt(line)).as("%s: %s", line, shell.err()).isTrue();
        return shell.out();
    }

    /** Whether a command succeeds and prints something. */
    boolean prints(String line, String printed) {
        return attempt(line) && shell.out().contains(printed);
    }

    private boolean attempt(String line) {
        return shell.run(words(line).toArray()) == 0;
    }

    /** Starts a command that goes on, and returns what it prints. */
    BufferedReader start(String line) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.livesync.cli.Main"));
        command.addAll(words(line));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        started.add(process);
        return process.inputReader(StandardCharsets.UTF_8);
    }

    private List<String> words(String line) {
        List<String> words = new ArrayList<>();
        for (Matcher word = WORD.matcher(line); word.find(); ) {
            String text = word.group(1) != null ? word.group(1) : word.group(2);
            if (word.group(1) == null && text.startsWith("#")) {
                break;
            }
            words.add(files.contains(text) ? directory.resolve(text).toString() : text);
        }
        assertThat(words.remove(0)).as("the command of %s", line).isIn("livesync", "./livesync");
        return words;
    }

    @Override
    public void close() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }
}
