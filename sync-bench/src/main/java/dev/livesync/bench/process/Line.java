package dev.livesync.bench.process;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * One request or answer: a word, then names and values. On the wire {@code word name=value …}, values percent-encoded.
 *
 * @param word what is asked for; in an answer {@code ok} or {@code error}
 * @param fields names and values in their order
 */
public record Line(String word, Map<String, String> fields) {
    /**
     * A line without fields.
     *
     * @param word its word
     * @return the line
     */
    public static Line of(String word) {
        return new Line(word, new LinkedHashMap<>());
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @param text one line
     * @return the line
     */
    public static Line parse(String text) {
        String[] tokens = text.strip().split(" ");
        Line line = of(tokens[0]);
        for (String token : Arrays.asList(tokens).subList(1, tokens.length)) {
            int equals = token.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("not name=value: " + token);
            }
            line.with(
                    token.substring(0, equals), URLDecoder.decode(token.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return line;
    }

    /**
     * Adds a field.
     *
     * @param name its name
     * @param value anything; its text counts
     * @return this line
     */
    public Line with(String name, Object value) {
        fields.put(name, value.toString());
        return this;
    }

    /**
     * Adds numbers as one field.
     *
     * @param name its name
     * @param values the numbers
     * @return this line
     */
    public Line withAll(String name, long[] values) {
        StringJoiner joined = new StringJoiner("_");
        for (long value : values) {
            joined.add(Long.toString(value));
        }
        return with(name, joined);
    }

    /**
     * A field that has to be there.
     *
     * @param name its name
     * @return its value
     */
    public String text(String name) {
        @Nullable String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException("'" + word + "' without '" + name + "'");
        }
        return value;
    }

    /**
     * A number that has to be there.
     *
     * @param name its name
     * @return its value
     */
    public long number(String name) {
        return Long.parseLong(text(name));
    }

    /**
     * The numbers of {@link #withAll}.
     *
     * @param name the field's name
     * @return the numbers
     */
    public long[] numbers(String name) {
        String text = text(name);
        return text.isEmpty()
                ? new long[0]
                : Arrays.stream(text.split("_")).mapToLong(Long::parseLong).toArray();
    }

    /**
     * A small number that has to be there.
     *
     * @param name its name
     * @return its value
     */
    public int count(String name) {
        return Math.toIntExact(number(name));
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(word);
        fields.forEach((name, value) ->
                text.append(' ').append(name).append('=').append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return text.toString();
    }
}
