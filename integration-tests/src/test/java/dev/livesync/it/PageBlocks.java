package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/** The Java blocks of a page in docs/, compiled on the tests' class path. */
final class PageBlocks {
    private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    private static final Pattern PLACE = Pattern.compile("%(?:\\d\\$)?s");

    private final String page;
    private final List<String> blocks;

    private PageBlocks(String page, List<String> blocks) {
        this.page = page;
        this.blocks = blocks;
    }

    static PageBlocks of(String page) throws IOException {
        String text = Files.readString(Path.of("..", "docs", page));
        return new PageBlocks(
                page,
                BLOCK.matcher(text)
                        .results()
                        .map((MatchResult found) -> found.group(1))
                        .toList());
    }

    /** The same with some of their words as others. */
    PageBlocks with(String words, String others) {
        return new PageBlocks(
                page, blocks.stream().map(block -> block.replace(words, others)).toList());
    }

    /**
     * Compiles blocks into one class.
     *
     * @param scratch where; a directory of its own
     * @param name the class's
     * @param source the class, with {@code %s} for each block in turn
     */
    Class<?> compile(Path scratch, String name, String source) throws Exception {
        assertThat(PLACE.matcher(source).results().count())
                .as("places in the class for the Java blocks of docs/%s: each has one", page)
                .isEqualTo(blocks.size());
        Path file = scratch.resolve(name + ".java");
        Files.writeString(file, String.format(source, blocks.toArray()));
        StringWriter problems = new StringWriter();
        List<String> options = List.of(
                "-d", scratch.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none", "-parameters");
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            assertThat(compiler.getTask(problems, files, null, options, null, files.getJavaFileObjects(file))
                            .call())
                    .as("the %s blocks of docs/%s compile: %s", blocks.size(), page, problems)
                    .isTrue();
        }
        URLClassLoader loader =
                new URLClassLoader(new URL[] {scratch.toUri().toURL()}, PageBlocks.class.getClassLoader());
        return loader.loadClass(name);
    }
}
