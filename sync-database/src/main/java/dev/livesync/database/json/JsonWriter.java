package dev.livesync.database.json;

import dev.livesync.api.Value;
import java.util.Base64;
import java.util.Map;

/**
 * Compact JSON as {@code JSON.stringify} writes it. What JSON lacks (only other IPLD programs write it) takes the form of
 * dag-json: a link is {@code {"/":"bafy…"}}, bytes are {@code {"/":{"bytes":"…"}}}, integers of 64 bits are digits.
 */
public final class JsonWriter {
    private JsonWriter() {}

    /**
     * Writes a value.
     *
     * @param value what; no deeper than the codecs allow
     * @return its JSON
     */
    public static String write(Value value) {
        StringBuilder out = new StringBuilder(128);
        write(value, out);
        return out.toString();
    }

    private static void write(Value value, StringBuilder out) {
        if (value instanceof Value.Text v) {
            JsonStrings.write(v.value(), out);
        } else if (value instanceof Value.Int v) {
            out.append(v.value());
        } else if (value instanceof Value.Real v) {
            Numbers.write(v.value(), out);
        } else if (value instanceof Value.Bool v) {
            out.append(v.value());
        } else if (value instanceof Value.Mapping v) {
            mapping(v, out);
        } else if (value instanceof Value.Sequence v) {
            sequence(v, out);
        } else if (value instanceof Value.BigInt v) {
            out.append(v.value());
        } else if (value instanceof Value.Link v) {
            out.append("{\"/\":\"").append(v.cid()).append("\"}");
        } else if (value instanceof Value.Bytes v) {
            String text = Base64.getEncoder().withoutPadding().encodeToString(v.toByteArray());
            out.append("{\"/\":{\"bytes\":\"").append(text).append("\"}}");
        } else {
            out.append("null");
        }
    }

    private static void mapping(Value.Mapping mapping, StringBuilder out) {
        out.append('{');
        boolean first = true;
        for (Map.Entry<String, Value> e : mapping.entries().entrySet()) {
            if (!first) {
                out.append(',');
            }
            first = false;
            JsonStrings.write(e.getKey(), out);
            out.append(':');
            write(e.getValue(), out);
        }
        out.append('}');
    }

    private static void sequence(Value.Sequence sequence, StringBuilder out) {
        out.append('[');
        boolean first = true;
        for (Value item : sequence.items()) {
            if (!first) {
                out.append(',');
            }
            first = false;
            write(item, out);
        }
        out.append(']');
    }
}
