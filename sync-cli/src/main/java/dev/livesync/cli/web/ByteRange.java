package dev.livesync.cli.web;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that a request wants of a content; RFC 9110, section 14.
 *
 * @param first the first of them
 * @param last the last of them; less than {@code first} where the content has none of what was asked for
 */
record ByteRange(int first, int last) {
    private static final Pattern ONE = Pattern.compile("bytes=\\s*([0-9]{0,18})-([0-9]{0,18})\\s*");

    /**
     * Reads the header {@code Range}. Several ranges, other units and what is no range are as good as no header.
     *
     * @param header its value; null if there is none
     * @param length of the content
     * @return null for all of it
     */
    static @Nullable ByteRange of(@Nullable String header, int length) {
        Matcher matcher = ONE.matcher(header == null ? "" : header);
        if (!matcher.matches()) {
            return null;
        }
        String from = matcher.group(1);
        String to = matcher.group(2);
        if (from.isEmpty()) {
            return to.isEmpty() ? null : new ByteRange((int) Math.max(0, length - Long.parseLong(to)), length - 1);
        }
        long first = Long.parseLong(from);
        long last = to.isEmpty() ? Long.MAX_VALUE : Long.parseLong(to);
        if (last < first) {
            return null;
        }
        return new ByteRange((int) Math.min(first, length), (int) Math.min(last, length - 1L));
    }

    /** Whether the content has none of it. */
    boolean isEmpty() {
        return last < first;
    }

    int size() {
        return last - first + 1;
    }
}
