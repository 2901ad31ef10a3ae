package dev.livesync.it.alpha;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/** The table in {@code docs/alpha-interop.md}: what the tests have seen, and nothing else. */
final class FailureTable {
    private static final Path DOCUMENT = Path.of(System.getProperty("basedir", "."), "..", "docs", "alpha-interop.md")
            .normalize();
    private static final String BEGIN = "<!-- written by TwelveFailuresTest -->\n";
    private static final String END = "<!-- end -->\n";

    private final SortedMap<Integer, String> rows = new TreeMap<>();

    void row(int number, String fault, String alone, String withLiveSync, String limit) {
        rows.put(number, "| " + number + " | " + fault + " | " + alone + " | " + withLiveSync + " | " + limit + " |\n");
    }

    /** Holds the document against what was seen; {@code -Dlivesync.docs=write} writes it anew. */
    void check() throws IOException {
        if (rows.size() < 12) {
            // Some test failed, or was not asked for.
            return;
        }
        String document = Files.readString(DOCUMENT);
        int begin = document.indexOf(BEGIN) + BEGIN.length();
        int end = document.indexOf(END);
        String table = "\n| | what happens | alphas alone | with LiveSync among them | limit |\n|---|---|---|---|---|\n"
                + String.join("", rows.values()) + "\n";
        if ("write".equals(System.getProperty("livesync.docs"))) {
            Files.writeString(DOCUMENT, document.substring(0, begin) + table + document.substring(end));
        } else {
            assertThat(document.substring(begin, end))
                    .as("the table in docs/alpha-interop.md; -Dlivesync.docs=write writes it anew")
                    .isEqualTo(table);
        }
    }
}
