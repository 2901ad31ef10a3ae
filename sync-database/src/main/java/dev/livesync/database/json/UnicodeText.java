package dev.livesync.database.json;

import dev.livesync.api.ErrorKind;

/** Checks and mends strings, so that UTF-8 can carry them. */
final class UnicodeText {
    private UnicodeText() {}

    /** Replaces every lone surrogate with U+FFFD, as JavaScript's encoder does. */
    static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (isPair(text, i)) {
                    i++;
                } else {
                    return replaced(text, i);
                }
            }
        }
        return text;
    }

    /**
     * Returns a string that UTF-8 can carry.
     *
     * @param exact whether to refuse lone surrogates; otherwise they are replaced
     * @throws UnfitValueException if there is one and it is refused
     */
    static String wellFormed(String text, boolean exact) {
        String wellFormed = wellFormed(text);
        if (exact && !wellFormed.equals(text)) {
            throw new UnfitValueException(
                    ErrorKind.INVALID_ARGUMENT,
                    "a lone surrogate, half of a character, which JavaScript would replace with U+FFFD");
        }
        return wellFormed;
    }

    private static String replaced(String text, int from) {
        StringBuilder out = new StringBuilder(text);
        for (int i = from; i < out.length(); i++) {
            if (Character.isSurrogate(out.charAt(i))) {
                if (isPair(out, i)) {
                    i++;
                } else {
                    out.setCharAt(i, '\ufffd');
                }
            }
        }
        return out.toString();
    }

    private static boolean isPair(CharSequence text, int i) {
        return i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
    }

    /**
     * Replaces every escape of a lone surrogate in a JSON text with the surrogate. JavaScript reads such escapes everywhere; Jackson refuses
     * them in names.
     */
    static String withoutLoneEscapes(String json) {
        if (!json.contains("\\ud") && !json.contains("\\uD")) {
            return json;
        }
        StringBuilder out = new StringBuilder(json.length());
        int done = 0;
        for (int i = json.indexOf('\\'); i >= 0 && i + 1 < json.length(); i = json.indexOf('\\', i)) {
            char unit = escaped(json, i);
            if (Character.isHighSurrogate(unit) && Character.isLowSurrogate(escaped(json, i + 6))) {
                i += 12;
            } else if (Character.isSurrogate(unit)) {
                out.append(json, done, i).append(unit);
                i += 6;
                done = i;
            } else {
                i += 2;
            }
        }
        return done == 0 ? json : out.append(json, done, json.length()).toString();
    }

    /** The code unit that a {@code \\u} escape at a position stands for, or 0. */
    private static char escaped(CharSequence json, int at) {
        if (at + 6 > json.length() || json.charAt(at) != '\\' || json.charAt(at + 1) != 'u') {
            return 0;
        }
        int unit = 0;
        for (int i = at + 2; i < at + 6; i++) {
            int digit = json.charAt(i) < 128 ? Character.digit(json.charAt(i), 16) : -1;
            if (digit < 0) {
                return 0;
            }
            unit = unit << 4 | digit;
        }
        return (char) unit;
    }
}
