package dev.livesync.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads documents from JSON Lines or from one JSON array.
 *
 * <p>Numbers and texts are handed on as they were written: what they become is the database's rule, not the parser's. Messages name line and
 * column and never quote the file, which may hold what nobody should see in a terminal.
 */
final class JsonRecords {
    /** More than a document of the default limit needs, even if every character of it is escaped to two bytes. */
    static final int MAX_RECORD_BYTES = 64 << 20;

    /** Beyond what the database takes, so that its own limit (and its message) is the one that is met first. */
    private static final int MAX_NESTING = 1_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(MAX_RECORD_BYTES)
                    .maxNameLength(MAX_RECORD_BYTES)
                    .maxNestingDepth(MAX_NESTING)
                    .build())
            .streamWriteConstraints(StreamWriteConstraints.builder()
                    .maxNestingDepth(MAX_NESTING + 1)
                    .build())
            .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
            .build();

    private JsonRecords() {}

    /** One record per line; empty lines are skipped. */
    static RecordReader lines(InputStream in, IdRule ids) {
        Lines lines = new Lines(in, MAX_RECORD_BYTES);
        return () -> {
            byte[] line;
            do {
                line = lines.next();
            } while (line != null && blank(line));
            return line == null ? null : single(line, lines.number(), ids);
        };
    }

    /** The elements of one array, over as many lines as it likes. */
    static RecordReader array(InputStream in, IdRule ids) throws IOException {
        JsonParser parser = JSON.createParser(in);
        return new RecordReader() {
            private boolean open;

            @Override
            public @Nullable InputRecord next() throws IOException {
                return located(parser, 1, () -> {
                    if (!open) {
                        open = parser.nextToken() == JsonToken.START_ARRAY;
                    }
                    JsonToken token = parser.nextToken();
                    if (token == JsonToken.END_ARRAY) {
                        if (parser.nextToken() != null) {
                            throw malformed(parser, 1, "something follows the array");
                        }
                        return null;
                    }
                    return record(parser, parser.currentTokenLocation().getLineNr(), ids);
                });
            }
        };
    }

    /**
     * One record that is a text of its own.
     *
     * @param line what the line is called in messages
     */
    static InputRecord single(byte[] text, long line, IdRule ids) throws IOException {
        try (JsonParser parser = JSON.createParser(text)) {
            return Objects.requireNonNull(located(parser, line, () -> {
                parser.nextToken();
                InputRecord record = record(parser, line, ids);
                if (parser.nextToken() != null) {
                    throw malformed(parser, line, "a second value begins on the same line");
                }
                return record;
            }));
        }
    }

    private static InputRecord record(JsonParser parser, long line, IdRule ids) throws IOException {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.START_OBJECT) {
            String what = token == null ? "nothing" : token == JsonToken.START_ARRAY ? "an array" : "a single value";
            throw malformed(parser, line, "a record is a JSON object, this is " + what);
        }
        StringWriter json = new StringWriter();
        String id = null;
        try (JsonGenerator out = JSON.createGenerator(json)) {
            out.writeStartObject();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                boolean isId = name.equals(ids.field());
                if (isId) {
                    id = text(parser, value, line);
                }
                if (!isId || ids.keeps()) {
                    out.writeFieldName(name);
                    copy(parser, out);
                }
            }
            out.writeEndObject();
        }
        try {
            return new InputRecord(line, ids.id(id), json.toString());
        } catch (SyncException e) {
            throw new SyncException(e.kind(), "line " + line + ": " + e.getMessage(), e);
        }
    }

    private static String text(JsonParser parser, JsonToken value, long line) throws IOException {
        if (value != JsonToken.VALUE_STRING && value != JsonToken.VALUE_NUMBER_INT) {
            throw malformed(parser, line, "an id is a text or a whole number");
        }
        return parser.getText();
    }

    /** Copies the value that the parser stands at, without looking into numbers. */
    private static void copy(JsonParser parser, JsonGenerator out) throws IOException {
        int depth = 0;
        for (JsonToken token = parser.currentToken(); ; token = parser.nextToken()) {
            switch (token) {
                case START_OBJECT -> {
                    out.writeStartObject();
                    depth++;
                }
                case END_OBJECT -> {
                    out.writeEndObject();
                    depth--;
                }
                case START_ARRAY -> {
                    out.writeStartArray();
                    depth++;
                }
                case END_ARRAY -> {
                    out.writeEndArray();
                    depth--;
                }
                case FIELD_NAME -> out.writeFieldName(parser.currentName());
                case VALUE_STRING ->
                    out.writeString(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
                case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> out.writeNumber(parser.getText());
                case VALUE_TRUE -> out.writeBoolean(true);
                case VALUE_FALSE -> out.writeBoolean(false);
                default -> out.writeNull();
            }
            if (depth == 0) {
                return;
            }
        }
    }

    private interface Parsing {
        @Nullable
        InputRecord run() throws IOException;
    }

    /** Turns Jackson's errors into ours; {@code first} is the number of the text's first line in its file. */
    private static @Nullable InputRecord located(JsonParser parser, long first, Parsing parsing) throws IOException {
        try {
            return parsing.run();
        } catch (JsonEOFException e) {
            throw malformed(parser, first, "it ends in the middle of a record");
        } catch (StreamConstraintsException e) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "line " + line(parser, first) + ": a value nests deeper than " + MAX_NESTING
                            + " levels or has a number of more than 1,000 digits or a text of more than "
                            + MAX_RECORD_BYTES + " bytes");
        } catch (JsonProcessingException e) {
            throw malformed(parser, first, "malformed JSON");
        }
    }

    private static long line(JsonParser parser, long first) {
        return first + Math.max(0, parser.currentLocation().getLineNr() - 1);
    }

    private static SyncException malformed(JsonParser parser, long first, String what) {
        return new SyncException(
                ErrorKind.MALFORMED,
                "line " + line(parser, first) + ", column "
                        + Math.max(1, parser.currentLocation().getColumnNr()) + ": " + what);
    }

    private static boolean blank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }
}
