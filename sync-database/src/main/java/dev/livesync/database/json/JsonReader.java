package dev.livesync.database.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Strict JSON, with the meaning that {@code JSON.parse} and JavaScript's dag-cbor encoder give it: see {@link Numbers}; of
 * repeated keys the last counts; lone surrogates become U+FFFD. Messages name line and column, never content.
 */
public final class JsonReader {
    /** How many arrays and objects may lie inside each other. */
    public static final int MAX_DEPTH = 512;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .build())
            // Names come from users: no table of them that grows for ever or refuses collisions.
            .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false)
            .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
            .build();

    private JsonReader() {}

    /**
     * Reads one object.
     *
     * @param json the text, with nothing but white space around the object
     * @return its value
     * @throws SyncException {@link ErrorKind#MALFORMED} if this is not JSON; {@link ErrorKind#INVALID_ARGUMENT} if it is no
     *     object or has a number beyond the range of 64-bit floats; {@link ErrorKind#LIMIT_EXCEEDED} if it nests too deeply
     */
    public static Value.Mapping object(String json) {
        try (JsonParser parser = FACTORY.createParser(Text.withoutLoneEscapes(json))) {
            JsonToken first = parser.nextToken();
            if (first != null && first != JsonToken.START_OBJECT) {
                throw new SyncException(
                        ErrorKind.INVALID_ARGUMENT, "a document is a JSON object, not an array or a single value");
            }
            if (first == null) {
                throw new SyncException(ErrorKind.MALFORMED, "not JSON: the text is empty");
            }
            Value.Mapping object = mapping(parser);
            if (parser.nextToken() != null) {
                throw malformed(parser.currentTokenLocation(), "something follows the object");
            }
            return object;
        } catch (StreamConstraintsException e) {
            throw new SyncException(ErrorKind.LIMIT_EXCEEDED, "JSON nests more than " + MAX_DEPTH + " levels deep", e);
        } catch (JsonProcessingException e) {
            throw malformed(e.getLocation(), null);
        } catch (IOException e) {
            throw new SyncException(ErrorKind.INTERNAL, "reading a string failed", e);
        }
    }

    // Recursion is bounded: the parser refuses what nests too deeply.
    private static Value.Mapping mapping(JsonParser parser) throws IOException {
        Map<String, Value> entries = new LinkedHashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            entries.put(Text.wellFormed(name), value(parser));
        }
        return new Value.Mapping(entries);
    }

    private static Value value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> mapping(parser);
            case START_ARRAY -> sequence(parser);
            case VALUE_STRING -> new Value.Text(Text.wellFormed(parser.getText()));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
            case VALUE_TRUE -> new Value.Bool(true);
            case VALUE_FALSE -> new Value.Bool(false);
            default -> Value.NULL;
        };
    }

    private static Value sequence(JsonParser parser) throws IOException {
        List<Value> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(parser));
        }
        return new Value.Sequence(items);
    }

    private static Value number(JsonParser parser) throws IOException {
        String text = parser.getText();
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT && text.length() <= 15) {
            return new Value.Int(Long.parseLong(text)); // 15 characters are safe
        }
        double number = Double.parseDouble(text);
        if (Double.isInfinite(number)) {
            JsonLocation at = parser.currentTokenLocation();
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, "the number at " + place(at) + " is beyond the range of 64-bit floats");
        }
        return Numbers.of(number);
    }

    private static SyncException malformed(@Nullable JsonLocation at, @Nullable String what) {
        // The parser's own words quote the text.
        return new SyncException(
                ErrorKind.MALFORMED,
                "not JSON" + (at == null ? "" : " at " + place(at)) + (what == null ? "" : ": " + what));
    }

    private static String place(JsonLocation at) {
        return "line " + at.getLineNr() + ", column " + at.getColumnNr();
    }
}
