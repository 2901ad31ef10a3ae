package dev.livesync.database.log;

import dev.livesync.database.disk.Disk;
import java.io.IOException;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of segment files: {@code segment-00000001.log}, and {@code segment-00000001.2.log} after it was written anew for the second
 * time. Of several files of one segment the one of the highest generation counts, because a file gets such a name only when it is whole and
 * durable.
 */
final class SegmentName {
    /** The suffix of files that nothing depends on yet. */
    static final String TEMPORARY = ".tmp";

    private static final Pattern NAME = Pattern.compile("segment-([0-9]{8})(?:\\.([1-9][0-9]{0,8}))?\\.log");

    private SegmentName() {}

    static String of(long number) {
        return of(number, 0);
    }

    static String of(long number, int generation) {
        String digits = Long.toString(number);
        return "segment-" + "0".repeat(Math.max(0, 8 - digits.length())) + digits
                + (generation == 0 ? "" : "." + generation) + ".log";
    }

    /** The segment's number, or -1 for the name of something else. */
    static long number(String name) {
        Matcher m = NAME.matcher(name);
        return m.matches() ? Long.parseLong(m.group(1)) : -1;
    }

    static int generation(String name) {
        Matcher m = NAME.matcher(name);
        return m.matches() && m.group(2) != null ? Integer.parseInt(m.group(2)) : 0;
    }

    /** The segments and the current generation of each. */
    static NavigableMap<Long, Integer> newest(Disk disk) throws IOException {
        TreeMap<Long, Integer> generations = new TreeMap<>();
        for (String name : disk.list()) {
            if (number(name) > 0) {
                generations.merge(number(name), generation(name), Math::max);
            }
        }
        return generations;
    }

    /** Removes files of other generations that a crash has left, and unfinished files. */
    static void tidy(Disk disk, NavigableMap<Long, Integer> newest) throws IOException {
        for (String name : disk.list()) {
            if (name.endsWith(TEMPORARY) || generation(name) < newest.getOrDefault(number(name), 0)) {
                disk.delete(name);
            }
        }
    }
}
