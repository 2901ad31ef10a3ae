package dev.livesync.cli;

/**
 * Text that a terminal shows as it is. Control characters move its cursor, change its colours and worse; marks of direction let a name read as
 * another. Both are written as JSON escapes them, so that JSON stays the same JSON.
 */
final class Visible {
    private Visible() {}

    /** The text, its line ends and tabs kept. */
    static String text(String text) {
        return isVisible(text) ? text : escaped(text);
    }

    /** The text as one line: line ends and tabs become spaces. */
    static String line(String text) {
        return text(text.replace('\n', ' ').replace('\r', ' ').replace('\t', ' '));
    }

    /** Whether {@link #text} has nothing to do. */
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
