package dev.livesync.it;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says how many tests of a build were skipped, and why, as its very last line: a skipped test looks green. The build runs this as {@code NotTested
 * ROOT SINCE} inside Maven's own process, so that the line can come after Maven's.
 */
public final class NotTested {
    private static final Pattern TEST = Pattern.compile("<testcase[ \\t\\n]");
    private static final Pattern SKIPPED = Pattern.compile("<skipped(?:[ \\t\\n]+message=\"([^\"]*)\")?");
    private static final Pattern PREFIX = Pattern.compile(
            "^(?:[a-z0-9.]+\\.TestAbortedException: )?(?:Assumption failed: )?(?:NOT (?:TESTED|RUN):? )?");

    private NotTested() {}

    public static void main(String[] args) throws IOException {
        Instant since = LocalDateTime.parse(args[1], DateTimeFormatter.ofPattern("yyyyMMddHHmmss"))
                .toInstant(ZoneOffset.UTC);
        String line = line(Path.of(args[0]), since);
        if (!line.isEmpty()) {
            // Maven closes its System.out before the process ends.
            byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
            FileOutputStream out = new FileOutputStream(FileDescriptor.out);
            Runtime.getRuntime().addShutdownHook(new Thread(outermost(), () -> write(out, bytes), "not-tested"));
        }
    }

    /** The group that the plugin runs this in is gone by then. */
    private static ThreadGroup outermost() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }

    private static void write(FileOutputStream out, byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException e) {
            // Nobody listens any more.
        }
    }

    private static String line(Path root, Instant since) throws IOException {
        long tests = 0;
        long skipped = 0;
        Map<String, Integer> reasons = new TreeMap<>();
        for (Path report : reports(root)) {
            if (Files.getLastModifiedTime(report).toInstant().isBefore(since)) {
                continue;
            }
            String xml = Files.readString(report);
            tests += TEST.matcher(xml).results().count();
            for (Matcher found = SKIPPED.matcher(xml); found.find(); skipped++) {
                String why = found.group(1) == null ? "no reason given" : found.group(1);
                reasons.merge(PREFIX.matcher(why.strip()).replaceFirst(""), 1, Integer::sum);
            }
        }
        return skipped == 0
                ? ""
                : "NOT TESTED: " + skipped + " of " + tests + " tests. "
                        + reasons.entrySet().stream()
                                .map(e -> e.getKey() + " (" + e.getValue() + ")")
                                .collect(Collectors.joining("; "));
    }

    private static List<Path> reports(Path root) throws IOException {
        try (Stream<Path> modules = Files.list(root)) {
            return modules.map(module -> module.resolve("target/surefire-reports"))
                    .filter(Files::isDirectory)
                    .flatMap(NotTested::files)
                    .sorted()
                    .toList();
        }
    }

    private static Stream<Path> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().matches("TEST-.*\\.xml")).toList().stream();
        } catch (IOException e) {
            return Stream.empty();
        }
    }
}
