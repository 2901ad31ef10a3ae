package dev.livesync.api.internal;

import org.jspecify.annotations.Nullable;

/** Writes a message of a log as {@code key=value} pairs, the first of which is the event. Values with blanks or marks are quoted, as JSON quotes. */
public final class LogLine {
    private final StringBuilder text;

    private LogLine(String event) {
        this.text = new StringBuilder("event=").append(event);
    }

    /**
     * Begins a message.
     *
     * @param event what has happened, in lower case and underlines
     * @return a message with that pair
     */
    public static LogLine of(String event) {
        return new LogLine(event);
    }

    /**
     * Adds a pair.
     *
     * @param key a word
     * @param value what is said; no secret, and nothing of a document
     * @return this
     */
    public LogLine and(String key, @Nullable Object value) {
        text.append(' ').append(key).append('=');
        String said = String.valueOf(value);
        if (!said.isEmpty() && said.chars().allMatch(LogLine::isPlain)) {
            text.append(said);
            return this;
        }
        text.append('"');
        for (int i = 0; i < said.length(); i++) {
            char c = said.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < ' ' || c == 0x7f || Character.getType(c) == Character.FORMAT) {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
        return this;
    }

    private static boolean isPlain(int c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
