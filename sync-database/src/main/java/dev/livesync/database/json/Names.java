package dev.livesync.database.json;

/** Names for messages: one line, however long the names are that users choose. */
public final class Names {
    private static final int ID_CHARS = 80;

    private Names() {}

    /**
     * A document's name.
     *
     * @param id its id
     * @return the word and the id, shortened if it is long
     */
    public static String document(String id) {
        return "document \"" + shortened(id, ID_CHARS) + "\"";
    }

    /** The beginning of a text that is too long, whole characters only, and a sign that it goes on. */
    static String shortened(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
        return text.substring(0, end) + "…";
    }
}
