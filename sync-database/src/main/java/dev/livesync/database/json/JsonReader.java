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

    private final JsonParser parser;
    private final boolean exact;

    private JsonReader(JsonParser parser, boolean exact) {
        this.parser = parser;
        this.exact = exact;
    }

    /**
     * Reads one object as JavaScript does.
     *
     * @param json the text, with nothing but white space around the object
     * @return its value
     * @throws SyncException as {@link #object(String, String, boolean, Value.Mapping)}
     */
    public static Value.Mapping object(String json) {
        return object("", json, false, null);
    }

    /**
     * Reads one object.
     *
     * @param id the id of the document that it becomes, for messages
     * @param json the text, with nothing but white space around the object
     * @param exact whether to refuse what JavaScript would change: numbers that it would round, lone surrogates, repeated keys
     * @param before the document before this change, whose bytes, links and 64-bit integers stay what they are where they stay as they were
     *     written; null if there is none
     * @return its value
     * @throws SyncException {@link ErrorKind#MALFORMED} if this is not JSON; {@link ErrorKind#INVALID_ARGUMENT}, with the path, if it is no
     *     object, has a number beyond the range of 64-bit floats, or what is refused; {@link ErrorKind#LIMIT_EXCEEDED} if it nests too deeply
     */
    public static Value.Mapping object(String id, String json, boolean exact, Value.@Nullable Mapping before) {
        String text = UnicodeText.withoutLoneEscapes(json);
        try (JsonParser parser = FACTORY.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first != null && first != JsonToken.START_OBJECT) {
                throw new SyncException(
                        ErrorKind.INVALID_ARGUMENT, "a document is a JSON object, not an array or a single value");
            }
            if (first == null) {
                throw new SyncException(ErrorKind.MALFORMED, "not JSON: the text is empty");
            }
            Value.Mapping object = new JsonReader(parser, exact).mapping(before);
            if (parser.nextToken() != null) {
                throw malformed(parser.currentTokenLocation(), "something follows the object");
            }
            return object;
        } catch (UnfitValueException e) {
            throw e.inDocument(id);
        } catch (StreamConstraintsException e) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED, Names.document(id) + " nests more than " + MAX_DEPTH + " levels deep", e);
        } catch (JsonProcessingException e) {
            throw malformed(e.getLocation(), null);
        } catch (IOException e) {
            throw new SyncException(ErrorKind.INTERNAL, "reading a string failed", e);
        }
    }

    // Recursion is bounded: the parser refuses what nests too deeply.
    private Value.Mapping mapping(@Nullable Value before) throws IOException {
        Map<String, Value> entries = new LinkedHashMap<>();
        for (String raw = parser.nextFieldName(); raw != null; raw = parser.nextFieldName()) {
            String name = UnicodeText.wellFormed(raw);
            try {
                parser.nextToken();
                Value value = value(PriorContent.child(before, name));
                UnicodeText.wellFormed(raw, exact);
                boolean repeated = entries.put(name, value) != null;
                if (repeated && exact) {
                    throw new UnfitValueException(
                            ErrorKind.INVALID_ARGUMENT, "a repeated key, of which JavaScript would keep only the last");
                }
            } catch (UnfitValueException e) {
                throw e.in(name);
            }
        }
        return new Value.Mapping(entries);
    }

    private Value value(@Nullable Value before) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> PriorContent.orValue(before, mapping(before));
            case START_ARRAY -> sequence(before);
            case VALUE_STRING -> new Value.Text(UnicodeText.wellFormed(parser.getText(), exact));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(before);
            case VALUE_TRUE -> new Value.Bool(true);
            case VALUE_FALSE -> new Value.Bool(false);
            default -> Value.NULL;
        };
    }

    private Value sequence(@Nullable Value before) throws IOException {
        List<Value> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            try {
                items.add(value(PriorContent.child(before, items.size())));
            } catch (UnfitValueException e) {
                throw e.at(items.size());
            }
        }
        return new Value.Sequence(items);
    }

    private Value number(@Nullable Value before) throws IOException {
        String text = parser.getText();
        return before != null && PriorContent.isNumber(before, text)
                ? before
                : PriorContent.orValue(before, Numbers.of(text, exact));
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
