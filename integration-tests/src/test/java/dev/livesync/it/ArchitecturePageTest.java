package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/architecture.md} names classes and methods that there are. */
class ArchitecturePageTest {
    /** A class's name has a small letter after a capital one, and may have a method behind it. */
    private static final Pattern NAME = Pattern.compile("\\b([A-Z][a-z]\\w*)(?:\\.(\\w+))?");

    private static final Pattern MARKED = Pattern.compile("`([^`\n]+)`");
    private static final Pattern FLOW = Pattern.compile("(?s)```\n(.*?)```");

    /** In the pictures: what is no class. */
    private static final Set<String> WORDS = Set.of("WebRTC");

    private final Map<String, JavaClass> classes = classes();

    @Test
    void everyClassAndMethodOfTheTextExists() throws IOException {
        String page = page();
        Set<String> unknown = new TreeSet<>();
        Matcher marked = MARKED.matcher(FLOW.matcher(page).replaceAll(""));
        int found = 0;
        while (marked.find()) {
            if (marked.group(1).matches("[A-Z][a-z]\\w*(\\.\\w+)?")) {
                found += look(marked.group(1), unknown);
            }
        }
        assertThat(unknown).as("in the text").isEmpty();
        assertThat(found).as("names in the text").isGreaterThan(40);
    }

    @Test
    void everyClassOfTheThreeFlowsExists() throws IOException {
        Matcher flow = FLOW.matcher(page());
        assertThat(flow.find()).as("the map").isTrue();
        int flows = 0;
        while (flow.find()) {
            flows++;
            Set<String> unknown = new TreeSet<>();
            assertThat(look(flow.group(1), unknown))
                    .as("names in flow %d", flows)
                    .isGreaterThan(8);
            assertThat(unknown).as("in flow %d", flows).isEmpty();
        }
        assertThat(flows).isEqualTo(3);
    }

    /** Counts the names, and collects those of nothing. */
    private int look(String text, Set<String> unknown) {
        Matcher name = NAME.matcher(text);
        int count = 0;
        while (name.find()) {
            if (WORDS.contains(name.group(1))) {
                continue;
            }
            count++;
            JavaClass c = classes.get(name.group(1));
            if (c == null || name.group(2) != null && !hasMethod(c, name.group(2))) {
                unknown.add(name.group());
            }
        }
        return count;
    }

    private static boolean hasMethod(JavaClass c, String method) {
        return c.getAllMethods().stream().anyMatch(m -> m.getName().equals(method));
    }

    /** Those of which the simple name is only one's. */
    private static Map<String, JavaClass> classes() {
        Map<String, JavaClass> found = new HashMap<>();
        Set<String> ambiguous = new HashSet<>();
        for (JavaClass c :
                new ClassFileImporter().withImportOption(MainCode.ONLY).importPackages("dev.livesync")) {
            if (c.isTopLevelClass() && found.put(c.getSimpleName(), c) != null) {
                ambiguous.add(c.getSimpleName());
            }
        }
        found.keySet().removeAll(ambiguous);
        return found;
    }

    private static String page() throws IOException {
        Path docs = Path.of("..", "docs", "architecture.md");
        return Files.readString(Path.of(System.getProperty("basedir", ".")).resolve(docs));
    }
}
