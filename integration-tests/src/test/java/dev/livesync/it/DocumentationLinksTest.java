package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every link of every page leads to a file that is there, and to a heading in it, as a code host shows them. What is outside is not asked for. */
class DocumentationLinksTest {
    private static final Path ROOT =
            Path.of(System.getProperty("basedir", "."), "..").toAbsolutePath().normalize();
    private static final Set<String> NOT_OURS = Set.of("target", "node_modules", ".git");
    private static final Pattern FENCED =
            Pattern.compile("^(```+|~~~+)[^\n]*\n.*?^\\1[ \t]*$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern CODE = Pattern.compile("(`+)[^`].*?\\1", Pattern.DOTALL);
    private static final Pattern COMMENT = Pattern.compile("<!--.*?-->", Pattern.DOTALL);
    private static final Pattern LINK =
            Pattern.compile("\\]\\(\\s*<?([^)\\s>]+)>?[^)]*\\)|<(?:img|a)\\b[^>]*\\b(?:src|href)=\"([^\"]*)\"");
    private static final Pattern HEADING = Pattern.compile("^#{1,6} +(.*?)(?: +#+)?$", Pattern.MULTILINE);
    private static final Pattern NAMED = Pattern.compile("<[a-z]+\\b[^>]*\\b(?:id|name)=\"([^\"]*)\"");
    private static final Pattern OUTSIDE = Pattern.compile("[a-zA-Z][a-zA-Z0-9+.-]*:.*");

    private final Map<Path, Set<String>> anchors = new HashMap<>();

    @Test
    void noLinkIsBroken() throws IOException {
        List<Path> pages = pages(ROOT);
        assertThat(pages).as("pages").hasSizeGreaterThan(90);
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : pages) {
            links += check(ROOT, page, broken);
        }
        assertThat(broken).as("broken links").isEmpty();
        assertThat(links).as("links inside of the project").isGreaterThan(500);
    }

    @Test
    void whatIsBrokenIsFound(@TempDir Path root) throws IOException {
        Files.writeString(
                root.resolve("other.md"),
                "# Two words, `and code`\n\n## Again\n\n## Again\n\n```\n## Not this\n```\n<a id=\"R1.1\"></a>\n");
        Files.writeString(root.resolve("page.md"), """
                # Here
                [file](other.md) [up](../here.md) [gone](gone.md) [heading](other.md#two-words-and-code) [second](other.md#again-1)
                [third](other.md#again-2) [name](other.md#R1.1) [no heading](other.md#not-this) [self](#here) [nothing](#there)
                <img src="gone.png" alt=""> [outside](https://example.invalid/x#y) `[code](nowhere.md)` [folder](.)
                ```
                [fenced](nowhere.md)
                ```
                """);
        List<String> broken = new ArrayList<>();
        assertThat(check(root, root.resolve("page.md"), broken)).isEqualTo(12);
        assertThat(broken)
                .containsExactly(
                        "page.md: ../here.md leads out of the project",
                        "page.md: gone.md is not there",
                        "page.md: other.md#again-2 has no such heading",
                        "page.md: other.md#not-this has no such heading",
                        "page.md: #there has no such heading",
                        "page.md: gone.png is not there");
    }

    private int check(Path root, Path page, List<String> broken) throws IOException {
        int links = 0;
        Matcher link = LINK.matcher(CODE.matcher(prose(page)).replaceAll("code"));
        while (link.find()) {
            String target = link.group(1) != null ? link.group(1) : link.group(2);
            if (OUTSIDE.matcher(target).matches()) {
                continue;
            }
            links++;
            String problem = problem(root, page, target);
            if (problem != null) {
                broken.add(root.relativize(page) + ": " + target + " " + problem);
            }
        }
        return links;
    }

    private String problem(Path root, Path page, String target) throws IOException {
        int hash = target.indexOf('#');
        String name = URI.create(hash < 0 ? target : target.substring(0, hash)).getPath();
        Path file = name.isEmpty() ? page : page.resolveSibling(name).normalize();
        if (!file.startsWith(root)) {
            return "leads out of the project";
        }
        if (!Files.exists(file)) {
            return "is not there";
        }
        if (hash >= 0 && file.toString().endsWith(".md") && !anchors(file).contains(target.substring(hash + 1))) {
            return "has no such heading";
        }
        return null;
    }

    private Set<String> anchors(Path page) throws IOException {
        Set<String> known = anchors.get(page);
        if (known != null) {
            return known;
        }
        Set<String> found = new HashSet<>();
        Map<String, Integer> times = new HashMap<>();
        String text = prose(page);
        for (Matcher heading = HEADING.matcher(text); heading.find(); ) {
            String words = heading.group(1).replaceAll("\\[([^\\]]*)\\]\\([^)]*\\)", "$1");
            String anchor = words.toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\p{L}\\p{M}\\p{N}\\p{Pc} -]", "")
                    .replace(' ', '-');
            int before = times.merge(anchor, 1, Integer::sum) - 1;
            found.add(before == 0 ? anchor : anchor + "-" + before);
        }
        for (Matcher named = NAMED.matcher(text); named.find(); ) {
            found.add(named.group(1));
        }
        anchors.put(page, found);
        return found;
    }

    /** A page without its blocks of code and comments. */
    private static String prose(Path page) throws IOException {
        String text = FENCED.matcher(Files.readString(page)).replaceAll("");
        return COMMENT.matcher(text).replaceAll("");
    }

    static List<Path> pages(Path root) throws IOException {
        List<Path> pages = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                boolean ours = folder.equals(root)
                        || !NOT_OURS.contains(folder.getFileName().toString());
                return ours ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (file.toString().endsWith(".md")) {
                    pages.add(file);
                }
                return FileVisitResult.CONTINUE;
            }
        });
        pages.sort(null);
        return pages;
    }
}
