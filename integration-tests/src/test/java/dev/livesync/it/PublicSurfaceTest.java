package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pins what users can see. A wanted change: run with {@code -Dsurface.update=true} and commit the files under {@code
 * src/test/resources/surface}, with a line in the changelog.
 */
class PublicSurfaceTest {
    private static final Path PINNED = Path.of("src", "test", "resources", "surface");

    static Stream<String> modules() {
        return PublicSurface.EXPORTED.values().stream().distinct();
    }

    @ParameterizedTest
    @MethodSource("modules")
    void thePublicSurfaceIsAsPinned(String module) throws Exception {
        List<Class<?>> types = new ArrayList<>();
        for (Map.Entry<String, String> e : PublicSurface.EXPORTED.entrySet()) {
            if (e.getValue().equals(module)) {
                for (JavaClass c :
                        new ClassFileImporter().withImportOption(MainCode.ONLY).importPackages(e.getKey())) {
                    if (c.getPackageName().equals(e.getKey())) {
                        types.add(Class.forName(c.getName(), false, getClass().getClassLoader()));
                    }
                }
            }
        }
        List<String> actual = PublicSurface.of(types);
        assertThat(actual).isNotEmpty();
        Path file = PINNED.resolve(module + ".txt");
        if (Boolean.getBoolean("surface.update")) {
            Files.createDirectories(PINNED);
            Files.write(file, actual);
        }
        assertThat(actual)
                .as("the public surface of %s against %s; if the change is meant, -Dsurface.update=true", module, file)
                .isEqualTo(Files.readAllLines(file));
    }

    @Test
    void theExportedPackagesAreThese() throws IOException {
        Map<String, String> exported = new TreeMap<>();
        Path[] path = Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator))
                .map(Path::of)
                .filter(p -> Files.exists(p) && !p.endsWith("test-classes"))
                .filter(p -> Files.isDirectory(p) ? Files.exists(p.resolve("module-info.class")) : isOurs(p))
                .toArray(Path[]::new);
        TreeSet<String> qualified = new TreeSet<>();
        ModuleFinder.of(path).findAll().stream()
                .filter(m -> m.descriptor().name().startsWith("dev.livesync"))
                .forEach(m -> m.descriptor().exports().forEach(e -> {
                    if (e.isQualified()) {
                        qualified.add(e.source());
                    } else {
                        exported.put(e.source(), m.descriptor().name());
                    }
                }));
        assertThat(qualified)
                .as("qualified exports")
                .containsExactly(
                        "dev.livesync.api.internal",
                        "dev.livesync.api.internal.noise",
                        "dev.livesync.car.pack",
                        "dev.livesync.core.internal",
                        "dev.livesync.database.contents",
                        "dev.livesync.database.pieces",
                        "dev.livesync.database.replica",
                        "dev.livesync.transport.support",
                        "dev.livesync.transport.support.libp2p");
        assertThat(exported.keySet()).isEqualTo(PublicSurface.EXPORTED.keySet());
    }

    /** Between them the two comparisons with the last release see every exported package, and nothing inside. */
    @Test
    void comparisonsWithTheLastReleaseSeeTheExportedPackages() throws IOException {
        TreeSet<String> compared = new TreeSet<>();
        var includes = Pattern.compile("<include>(dev\\.livesync[a-z.0-9]*)</include>")
                .matcher(Files.readString(Path.of("..", "pom.xml")));
        while (includes.find()) {
            compared.add(includes.group(1));
        }
        assertThat(compared).isEqualTo(PublicSurface.EXPORTED.keySet());
    }

    private static boolean isOurs(Path jar) {
        String name = jar.getFileName().toString();
        return Stream.of("sync-", "transport-", "discovery-", "replica-").anyMatch(name::startsWith);
    }
}
