package dev.livesync.core.message;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.async.ByteArrayFeeder;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.grant.Rights;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one text message as its bytes come in. A diff may name millions of CIDs, so they go from Jackson's buffer straight
 * into a {@link CidSet}; everything else is small. Members that this build does not know are skipped, whatever is in them.
 *
 * <p>One thread, one message.
 */
public final class TextParser {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_SCALAR = 64 << 10;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_SCALAR)
                    .maxNameLength(1024)
                    .maxNumberLength(64)
                    .build())
            // A peer chooses the names: nothing of them may stay in tables that outlive the message.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private final JsonParser json;
    private final ByteArrayFeeder feeder;
    private final int maxCids;
    private final int maxHeads;
    private final long salt;
    private final CidText cid = new CidText();

    private final Map<String, Object> scalars = new HashMap<>();
    private @Nullable List<Cid> clock;
    private @Nullable List<Cid> heads;
    private @Nullable CidSet cids;
    private long surplus;

    private int depth;
    private boolean finished;
    // Where a text is cut right before the end of an object, the parser takes that end behind a name or a comma, too.

    /** Whether a name came last. */
    private boolean lacksValue;

    private long fed;
    /** The last byte so far that is no white space. */
    private byte last;
    /** Where the bytes that came last begin with an end, if those before ended with a comma. */
    private long endBehindComma = -1;

    /** The member of the outermost object that is being read. */
    private String member = "";
    /** The member of an object inside it, for those that have one. */
    private String inner = "";

    /**
     * Creates a parser for one message.
     *
     * @param maxCids how many CIDs of a diff are kept; more are read and forgotten
     * @param maxHeads how many heads of a clock are kept; with more it counts as told in part
     * @param salt for the set
     */
    public TextParser(int maxCids, int maxHeads, long salt) {
        this.maxCids = maxCids;
        this.maxHeads = maxHeads;
        this.salt = salt;
        try {
            json = FACTORY.createNonBlockingByteArrayParser();
        } catch (IOException e) {
            throw new SyncException(ErrorKind.INTERNAL, "cannot make a JSON parser", e);
        }
        feeder = (ByteArrayFeeder) json.getNonBlockingInputFeeder();
    }

    /**
     * Reads the next bytes.
     *
     * @param bytes holds them; not kept
     * @param offset of the first
     * @param length how many
     * @throws SyncException naming the offset: {@link ErrorKind#MALFORMED} if this cannot be a message, {@link
     *     ErrorKind#LIMIT_EXCEEDED} if it holds too much
     */
    public void feed(byte[] bytes, int offset, int length) {
        if (length == 0) {
            return;
        }
        look(bytes, offset, offset + length);
        try {
            feeder.feedInput(bytes, offset, offset + length);
            advance();
        } catch (IOException e) {
            throw translate(e);
        }
    }

    private void look(byte[] bytes, int from, int to) {
        int first = from;
        while (first < to && isWhiteSpace(bytes[first])) {
            first++;
        }
        if (first < to) {
            if (last == ',' && (bytes[first] == '}' || bytes[first] == ']')) {
                endBehindComma = fed + first - from;
            }
            int at = to - 1;
            while (isWhiteSpace(bytes[at])) {
                at--;
            }
            last = bytes[at];
        }
        fed += to - from;
    }

    private static boolean isWhiteSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /**
     * Finishes the message.
     *
     * @return what it says
     * @throws SyncException as {@link #feed}; {@link ErrorKind#MALFORMED} also if it breaks off
     */
    public WireMessage end() {
        try {
            feeder.endOfInput();
            advance();
        } catch (IOException e) {
            throw translate(e);
        }
        if (!finished) {
            throw malformed("is no JSON object, or breaks off");
        }
        return message();
    }

    private void advance() throws IOException {
        while (true) {
            JsonToken token = json.nextToken();
            if (token == null || token == JsonToken.NOT_AVAILABLE) {
                return;
            }
            accept(token);
        }
    }

    private void accept(JsonToken token) throws IOException {
        if (finished) {
            throw malformed("goes on after its end");
        }
        if (depth == 0 && token != JsonToken.START_OBJECT) {
            throw malformed(token == JsonToken.VALUE_NULL ? "is null" : "is JSON, but no object");
        }
        boolean named = lacksValue;
        lacksValue = token == JsonToken.FIELD_NAME;
        switch (token) {
            case START_OBJECT, START_ARRAY -> {
                if (depth == 1) {
                    begin(token == JsonToken.START_ARRAY);
                } else if (depth == 2 && list() != null) {
                    throw malformed("has something in \"" + member + "\" that is no CID");
                }
                depth++;
            }
            case END_OBJECT, END_ARRAY -> {
                if (named) {
                    throw malformed("has a name without a value");
                }
                if (json.currentLocation().getByteOffset() == endBehindComma + 1) {
                    throw malformed("has a comma with nothing behind it");
                }
                depth--;
                finished = depth == 0;
            }
            case FIELD_NAME -> {
                if (depth == 1) {
                    member = json.currentName();
                } else if (depth == 2) {
                    inner = json.currentName();
                }
            }
            default -> value(token);
        }
    }

    private void begin(boolean array) throws IOException {
        switch (member) {
            case "cids" -> {
                requireFirst(cids == null);
                requireType(array);
                cids = new CidSet(salt);
            }
            case "clock" -> {
                requireFirst(clock == null);
                requireType(array);
                clock = new ArrayList<>();
            }
            case "heads" -> {
                requireFirst(heads == null);
                requireType(array);
                heads = new ArrayList<>();
            }
            default -> {
                // Something unknown, or one of the small ones, which are judged when all is read.
            }
        }
    }

    private void value(JsonToken token) throws IOException {
        if (depth == 1) {
            switch (member) {
                case "cids", "clock", "heads" -> requireType(false);
                case "ok", "credit", "ack", "ping", "pong", "bye" -> scalar(member, token);
                default -> {
                    // Unknown, or begin, error and partial that are no objects.
                }
            }
        } else if (depth == 2) {
            switch (member) {
                case "cids" -> stored(token);
                case "clock", "heads" -> head(token);
                case "begin", "error", "partial", "rights", "refused" -> scalar(member + "." + inner, token);
                default -> {
                    // Unknown.
                }
            }
        }
    }

    private @Nullable Object list() {
        return switch (member) {
            case "cids" -> cids;
            case "clock" -> clock;
            case "heads" -> heads;
            default -> null;
        };
    }

    private void stored(JsonToken token) throws IOException {
        if (readCid(token) == CidText.Kind.KNOWN
                && cids != null
                && cid.codec() == Cid.DAG_CBOR
                && cids.size() < maxCids) {
            cids.add(cid.word(0), cid.word(1), cid.word(2), cid.word(3));
        }
    }

    private void head(JsonToken token) throws IOException {
        List<Cid> list = "clock".equals(member) ? clock : heads;
        if (list == null || readCid(token) != CidText.Kind.KNOWN) {
            return;
        }
        if (list.size() == maxHeads) {
            surplus++;
        } else {
            list.add(cid.toCid());
        }
    }

    private CidText.Kind readCid(JsonToken token) throws IOException {
        CidText.Kind kind = token == JsonToken.VALUE_STRING
                ? cid.read(json.getTextCharacters(), json.getTextOffset(), json.getTextLength())
                : CidText.Kind.NONE;
        if (kind == CidText.Kind.NONE) {
            throw malformed("has something in \"" + member + "\" that is no CID");
        }
        return kind;
    }

    private void scalar(String name, JsonToken token) throws IOException {
        Object value = switch (token) {
            case VALUE_STRING -> json.getText();
            case VALUE_TRUE -> true;
            case VALUE_NUMBER_INT ->
                json.getNumberType() == JsonParser.NumberType.BIG_INTEGER ? "" : (Object) json.getLongValue();
            default -> false;
        };
        if (scalars.size() < 16) {
            scalars.put(name, value);
        }
    }

    private WireMessage message() {
        // The alpha looks for ok first, then for clock.
        if (Boolean.TRUE.equals(scalars.get("ok"))) {
            return new WireMessage.Ok();
        }
        if (clock != null || cids != null) {
            if (clock == null || cids == null) {
                throw malformed("is a diff without \"" + (clock == null ? "clock" : "cids") + "\"");
            }
            return new WireMessage.Diff(List.copyOf(clock), whole(clock), cids);
        }
        if (scalars.containsKey("begin.kind") || scalars.containsKey("begin.bytes")) {
            return new WireMessage.Begin(kind(), number("begin.bytes"));
        }
        if (scalars.containsKey("credit")) {
            return new WireMessage.Credit(number("credit"));
        }
        if (scalars.containsKey("ack")) {
            boolean some = surplus > 0 || heads == null;
            return new WireMessage.Ack(
                    number("ack"),
                    some ? null : List.copyOf(heads),
                    some ? whole(heads == null ? List.of() : heads) : null);
        }
        if (scalars.containsKey("rights.read") || scalars.containsKey("rights.write")) {
            return new WireMessage.Access(rights());
        }
        if (scalars.containsKey("refused.car")) {
            return new WireMessage.Refused(
                    number("refused.car"),
                    number("refused.cars"),
                    scalars.get("refused.event") instanceof String event ? cid(event) : null,
                    string("refused.message"));
        }
        if (scalars.containsKey("ping")) {
            return new WireMessage.Ping(number("ping"));
        }
        if (scalars.containsKey("pong")) {
            return new WireMessage.Pong(number("pong"));
        }
        if (scalars.containsKey("error.kind") || scalars.containsKey("error.message")) {
            return new WireMessage.Failure(string("error.kind"), string("error.message"));
        }
        return Boolean.TRUE.equals(scalars.get("bye")) ? new WireMessage.Bye() : new WireMessage.Unknown();
    }

    /** What is known of a clock of which only some heads were named or kept; null if these are all. */
    private @Nullable ClockDigest whole(List<Cid> named) {
        if (scalars.containsKey("partial.heads") || scalars.containsKey("partial.digest")) {
            return new ClockDigest(number("partial.heads"), string("partial.digest"));
        }
        return surplus > 0 ? new ClockDigest(named.size() + surplus, "") : null;
    }

    private Rights rights() {
        if (scalars.get("rights.read") instanceof Boolean read
                && scalars.get("rights.write") instanceof Boolean write) {
            if (read && write) {
                return Rights.READ_WRITE;
            }
            if (read || write) {
                return read ? Rights.READ : Rights.WRITE;
            }
        }
        throw malformed("has \"rights\" that are none");
    }

    private Cid cid(String text) {
        try {
            return Cid.parse(text);
        } catch (SyncException e) {
            throw malformed("has a refused event that is no CID");
        }
    }

    private Message.Kind kind() {
        return switch (string("begin.kind")) {
            case "text" -> Message.Kind.TEXT;
            case "binary" -> Message.Kind.BINARY;
            default -> throw malformed("has a \"begin\" that is neither text nor binary");
        };
    }

    private String string(String name) {
        return scalars.get(name) instanceof String s ? s : "";
    }

    private long number(String name) {
        if (scalars.get(name) instanceof Long n && n >= 0) {
            return n;
        }
        throw malformed("has \"" + name + "\" that is no whole number from 0 to 2^63-1");
    }

    private void requireFirst(boolean first) {
        if (!first) {
            throw malformed("has \"" + member + "\" twice");
        }
    }

    private void requireType(boolean array) {
        if (!array) {
            throw malformed("has \"" + member + "\" that is no array");
        }
    }

    private SyncException malformed(String what) {
        return new SyncException(
                ErrorKind.MALFORMED,
                "the text message " + what + " (offset "
                        + json.currentLocation().getByteOffset() + ")");
    }

    private SyncException translate(IOException e) {
        if (e instanceof StreamConstraintsException) {
            return new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "the text message nests deeper than " + MAX_DEPTH
                            + ", or has a string, a name or a number that is too" + " long (offset "
                            + json.currentLocation().getByteOffset() + ")");
        }
        return malformed("is no JSON");
    }
}
