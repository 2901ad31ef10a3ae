package dev.livesync.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page that can be followed: blocks of code after comments that say what to do with them. {@code .ci/tutorial} starts this as
 * a program of one file, so it uses nothing but the JDK.
 *
 * <p>The comments are {@code file: PATH}, {@code run}, {@code run, fails}, {@code run in LiveSync's folder}, and {@code prints},
 * whose lines must each be part of what the run before has printed.
 */
final class Tutorial {
    private static final Pattern STEP = Pattern.compile("<!-- ([^\n]*) -->\n```[a-z]*\n(.*?)```\n", Pattern.DOTALL);

    private record Step(String what, String text) {}

    private final List<Step> steps = new ArrayList<>();

    Tutorial(Path page) throws IOException {
        String text = Files.readString(page);
        Matcher matcher = STEP.matcher(text);
        while (matcher.find()) {
            steps.add(new Step(matcher.group(1), matcher.group(2)));
        }
        long blocks = text.lines().filter(line -> line.startsWith("```")).count() / 2;
        if (blocks != steps.size()) {
            throw new IOException(page + " has " + blocks + " blocks, but says of " + steps.size() + " what they are");
        }
    }

    /** The files that it has the reader write. */
    Map<String, String> files() {
        Map<String, String> files = new LinkedHashMap<>();
        for (Step step : steps) {
            if (step.what.startsWith("file: ")) {
                files.put(step.what.substring("file: ".length()), step.text);
            }
        }
        return files;
    }

    private void follow(Path livesync, Path folder) throws IOException, InterruptedException {
        String printed = "";
        for (Step step : steps) {
            if (step.what.startsWith("file: ")) {
                Path file = folder.resolve(step.what.substring("file: ".length()));
                Files.createDirectories(file.getParent());
                Files.writeString(file, step.text);
            } else if (step.what.startsWith("run")) {
                printed =
                        run(step.text, step.what.contains("LiveSync") ? livesync : folder, step.what.contains("fails"));
            } else if (step.what.equals("prints")) {
                for (String line : step.text.split("\n", -1)) {
                    if (!printed.contains(line.strip())) {
                        throw new IOException("the page promises, but nothing printed: " + line);
                    }
                }
            } else {
                throw new IOException("unknown: " + step.what);
            }
        }
    }

    private static String run(String commands, Path folder, boolean mustFail) throws IOException, InterruptedException {
        System.out.println("\n--- in " + folder + "\n" + commands);
        Process process = new ProcessBuilder("bash", "-e", "-c", commands)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        System.out.println(printed);
        if ((process.waitFor() != 0) != mustFail) {
            throw new IOException(mustFail ? "that should have failed" : "that failed");
        }
        return printed;
    }

    /**
     * Follows a page.
     *
     * @param args the page, LiveSync's folder, an empty folder
     * @throws Exception if something is not as the page says
     */
    public static void main(String... args) throws Exception {
        new Tutorial(Path.of(args[0]))
                .follow(Path.of(args[1]).toAbsolutePath(), Path.of(args[2]).toAbsolutePath());
        System.out.println("The page is right.");
    }
}
