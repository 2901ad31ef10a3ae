package dev.livesync.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.cli.InputRecord.Place;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes a record of fields: takes out its id and CouchDB's own fields; the rest becomes JSON again, with numbers as they were written. One
 * thread.
 */
final class RecordFields {
    /** More than a document of the default limit needs, even if every character of it is escaped to two bytes. */
    static final int MAX_CHARS = 64 << 20;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamWriteConstraints(
                    StreamWriteConstraints.builder().maxNestingDepth(10_000).build())
            .build();

    /** A revision as CouchDB and PouchDB write it. */
    private static final Pattern REVISION = Pattern.compile("[0-9]+-[0-9a-f]+");

    /** The fields in which mongoexport writes ids that are neither text nor small numbers. */
    private static final Set<String> MONGO_IDS = Set.of("$oid", "$numberLong", "$numberInt", "$uuid");

    /** The most digits before the point of a number that is surely finite as a float. */
    private static final int CLEARLY_FINITE = 300;

    private final JsonParser parser;
    private final IdRule ids;
    private Place begin = new Place(1, 1);
    private StringWriter json = new StringWriter();
    private JsonGenerator out;
    private @Nullable String id;
    private boolean deleted;
    private List<String> leftOut = new ArrayList<>();

    RecordFields(JsonParser parser, IdRule ids) throws IOException {
        this.parser = parser;
        this.ids = ids;
        this.out = JSON.createGenerator(json);
    }

    void begin(Place place) throws IOException {
        begin = place;
        json = bounded(place);
        out = JSON.createGenerator(json);
        out.writeStartObject();
        id = null;
        deleted = false;
        leftOut = new ArrayList<>();
    }

    /** Adds the field whose value is at the parser's position. */
    void add(String name, boolean fromCouch) throws IOException {
        JsonToken value = parser.currentToken();
        if (name.equals(ids.field())) {
            id = id(value);
            if (ids.keeps()) {
                out.writeFieldName(name);
                write(id, value);
            }
        } else if (name.equals("_deleted") && value == JsonToken.VALUE_TRUE) {
            deleted = true;
        } else if (name.equals("_rev")
                && value == JsonToken.VALUE_STRING
                && (fromCouch || REVISION.matcher(parser.getText()).matches())) {
            leftOut.add(name);
        } else if (name.equals("_attachments") && value == JsonToken.START_OBJECT) {
            attachments(name);
        } else {
            out.writeFieldName(name);
            copy(out, 0);
        }
    }

    /** Adds a field whose value is an array of which the parser has reached the first element, or the end. */
    void addRestOfArray(String name) throws IOException {
        out.writeFieldName(name);
        out.writeStartArray();
        copy(out, 1);
    }

    InputRecord end() throws IOException {
        out.writeEndObject();
        out.close();
        try {
            return new InputRecord(begin, ids.id(id), json.toString(), deleted, List.copyOf(leftOut));
        } catch (SyncException e) {
            throw new SyncException(e.kind(), begin + ": " + e.getMessage(), e);
        }
    }

    private String id(JsonToken value) throws IOException {
        Place at = at(parser);
        if (value == JsonToken.VALUE_STRING || value == JsonToken.VALUE_NUMBER_INT) {
            return parser.getText();
        }
        if (value == JsonToken.START_OBJECT
                && parser.nextToken() == JsonToken.FIELD_NAME
                && MONGO_IDS.contains(parser.currentName())
                && parser.nextToken() == JsonToken.VALUE_STRING) {
            String text = parser.getText();
            if (parser.nextToken() == JsonToken.END_OBJECT) {
                return text;
            }
        }
        throw JsonRecords.malformed(
                at, "an id is a text or a whole number, or what mongoexport makes of one, such as {\"$oid\": …}");
    }

    private void write(String text, JsonToken value) throws IOException {
        if (value == JsonToken.VALUE_NUMBER_INT) {
            out.writeNumber(text);
        } else {
            out.writeString(text);
        }
    }

    /** Stubs only say that there is an attachment elsewhere; what has its content here is content. */
    private void attachments(String name) throws IOException {
        StringWriter whole = bounded(begin);
        boolean stubs = true;
        try (JsonGenerator copy = JSON.createGenerator(whole)) {
            copy.writeStartObject();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                copy.writeFieldName(parser.currentName());
                stubs &= parser.nextToken() == JsonToken.START_OBJECT && stub(copy);
            }
            copy.writeEndObject();
        }
        if (stubs) {
            leftOut.add(name);
        } else {
            out.writeFieldName(name);
            out.writeRawValue(whole.toString());
        }
    }

    private boolean stub(JsonGenerator copy) throws IOException {
        boolean stub = false;
        copy.writeStartObject();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            copy.writeFieldName(name);
            stub |= parser.nextToken() == JsonToken.VALUE_TRUE && (name.equals("stub") || name.equals("follows"));
            copy(copy, 0);
        }
        copy.writeEndObject();
        return stub;
    }

    /** Copies the value at the parser's position, or the rest of one that ends some levels further out. */
    private void copy(JsonGenerator target, int levels) throws IOException {
        int depth = levels;
        for (JsonToken token = parser.currentToken(); ; token = parser.nextToken()) {
            switch (token) {
                case START_OBJECT -> {
                    target.writeStartObject();
                    depth++;
                }
                case END_OBJECT -> {
                    target.writeEndObject();
                    depth--;
                }
                case START_ARRAY -> {
                    target.writeStartArray();
                    depth++;
                }
                case END_ARRAY -> {
                    target.writeEndArray();
                    depth--;
                }
                case FIELD_NAME -> target.writeFieldName(parser.currentName());
                case VALUE_STRING ->
                    target.writeString(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(target, parser.getText());
                case VALUE_TRUE -> target.writeBoolean(true);
                case VALUE_FALSE -> target.writeBoolean(false);
                default -> target.writeNull();
            }
            if (depth == 0) {
                return;
            }
        }
    }

    /** Copies a number. Refuses what the database would refuse without knowing its place in the file. */
    private void number(JsonGenerator target, String text) throws IOException {
        boolean doubtful = text.length() > CLEARLY_FINITE || text.indexOf('e') >= 0 || text.indexOf('E') >= 0;
        if (doubtful && Double.isInfinite(Double.parseDouble(text))) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, at(parser) + ": a number beyond the range of 64-bit floats");
        }
        target.writeNumber(text);
    }

    static Place at(JsonParser parser) {
        JsonLocation location = parser.currentTokenLocation();
        return new Place(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
    }

    private static StringWriter bounded(Place place) {
        return new StringWriter() {
            @Override
            public void write(char[] text, int offset, int length) {
                if (getBuffer().length() + (long) length > MAX_CHARS) {
                    throw new SyncException(
                            ErrorKind.LIMIT_EXCEEDED,
                            place + ": the record that begins here has more than " + MAX_CHARS + " characters");
                }
                super.write(text, offset, length);
            }
        };
    }
}
