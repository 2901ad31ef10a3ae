package dev.livesync.simulation.world;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The planted defects and the first worlds that find them, as {@code docs/reliability.md} has them. */
final class DefectTable {
    private static final Path PAGE = Path.of(System.getProperty("basedir", "."), "..", "docs", "reliability.md")
            .normalize();
    private static final String BEGIN = "<!-- written by PlantedDefectsTest -->\n";
    private static final String END = "<!-- end of what PlantedDefectsTest writes -->";
    private static final Pattern ROW = Pattern.compile("\\| ([^|]+) \\| ([0-9]+) \\| ([^|]+) \\|");

    /**
     * A planted defect that was found.
     *
     * @param name the defect's
     * @param seed of the first world that finds it; so it is the number of worlds that it took
     * @param as what was wrong there
     */
    record Row(String name, int seed, String as) {}

    private DefectTable() {}

    /** What the page says. */
    static List<Row> read() throws IOException {
        List<Row> rows = new ArrayList<>();
        for (Matcher row = ROW.matcher(between(Files.readString(PAGE))); row.find(); ) {
            rows.add(new Row(row.group(1), Integer.parseInt(row.group(2)), row.group(3)));
        }
        return rows;
    }

    /** Writes the page anew. */
    static void write(List<Row> rows) throws IOException {
        StringBuilder table = new StringBuilder("\n| planted defect | worlds needed | found as |\n|---|---:|---|\n");
        rows.forEach(row -> table.append("| ")
                .append(row.name())
                .append(" | ")
                .append(row.seed())
                .append(" | ")
                .append(row.as())
                .append(" |\n"));
        String page = Files.readString(PAGE);
        Files.writeString(PAGE, page.replace(between(page), table.append('\n')));
    }

    private static String between(String page) {
        return page.substring(page.indexOf(BEGIN) + BEGIN.length(), page.indexOf(END));
    }

    /** The first world that finds a defect; null if so many don't. */
    static @Nullable Row find(Defect defect, int worlds) {
        for (int seed = 1; seed <= worlds; seed++) {
            Row row = at(defect, seed);
            if (row != null) {
                return row;
            }
        }
        return null;
    }

    /** What a world makes of a defect; null if it doesn't find it. */
    static @Nullable Row at(Defect defect, int seed) {
        Throwable failure = new WorldRun(seed, defect).failure();
        return failure == null ? null : new Row(defect.name(), seed, words(failure));
    }

    /** What is wrong, without what is of one world. */
    private static String words(Throwable failure) {
        String message = failure instanceof AssertionError ? String.valueOf(failure.getMessage()) : failure.toString();
        String first = message.strip().lines().findFirst().orElse("");
        return first.replaceFirst(" of Shape\\[.*", "")
                .replaceFirst(":$", "")
                .replaceFirst("^\\[(.*?)]?\\s*$", "$1")
                .replaceAll("baf[a-z2-7]{56}", "an event")
                .replaceAll("\\bm[0-9]\\b", "a machine")
                .replaceAll("[0-9]+", "N")
                .replace('|', '/');
    }
}
