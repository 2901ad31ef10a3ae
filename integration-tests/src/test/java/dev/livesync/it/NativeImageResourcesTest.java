package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the jar of replica-postgres tells GraalVM: the patterns match its resources, all of them. */
class NativeImageResourcesTest {
    private static final Path RESOURCES = Path.of("..", "replica-postgres", "src", "main", "resources");

    @Test
    void eachResourceIsNamedAndEachNameIsOfOne() throws Exception {
        List<String> there;
        try (Stream<Path> files = Files.walk(RESOURCES.resolve("dev"))) {
            there = files.filter(Files::isRegularFile)
                    .map(file -> RESOURCES.relativize(file).toString().replace('\\', '/'))
                    .toList();
        }
        assertThat(there).isNotEmpty();
        JsonNode includes = metadata().at("/resources/includes");
        assertThat(includes).isNotEmpty();
        for (JsonNode include : includes) {
            Class.forName(
                    include.at("/condition/typeReachable").asText(),
                    false,
                    getClass().getClassLoader());
            Pattern pattern = Pattern.compile(include.get("pattern").asText());
            assertThat(there)
                    .as("%s", pattern)
                    .anyMatch(name -> pattern.matcher(name).matches());
        }
        for (String name : there) {
            assertThat(includes)
                    .as("patterns, of which one matches %s", name)
                    .anyMatch(include -> Pattern.matches(include.get("pattern").asText(), name));
            assertThat(getClass().getResource("/" + name))
                    .as("%s in the jar", name)
                    .isNotNull();
        }
    }

    private static JsonNode metadata() throws IOException {
        try (InputStream in = NativeImageResourcesTest.class.getResourceAsStream(
                "/META-INF/native-image/dev.livesync/replica-postgres/resource-config.json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in));
        }
    }
}
