package dev.livesync.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** docs/spring.md: its Java compiles and makes an application, and its properties are those that there are. */
class SpringPageTest {
    private static final Path PAGE = Path.of("..", "docs", "spring.md");
    private static final String SOURCE = """
            import dev.livesync.SyncLimits;
            import dev.livesync.api.Cid;
            import dev.livesync.database.*;
            import dev.livesync.spring.SyncCustomizer;
            import java.time.Duration;
            import java.util.*;
            import org.springframework.boot.SpringBootConfiguration;
            import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
            import org.springframework.context.annotation.*;
            import org.springframework.stereotype.Component;
            import org.springframework.web.bind.annotation.*;

            @SpringBootConfiguration
            @EnableAutoConfiguration
            @Import({Greeting.class, Notes.class})
            public class SpringPage {
                public static void run(org.springframework.context.ApplicationContext context) {
                    context.getBean(Greeting.class).greet("Ada");
                    if (context.getBean(Notes.class).all().size() != 1) {
                        throw new AssertionError();
                    }
                }
                %2$s
            }
            %1$s
            %3$s
            """;

    @TempDir
    private Path scratch;

    @Test
    void theBlocksAreAnApplication() throws Exception {
        Class<?> page = compiled(SOURCE);
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(page)
                .web(WebApplicationType.NONE)
                .properties("spring.main.banner-mode=off", "logging.level.root=warn")
                .run()) {
            page.getMethod("run", org.springframework.context.ApplicationContext.class)
                    .invoke(null, context);
            assertThat(context.getBean(Database.class)
                            .get("greeting")
                            .orElseThrow()
                            .json())
                    .isEqualTo("{\"text\":\"Hello Ada\"}");
            assertThat(context.getBeansOfType(SyncCustomizer.class)).hasSize(1);
        }
    }

    private Class<?> compiled(String source) throws Exception {
        List<String> blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(PAGE))
                .results()
                .map((MatchResult found) -> found.group(1))
                .toList();
        assertThat(blocks).hasSize(3);
        Path file = scratch.resolve("SpringPage.java");
        Files.writeString(file, String.format(source, blocks.toArray()));
        StringWriter problems = new StringWriter();
        List<String> options = List.of(
                "-d", scratch.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none", "-parameters");
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            assertThat(compiler.getTask(problems, files, null, options, null, files.getJavaFileObjects(file))
                            .call())
                    .as("the blocks of docs/spring.md compile: %s", problems)
                    .isTrue();
        }
        URLClassLoader loader =
                new URLClassLoader(new URL[] {scratch.toUri().toURL()}, SpringPageTest.class.getClassLoader());
        return loader.loadClass("SpringPage");
    }

    @Test
    void thePropertiesAreThese() throws Exception {
        Set<String> said = Pattern.compile("\\| `(livesync\\.[a-zA-Z.-]+)`")
                .matcher(Files.readString(PAGE))
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        List<String> there = new ArrayList<>(StarterTest.properties());
        there.remove("livesync.peers");
        there.addAll(List.of("livesync.peers.NAME.address", "livesync.peers.NAME.secret"));
        assertThat(said).containsExactlyInAnyOrderElementsOf(there);
    }
}
