package dev.livesync.core.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Small JSON objects as maps. Values are {@link String}, {@link Long}, {@link Double}, {@link Boolean}, null, {@link List}
 * and {@link Map}; a number that fits none of them reads as a {@link Double}. Names are unique, nesting is bounded.
 *
 * <p>The caller bounds the length. Messages say where it went wrong and never quote what was there: it may be a secret.
 */
public final class Json {
    private static final int MAX_DEPTH = 16;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(40)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            // The alpha's atob yields Latin-1, so nothing but ASCII is written.
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    private Json() {}

    /**
     * Reads one object and nothing after it.
     *
     * @param what names the text in messages, such as {@code the offer}
     * @param text the text
     * @return its members in their order; the caller's own
     * @throws SyncException {@link ErrorKind#MALFORMED} if it is anything else
     */
    public static Map<String, @Nullable Object> read(String what, String text) {
        try (JsonParser in = FACTORY.createParser(text)) {
            if (in.nextToken() != JsonToken.START_OBJECT) {
                throw malformed(what + " is no JSON object");
            }
            Map<String, @Nullable Object> object = object(in);
            if (in.nextToken() != null) {
                throw malformed(what + " goes on after its JSON object ends");
            }
            return object;
        } catch (JsonEOFException e) {
            throw malformed(what + " is cut off: its JSON ends unfinished after " + text.length() + " characters");
        } catch (StreamConstraintsException e) {
            throw malformed(what + " is no acceptable JSON: nested deeper than " + MAX_DEPTH
                    + ", or a number or a name is too long");
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            long at = e.getLocation() == null ? 0 : e.getLocation().getCharOffset();
            throw malformed(what + " is no JSON object (character " + at + ")");
        } catch (IOException e) {
            throw new SyncException(ErrorKind.INTERNAL, "reading from memory failed", e);
        }
    }

    /**
     * Writes one object in ASCII, without blanks.
     *
     * @param object members in their order; values of the types above
     * @return the text
     */
    public static String write(Map<String, ? extends @Nullable Object> object) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = FACTORY.createGenerator(text)) {
            value(out, object);
        } catch (IOException e) {
            throw new SyncException(ErrorKind.INTERNAL, "writing to memory failed", e);
        }
        return text.toString();
    }

    private static Map<String, @Nullable Object> object(JsonParser in) throws IOException {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        while (in.nextToken() != JsonToken.END_OBJECT) {
            String name = in.currentName();
            in.nextToken();
            object.put(name, value(in));
        }
        return object;
    }

    private static @Nullable Object value(JsonParser in) throws IOException {
        return switch (in.currentToken()) {
            case START_OBJECT -> object(in);
            case START_ARRAY -> {
                List<@Nullable Object> items = new ArrayList<>();
                while (in.nextToken() != JsonToken.END_ARRAY) {
                    items.add(value(in));
                }
                yield items;
            }
            case VALUE_STRING -> in.getText();
            case VALUE_NUMBER_INT ->
                in.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? (Object) in.getDoubleValue()
                        : (Object) in.getLongValue();
            case VALUE_NUMBER_FLOAT -> in.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private static void value(JsonGenerator out, @Nullable Object value) throws IOException {
        if (value == null) {
            out.writeNull();
        } else if (value instanceof Map<?, ?> map) {
            out.writeStartObject();
            for (Map.Entry<?, ?> e : map.entrySet()) {
                out.writeFieldName((String) e.getKey());
                value(out, e.getValue());
            }
            out.writeEndObject();
        } else if (value instanceof Iterable<?> items) {
            out.writeStartArray();
            for (Object item : items) {
                value(out, item);
            }
            out.writeEndArray();
        } else if (value instanceof Boolean b) {
            out.writeBoolean(b);
        } else if (value instanceof Integer i) {
            out.writeNumber(i);
        } else if (value instanceof Long l) {
            out.writeNumber(l);
        } else if (value instanceof Double d) {
            out.writeNumber(d);
        } else {
            out.writeString((String) value);
        }
    }

    private static SyncException malformed(String message) {
        return new SyncException(ErrorKind.MALFORMED, message);
    }
}
