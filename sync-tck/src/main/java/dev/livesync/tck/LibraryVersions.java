package dev.livesync.tck;

import com.fasterxml.jackson.core.JsonFactory;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The oldest libraries that the kit runs with. A build may get older ones than it asked for, from a BOM: that has to be said before the
 * rules fail of it.
 */
final class LibraryVersions {
    private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+).*");

    private LibraryVersions() {}

    /**
     * Refuses libraries that are too old.
     *
     * @throws IllegalStateException that names them, where they are from, and what to write
     */
    static void check() {
        List<String> old = new ArrayList<>();
        String junit = RunEnvironment.junitVersion();
        if (isOlder(junit, 5, 8)) {
            old.add("sync-tck needs JUnit Jupiter 5.8 or newer, found " + junit + " (" + place(Test.class) + "): "
                    + remedy("org.junit:junit-bom", "junit-jupiter.version"));
        }
        old.addAll(jackson());
        if (!old.isEmpty()) {
            throw new IllegalStateException(String.join("; ", old));
        }
    }

    private static List<String> jackson() {
        String jackson;
        try {
            jackson = new JsonFactory().version().toString();
        } catch (NoClassDefFoundError e) {
            return List.of(
                    "sync-tck needs jackson-core 2.16 or newer, found none: it comes with sync-tck, so something excludes it");
        }
        return isOlder(jackson, 2, 16)
                ? List.of(
                        "sync-tck needs jackson-core 2.16 or newer, found " + jackson + " (" + place(JsonFactory.class)
                                + "): " + remedy("com.fasterxml.jackson:jackson-bom", "jackson-bom.version"))
                : List.of();
    }

    /** False of what is no version: who repackages a library knows what he does. */
    static boolean isOlder(String version, int major, int minor) {
        Matcher numbers = NUMBERS.matcher(version);
        if (!numbers.matches()) {
            return false;
        }
        int found = Integer.parseInt(numbers.group(1));
        return found < major || (found == major && Integer.parseInt(numbers.group(2)) < minor);
    }

    private static String remedy(String bom, String property) {
        return "a parent or a BOM pins it; import a newer " + bom
                + " before it in <dependencyManagement>, or with Spring Boot's" + " parent set <" + property + ">";
    }

    private static String place(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null ? "from an unknown place" : String.valueOf(source.getLocation());
    }
}
