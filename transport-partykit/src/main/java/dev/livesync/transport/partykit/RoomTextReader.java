package dev.livesync.transport.partykit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what a room says: a JSON object (RFC 8259), of which what nobody here knows is skipped over. Strings, objects and arrays come out as
 * what they are; numbers, truth values and null as their text in a {@link Literal}. Texts are bounded before they get here, their depth here.
 */
final class RoomTextReader {
    /**
     * A value that is neither text, object nor array.
     *
     * @param text as it was written
     */
    record Literal(String text) {}

    private static final int MAX_DEPTH = 16;

    private final String text;
    private int at;

    private RoomTextReader(String text) {
        this.text = text;
    }

    /** The object, or MALFORMED if it is none. */
    static Map<String, Object> read(String text) {
        RoomTextReader reader = new RoomTextReader(text);
        reader.space();
        if (reader.peek() != '{') {
            throw reader.malformed("no object");
        }
        Map<String, Object> read = reader.object(1);
        reader.space();
        if (reader.at < text.length()) {
            throw reader.malformed("something behind its end");
        }
        return read;
    }

    private Object value(int depth) {
        if (depth > MAX_DEPTH) {
            throw malformed("deeper than " + MAX_DEPTH);
        }
        return switch (peek()) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            default -> literal();
        };
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> members = new LinkedHashMap<>();
        at++;
        space();
        if (peek() == '}') {
            at++;
            return members;
        }
        while (true) {
            space();
            if (peek() != '"') {
                throw malformed("no key");
            }
            String key = string();
            space();
            expect(':');
            space();
            members.put(key, value(depth + 1));
            if (isLast('}')) {
                return members;
            }
        }
    }

    private List<Object> array(int depth) {
        List<Object> elements = new ArrayList<>();
        at++;
        space();
        if (peek() == ']') {
            at++;
            return elements;
        }
        while (true) {
            space();
            elements.add(value(depth + 1));
            if (isLast(']')) {
                return elements;
            }
        }
    }

    /** After an element: a comma, or the end. */
    private boolean isLast(char end) {
        space();
        char c = peek();
        if (c != ',' && c != end) {
            throw malformed("neither a comma nor an end");
        }
        at++;
        return c == end;
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        at++;
        for (char c = next(); c != '"'; c = next()) {
            if (c < ' ') {
                throw malformed("a control character");
            }
            out.append(c == '\\' ? escaped() : c);
        }
        return out.toString();
    }

    private char escaped() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> unit();
            default -> throw malformed("an unknown escape");
        };
    }

    private char unit() {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            char hex = next();
            int digit = hex < 0x80 ? Character.digit(hex, 16) : -1;
            if (digit < 0) {
                throw malformed("no hex digit");
            }
            unit = unit * 16 + digit;
        }
        return (char) unit;
    }

    private Literal literal() {
        int from = at;
        while (at < text.length() && (isAsciiWord(text.charAt(at)) || "+-.".indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        String word = text.substring(from, at);
        if (!word.matches("true|false|null|-?(0|[1-9][0-9]{0,99})(\\.[0-9]{1,99})?([eE][+-]?[0-9]{1,9})?")) {
            throw malformed("no value");
        }
        return new Literal(word);
    }

    private static boolean isAsciiWord(char c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    private void space() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private void expect(char c) {
        if (next() != c) {
            throw malformed("no '" + c + "'");
        }
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private char next() {
        if (at >= text.length()) {
            throw malformed("its end comes too early");
        }
        return text.charAt(at++);
    }

    private RuntimeException malformed(String what) {
        return RoomFailures.malformed("no JSON at character " + at + ": " + what);
    }
}
