package dev.livesync.database.order;

/**
 * The order of ids, which is that of their keys: by UTF-16 code units. Only U+0000 and U+0001 count as keys write them, which is one U+0001 and two of
 * them.
 */
public final class IdOrder {
    private IdOrder() {}

    /**
     * Compares two ids.
     *
     * @param a any string
     * @param b any string
     * @return negative, zero or positive
     */
    public static int compare(String a, String b) {
        return escaped(a).compareTo(escaped(b));
    }

    /**
     * A bound for keys, of a string that need not be an id.
     *
     * @param id any string, such as the beginning of an id
     * @return what a key is compared with
     */
    public static String bound(String id) {
        return "J" + escaped(id);
    }

    private static String escaped(String id) {
        return id.indexOf('\0') < 0 && id.indexOf('\1') < 0
                ? id
                : id.replace("\1", "\1\1").replace('\0', '\1');
    }

    /**
     * A string that comes after all ids with a prefix; not always the least.
     *
     * @param prefix any string
     * @return the bound; the empty string if there is none
     */
    public static String after(String prefix) {
        int end = prefix.length();
        // Nothing comes after the last character, and what keys escape doesn't count on.
        while (end > 0 && (prefix.charAt(end - 1) == Character.MAX_VALUE || prefix.charAt(end - 1) <= 1)) {
            end--;
        }
        return end == 0 ? "" : prefix.substring(0, end - 1) + (char) (prefix.charAt(end - 1) + 1);
    }
}
