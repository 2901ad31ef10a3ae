package dev.livesync.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.cli.InputRecord.Place;
import java.io.IOException;
import java.io.Reader;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads documents from JSON, record by record, however they are arranged: one per line; one after another over several lines each; the elements of
 * one array; or in the frames that CouchDB puts around them, {@code {"docs":[…]}} and {@code {"rows":[{"doc":…}…]}}.
 *
 * <p>If the first record is a line, all are: a line that ends in the middle of a record is the mistake then, and not what follows it.
 *
 * <p>Numbers and texts are handed on as they were written: what they become is the database's rule, not the parser's. Messages name line and
 * column and never quote the file, which may hold what nobody should see in a terminal.
 */
final class JsonRecords implements RecordReader {
    /** The nesting limit of the parser, above the database's, so that the database's limit and message come first. */
    private static final int MAX_NESTING = 1_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(RecordFields.MAX_CHARS)
                    .maxNameLength(RecordFields.MAX_CHARS)
                    .maxNumberLength(RecordFields.MAX_CHARS)
                    .maxNestingDepth(MAX_NESTING)
                    .build())
            // Names come from users: no table of them that grows for ever or refuses collisions.
            .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false)
            .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
            .build();

    /** The lists in CouchDB's frames: of {@code _bulk_docs} and {@code _find}, of {@code _all_docs} and views, of {@code _changes}. */
    private static final Set<String> LISTS = Set.of("docs", "rows", "results");

    /** The other fields of such a frame. */
    private static final Set<String> AROUND_LISTS = Set.of(
            "new_edits",
            "bookmark",
            "warning",
            "execution_stats",
            "total_rows",
            "offset",
            "update_seq",
            "last_seq",
            "pending");

    private enum Position {
        /** Between top-level values. */
        TOP,
        /** In the one array. */
        ARRAY,
        /** In the list of a frame. */
        LIST,
        /** After the one array. */
        END
    }

    private final JsonParser parser;
    private final RecordFields fields;
    private Position where = Position.TOP;
    private String list = "";
    /** Whether the parser is at an element of the list already. */
    private boolean arrived;
    /** Whether each record is a line; null before the first one. */
    private @Nullable Boolean lines;
    /** The line on which the last value at the top ended. */
    private long lastLine;

    /** Where the record that is being read begins; null between records. */
    private @Nullable Place begin;

    JsonRecords(Reader text, IdRule ids) throws IOException {
        parser = JSON.createParser(new LoneEscapes(text));
        fields = new RecordFields(parser, ids);
    }

    @Override
    public @Nullable InputRecord next() throws IOException {
        begin = null;
        try {
            InputRecord record = null;
            while (record == null && where != Position.END) {
                record = switch (where) {
                    case TOP -> top();
                    case ARRAY -> element();
                    case LIST -> listed();
                    case END -> null;
                };
            }
            return record;
        } catch (JsonEOFException e) {
            throw malformed(begin != null ? begin : here(), "it ends in the middle of a record");
        } catch (StreamConstraintsException e) {
            requireOneLine(e.getLocation());
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    place(e.getLocation()) + ": a value nests deeper than " + MAX_NESTING
                            + " levels or has a text or a number of more than " + RecordFields.MAX_CHARS
                            + " characters");
        } catch (JsonProcessingException e) {
            requireOneLine(e.getLocation());
            if (endsLine(e) && begin != null && Boolean.TRUE.equals(lines)) {
                throw malformed(begin, "it ends in the middle of a record");
            }
            throw malformed(
                    place(e.getLocation()),
                    endsLine(e) ? "malformed JSON: a text goes on after the end of its line" : "malformed JSON");
        }
    }

    private @Nullable InputRecord top() throws IOException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            where = Position.END;
            return null;
        }
        Place at = RecordFields.at(parser);
        if (at.line() == lastLine) {
            throw malformed(at, "a second value begins on the same line");
        }
        if (token == JsonToken.START_ARRAY && lines == null && lastLine == 0) {
            where = Position.ARRAY;
            return null;
        }
        InputRecord record = record(at);
        if (record != null) {
            lastLine = parser.currentLocation().getLineNr();
            requireOneLine(parser.currentLocation());
            lines = lines == null ? lastLine == at.line() : lines;
        }
        return record;
    }

    private @Nullable InputRecord element() throws IOException {
        if (parser.nextToken() != JsonToken.END_ARRAY) {
            return record(RecordFields.at(parser));
        }
        if (parser.nextToken() != null) {
            throw malformed(RecordFields.at(parser), "something follows the array");
        }
        where = Position.END;
        return null;
    }

    private @Nullable InputRecord listed() throws IOException {
        JsonToken token = arrived ? parser.currentToken() : parser.nextToken();
        arrived = false;
        if (token != JsonToken.END_ARRAY) {
            Place at = RecordFields.at(parser);
            return list.equals("docs") ? record(at) : row(at);
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            Place at = RecordFields.at(parser);
            boolean known = AROUND_LISTS.contains(parser.currentName());
            parser.nextToken();
            if (!known) {
                throw malformed(
                        at,
                        "a field that does not belong beside CouchDB's \"" + list
                                + "\"; a document with a list of that name needs an _id before it");
            }
            parser.skipChildren();
        }
        lastLine = parser.currentLocation().getLineNr();
        where = Position.TOP;
        return null;
    }

    /** Reads the record at the parser's position; null if it is a frame, whose list comes next. */
    private @Nullable InputRecord record(Place at) throws IOException {
        begin = at;
        requireObject(at);
        fields.begin(at);
        boolean perhapsFrame = where == Position.TOP;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (perhapsFrame && value == JsonToken.START_ARRAY && LISTS.contains(name)) {
                if (parser.nextToken() == JsonToken.START_OBJECT) {
                    begin = null;
                    list = name;
                    where = Position.LIST;
                    arrived = true;
                    return null;
                }
                fields.addRestOfArray(name);
            } else {
                fields.add(name, where == Position.LIST);
            }
            perhapsFrame &= AROUND_LISTS.contains(name);
        }
        return fields.end();
    }

    /** Reads a row of {@code _all_docs}, of a view or of {@code _changes}: its document, or its deletion. */
    private InputRecord row(Place at) throws IOException {
        begin = at;
        requireObject(at);
        InputRecord document = null;
        String id = null;
        boolean deleted = false;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("doc") && value == JsonToken.START_OBJECT) {
                document = record(at);
            } else if (name.equals("value") && value == JsonToken.START_OBJECT) {
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    boolean says = parser.currentName().equals("deleted");
                    deleted |= parser.nextToken() == JsonToken.VALUE_TRUE && says;
                    parser.skipChildren();
                }
            } else {
                id = name.equals("id") && value == JsonToken.VALUE_STRING ? parser.getText() : id;
                deleted |= name.equals("deleted") && value == JsonToken.VALUE_TRUE;
                parser.skipChildren();
            }
        }
        if (document != null) {
            return document;
        }
        if (deleted && id != null) {
            return new InputRecord(at, id, "{}", true, List.of());
        }
        throw malformed(at, "a row without its document: CouchDB writes them with include_docs=true");
    }

    private void requireObject(Place at) {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.START_OBJECT) {
            String what = token == JsonToken.START_ARRAY ? "an array" : "a single value";
            throw malformed(at, "a record is a JSON object, this is " + what);
        }
    }

    /** Refuses a record that goes on after its line, if each record has to be one line. */
    private void requireOneLine(@Nullable JsonLocation now) {
        if (begin != null && Boolean.TRUE.equals(lines) && now != null && now.getLineNr() > begin.line()) {
            throw malformed(begin, "it ends in the middle of a record");
        }
    }

    /** Whether a failure means that a line ends within a text. The parser tells it only in its message. */
    private static boolean endsLine(JsonProcessingException e) {
        return e.getOriginalMessage().contains("CTRL-CHAR, code 10)")
                || e.getOriginalMessage().contains("CTRL-CHAR, code 13)");
    }

    private Place here() {
        return place(parser.currentLocation());
    }

    private Place place(@Nullable JsonLocation location) {
        return location == null
                ? here()
                : new Place(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
    }

    static SyncException malformed(Place at, String what) {
        return new SyncException(ErrorKind.MALFORMED, at + ": " + what);
    }
}
