package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The README lists the types that everybody meets, and the packages that are for a purpose of their own: nothing else is exported. */
class EverydayTypesTest {
    private static final int MOST = 26;
    private static final List<String> ROOTS = List.of("dev.livesync", "dev.livesync.database");
    /** Where a listed type may be; a type of a contract is listed if everybody meets it. */
    private static final List<String> WHERE =
            List.of("dev.livesync", "dev.livesync.database", "dev.livesync.api", "dev.livesync.api.replica");

    private static final Pattern ROW = Pattern.compile("^\\| `(\\w+)` \\| \\S.* \\|$", Pattern.MULTILINE);
    private static final Pattern PACKAGE = Pattern.compile("`(dev\\.livesync[a-z0-9.]*)`");

    private final String section = section();

    @Test
    void thereAreAtMostTwentySix() {
        assertThat(names()).doesNotHaveDuplicates().hasSizeBetween(20, MOST);
    }

    @Test
    void theRootPackagesHaveNoOthers() {
        Set<String> listed = listed().stream()
                .filter(type -> ROOTS.contains(type.getPackageName()))
                .map(Class::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> there = new TreeSet<>();
        for (JavaClass c :
                new ClassFileImporter().withImportOption(MainCode.ONLY).importPackages(ROOTS)) {
            if (ROOTS.contains(c.getPackageName())
                    && c.getModifiers().contains(com.tngtech.archunit.core.domain.JavaModifier.PUBLIC)
                    && c.isTopLevelClass()) {
                there.add(c.getName());
            }
        }
        assertThat(there).isEqualTo(listed);
    }

    @Test
    void everyOtherExportedPackageIsNamedWithItsPurpose() {
        Set<String> others = new TreeSet<>(PublicSurface.EXPORTED.keySet());
        ROOTS.forEach(others::remove);
        assertThat(purposes()).isEqualTo(others);
    }

    /** Whoever follows a signature of a listed type comes to a listed type, or to a package that is named. */
    @Test
    void theirSignaturesLeadNowhereElse() {
        Set<Class<?>> listed = Set.copyOf(listed());
        List<String> astray = new ArrayList<>();
        for (Class<?> type : listed) {
            Stream<Executable> members = Stream.of(type.getMethods(), type.getConstructors())
                    .flatMap(Stream::of)
                    .map(Executable.class::cast);
            members.filter(member -> Modifier.isPublic(member.getModifiers())).forEach(member -> {
                List<String> used = new ArrayList<>();
                for (var parameter : member.getGenericParameterTypes()) {
                    used.add(parameter.getTypeName());
                }
                if (member instanceof Method method) {
                    used.add(method.getGenericReturnType().getTypeName());
                }
                for (String name : ours(String.join(" ", used))) {
                    boolean known = listed.stream().anyMatch(t -> t.getName().equals(name))
                            || purposes().contains(name.substring(0, name.lastIndexOf('.')));
                    if (!known) {
                        astray.add(member + " leads to " + name);
                    }
                }
            });
        }
        assertThat(astray).isEmpty();
    }

    /** Our types in a signature, nested ones by what they are in. */
    private static List<String> ours(String signature) {
        return Pattern.compile("dev\\.livesync[\\w.]*")
                .matcher(signature)
                .results()
                .map(MatchResult::group)
                .toList();
    }

    private List<String> names() {
        return ROW.matcher(section).results().map(row -> row.group(1)).toList();
    }

    private Set<String> purposes() {
        String after = section.substring(section.lastIndexOf(" |\n"));
        return PACKAGE.matcher(after).results().map(p -> p.group(1)).collect(Collectors.toCollection(TreeSet::new));
    }

    private List<Class<?>> listed() {
        List<Class<?>> types = new ArrayList<>();
        for (String name : names()) {
            List<Class<?>> found = new ArrayList<>();
            for (String where : WHERE) {
                try {
                    found.add(Class.forName(where + "." + name));
                } catch (ClassNotFoundException e) {
                    // elsewhere
                }
            }
            assertThat(found).as(name).hasSize(1);
            assertThat(Modifier.isPublic(found.get(0).getModifiers())).as(name).isTrue();
            types.add(found.get(0));
        }
        return types;
    }

    private static String section() {
        try {
            String readme = Files.readString(Path.of("..", "README.md"));
            int start = readme.indexOf("## The types you meet");
            return readme.substring(start, readme.indexOf("\n## ", start + 1));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
