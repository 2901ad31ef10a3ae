package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** One simple name means one thing, in all modules and examples, tests included: whoever reads a name needn't look at its package. */
class SimpleNamesTest {
    /** Names that several classes may have, and why. */
    private static final Map<String, String> ALLOWED =
            Map.of("Main", "the usual name of a program's entry point; each program has one");

    private static final Path ROOT =
            Path.of(System.getProperty("basedir", ".")).resolve("..").normalize();

    @Test
    void noTwoClassesHaveOneName() throws IOException {
        Map<String, Set<String>> sources = sources();
        assertThat(sources).as("source files found").hasSizeGreaterThan(800);

        Map<String, Set<String>> shared = new TreeMap<>(sources);
        shared.values().removeIf(files -> files.size() == 1);
        // An exception that nothing needs any more is taken out of the list.
        assertThat(shared.keySet())
                .as("names of several classes: rename all but one, or all of them: %s", shared)
                .isEqualTo(ALLOWED.keySet());
    }

    /** In main code: a reader who knows one of the two takes the other for it. */
    @Test
    void noNestedTypeHasTheNameOfAnotherClass() {
        Map<String, String> named = new TreeMap<>();
        Set<String> nested = new TreeSet<>();
        JavaClasses classes =
                new ClassFileImporter().withImportOption(MainCode.ONLY).importPackages("dev.livesync");
        for (JavaClass type : classes) {
            if (type.isTopLevelClass()) {
                named.put(type.getSimpleName(), type.getName());
            }
        }
        assertThat(named).as("classes found").hasSizeGreaterThan(400);
        for (JavaClass type : classes) {
            if (type.isMemberClass() && named.containsKey(type.getSimpleName())) {
                nested.add(type.getName() + " and " + named.get(type.getSimpleName()));
            }
        }
        assertThat(nested).as("one name for two types").isEmpty();
    }

    /** By the class's name, the files that declare it: the compiler wants the one to be called like the other. */
    private static Map<String, Set<String>> sources() throws IOException {
        Map<String, Set<String>> found = new TreeMap<>();
        Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                String name = folder.getFileName().toString();
                boolean skipped = name.startsWith(".") || name.equals("target") || name.equals("node_modules");
                return skipped && !folder.equals(ROOT) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                String name = file.getFileName().toString();
                if (name.endsWith(".java") && !name.endsWith("-info.java")) {
                    found.computeIfAbsent(name.replace(".java", ""), none -> new TreeSet<>())
                            .add(ROOT.relativize(file).toString());
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return found;
    }
}
