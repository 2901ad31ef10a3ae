package dev.livesync.kotlin;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes sources of the tests of the Kotlin blocks in README and docs/, one function a block: {@code java KotlinBlocks.java ROOT DIRECTORY}. A block of
 * declarations stands beside the functions; imports go to the top of the file.
 */
final class KotlinBlocks {
    private static final Pattern BLOCK =
            Pattern.compile("^ *```kotlin\n(.*?)^ *```", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern DECLARATION = Pattern.compile(
            "^(@\\w+ )?(data |value |enum )?(class|fun|suspend fun|object|interface) .*", Pattern.DOTALL);

    private KotlinBlocks() {}

    public static void main(String[] args) throws IOException {
        Path directory = Files.createDirectories(Path.of(args[1]));
        try (Stream<Path> old = Files.list(directory)) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
        }
        for (var page : pages(Path.of(args[0])).entrySet()) {
            Files.writeString(directory.resolve(page.getKey() + ".kt"), source(page.getKey(), page.getValue()));
        }
    }

    /** The blocks of each page that has some, by the page's name. */
    static SortedMap<String, List<String>> pages(Path root) throws IOException {
        SortedMap<String, List<String>> pages = new TreeMap<>();
        try (Stream<Path> docs = Files.walk(root.resolve("docs"))) {
            for (Path file : Stream.concat(
                            Stream.of(root.resolve("README.md")),
                            docs.filter(p -> p.toString().endsWith(".md")))
                    .toList()) {
                List<String> blocks = new ArrayList<>();
                Matcher block = BLOCK.matcher(Files.readString(file));
                while (block.find()) {
                    blocks.add(block.group(1));
                }
                if (!blocks.isEmpty()) {
                    String name = root.relativize(file)
                            .toString()
                            .replaceFirst("^docs/", "")
                            .replaceFirst("\\.md$", "");
                    pages.put(name.replaceAll("[^A-Za-z0-9]", "_"), blocks);
                }
            }
        }
        return pages;
    }

    /** What is run: the blocks that aren't declarations alone, by their place on the page, from 1. */
    static List<Integer> statements(List<String> blocks) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            if (!isDeclaration(blocks.get(i))) {
                places.add(i + 1);
            }
        }
        return places;
    }

    private static boolean isDeclaration(String block) {
        return DECLARATION.matcher(without(block, "import ")).matches();
    }

    private static String source(String page, List<String> blocks) {
        StringBuilder imports = new StringBuilder();
        StringBuilder rest = new StringBuilder();
        for (int i = 0; i < blocks.size(); i++) {
            String block = blocks.get(i);
            block.lines()
                    .filter(line -> line.startsWith("import "))
                    .forEach(line -> imports.append(line).append('\n'));
            String body = without(block, "import ");
            rest.append(
                            isDeclaration(block)
                                    ? body
                                    : "internal suspend fun PageContext." + page + (i + 1) + "() = coroutineScope {\n"
                                            + body + "}\n")
                    .append('\n');
        }
        return """
                @file:Suppress("UNUSED_VARIABLE", "UNUSED_EXPRESSION")

                package dev.livesync.kotlin.pages.%s

                import dev.livesync.*
                import dev.livesync.api.*
                import dev.livesync.database.*
                import dev.livesync.database.attachments.*
                import dev.livesync.database.query.*
                import dev.livesync.database.versions.*
                import dev.livesync.kotlin.*
                import java.nio.file.*
                import kotlinx.coroutines.*
                import kotlinx.coroutines.flow.*
                import kotlinx.coroutines.future.await
                %s
                %s""".formatted(page.toLowerCase(java.util.Locale.ROOT), imports, rest);
    }

    private static String without(String block, String prefix) {
        return block.lines()
                .filter(line -> !line.startsWith(prefix))
                .map(line -> line + "\n")
                .reduce("", String::concat)
                .stripLeading();
    }
}
