package dev.livesync.cli;

/**
 * Makes text safe for a terminal. Control characters move the cursor, change colours and worse; marks of direction make a name look like
 * another. Both are written as JSON escapes, so that JSON keeps its meaning.
 */
final class Visible {
    private Visible() {}

    /** Escapes a text; keeps line ends and tabs. */
    static String text(String text) {
        return isVisible(text) ? text : escaped(text);
    }

    /** Escapes a text as one line: line ends and tabs become spaces. */
    static String line(String text) {
        return text(text.replace('\n', ' ').replace('\r', ' ').replace('\t', ' '));
    }

    /** Whether {@link #text} would change nothing. */
    static boolean isVisible(String text) {
        return text.codePoints().noneMatch(Visible::isHidden);
    }

    private static boolean isHidden(int c) {
        if (c < 0x7f) {
            return c < ' ' && c != '\n' && c != '\t';
        }
        return c < 0xa0
                || c == 0x061c
                || c == 0x200e
                || c == 0x200f
                || c >= 0x2028 && c <= 0x202e // line and paragraph separators, embeddings and overrides
                || c >= 0x2066 && c <= 0x2069 // isolates
                || c >= 0xfff9 && c <= 0xfffb // annotations
                || c >= 0xe0000 && c <= 0xe007f; // tags, which show nothing at all
    }

    private static String escaped(String text) {
        StringBuilder shown = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (isHidden(c)) {
                for (char unit : Character.toChars(c)) {
                    shown.append(String.format("\\u%04x", (int) unit));
                }
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }
}
