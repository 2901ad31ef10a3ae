package dev.livesync.database;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.database.json.JavaValues;
import dev.livesync.database.json.JsonReader;
import dev.livesync.database.json.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object with an id and, where it was read from a database, the clock at which it was read.
 *
 * <p>Three names at the top level are not content, as in the alpha: {@code _id} is the id, {@code _clock} the clock (an array of
 * CIDs), {@code _proof} is dropped. They are never part of {@link #value()}, {@link #toMap()} or {@link #json()}, not even
 * if another program stored them.
 *
 * <p><strong>Optimistic concurrency.</strong> {@link Database#put(Document)} and {@link Database#delete(Document)} refuse a document with
 * a clock if it was written or deleted after that clock. What {@link Database#get} returns has one, and {@link #with(String)} keeps it: read, change, put
 * never loses another writer's change. {@link #of(String, String)} has none: it overwrites.
 *
 * <p><strong>Numbers</strong> are JavaScript's: 64-bit floats, of which those that are integers within ±(2<sup>53</sup> − 1) are stored as integers. What
 * would come back different is refused, unless {@link Fidelity#JAVASCRIPT} allows it; the message names the document and the path.
 *
 * <p><strong>What JSON lacks</strong>, bytes, links and integers of 64 bits, only other IPLD programs store. {@link #with(Map)} and {@link #with(String)}
 * leave it as it is where it stays where it was.
 *
 * <p>Immutable; any thread. Equality is by id and content; the clock does not count.
 */
public final class Document {
    private static final String ID = "_id";
    private static final String CLOCK = "_clock";
    private static final String PROOF = "_proof";

    private final String id;
    private final Value.Mapping value;
    private final @Nullable List<Cid> clock;

    private Document(String id, Value.Mapping value, @Nullable List<Cid> clock) {
        this.id = id;
        this.value = value;
        this.clock = clock;
    }

    /**
     * A document from JSON, exactly.
     *
     * @param id its id; may be empty, as a peer's may
     * @param json a JSON object, strictly
     * @return the document; with a clock if the JSON has a {@code _clock}
     * @throws SyncException as {@link #of(String, String, Fidelity)}
     */
    public static Document of(String id, String json) {
        return of(id, json, Fidelity.EXACT);
    }

    /**
     * A document from JSON.
     *
     * @param id its id; may be empty, as a peer's may
     * @param json a JSON object, strictly
     * @param fidelity whether to refuse what cannot be kept as it is
     * @return the document; with a clock if the JSON has a {@code _clock}
     * @throws SyncException {@link ErrorKind#MALFORMED} with line and column if it is not JSON; {@link
     *     ErrorKind#INVALID_ARGUMENT} if it is no object, has a number beyond the range of 64-bit floats, a {@code _clock} that
     *     is no array of CIDs, an {@code _id} that is not {@code id}, or what {@code fidelity} refuses; {@link ErrorKind#LIMIT_EXCEEDED} if
     *     it nests more than 512 levels deep
     */
    public static Document of(String id, String json, Fidelity fidelity) {
        return of(id, JsonReader.object(id, json, fidelity == Fidelity.EXACT, null), null);
    }

    /**
     * A document from a map, exactly.
     *
     * @param id its id; may be empty, as a peer's may
     * @param fields as in {@link #of(String, Map, Fidelity)}
     * @return the document; with a clock if there is a {@code _clock}
     * @throws SyncException as {@link #of(String, Map, Fidelity)}
     */
    public static Document of(String id, Map<String, ?> fields) {
        return of(id, fields, Fidelity.EXACT);
    }

    /**
     * A document from a map.
     *
     * @param id its id; may be empty, as a peer's may
     * @param fields names to null, booleans, strings, the JDK's numbers, maps and collections of these; copied. A {@link Value} is taken as it
     *     is, so that programs which share bytes and links with other IPLD programs can write them
     * @param fidelity whether to refuse what cannot be kept as it is
     * @return the document; with a clock if there is a {@code _clock}
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} for anything else in the map (arrays, dates, {@code byte[]}), for NaN and
     *     infinities, and as {@link #of(String, String, Fidelity)}
     */
    public static Document of(String id, Map<String, ?> fields, Fidelity fidelity) {
        return of(id, JavaValues.toValue(id, fields, fidelity == Fidelity.EXACT, null), null);
    }

    private static Document of(String id, Value.Mapping fields, @Nullable List<Cid> inherited) {
        Value stated = fields.entries().get(ID);
        if (stated != null && !stated.equals(new Value.Text(id))) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, "the document's _id is not the id that it is put under");
        }
        Value clock = fields.entries().get(CLOCK);
        return new Document(id, content(fields), clock == null ? inherited : clock(clock));
    }

    /** A document as a database holds it. */
    static Document stored(String id, Value value, List<Cid> clock) {
        return new Document(id, content((Value.Mapping) value), clock);
    }

    private static Value.Mapping content(Value.Mapping fields) {
        Map<String, Value> entries = fields.entries();
        if (!entries.containsKey(ID) && !entries.containsKey(CLOCK) && !entries.containsKey(PROOF)) {
            return fields;
        }
        Map<String, Value> content = new LinkedHashMap<>(entries);
        content.keySet().removeAll(List.of(ID, CLOCK, PROOF));
        return new Value.Mapping(content);
    }

    private static List<Cid> clock(Value value) {
        List<Cid> clock = new ArrayList<>();
        boolean valid = value instanceof Value.Sequence;
        if (value instanceof Value.Sequence cids) {
            for (Value cid : cids.items()) {
                if (cid instanceof Value.Text text) {
                    clock.add(Cid.parse(text.value()));
                } else {
                    valid = false;
                }
            }
        }
        if (!valid) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a document's _clock is an array of CIDs");
        }
        return List.copyOf(clock);
    }

    /**
     * New content under the same id and clock, exactly.
     *
     * @param json as in {@link #of(String, String)}; what is there as {@link #json()} wrote it stays what it was, bytes and links, too
     * @return a new document
     * @throws SyncException as {@link #of(String, String)}
     */
    public Document with(String json) {
        return with(json, Fidelity.EXACT);
    }

    /**
     * New content under the same id and clock.
     *
     * @param json as in {@link #with(String)}
     * @param fidelity whether to refuse what cannot be kept as it is
     * @return a new document
     * @throws SyncException as {@link #of(String, String, Fidelity)}
     */
    public Document with(String json, Fidelity fidelity) {
        return of(id, JsonReader.object(id, json, fidelity == Fidelity.EXACT, value), clock);
    }

    /**
     * New content under the same id and clock, exactly.
     *
     * @param fields as in {@link #of(String, Map)}, and what {@link #toMap()} gave, where it was
     * @return a new document
     * @throws SyncException as {@link #of(String, Map)}
     */
    public Document with(Map<String, ?> fields) {
        return with(fields, Fidelity.EXACT);
    }

    /**
     * New content under the same id and clock.
     *
     * @param fields as in {@link #with(Map)}
     * @param fidelity whether to refuse what cannot be kept as it is
     * @return a new document
     * @throws SyncException as {@link #of(String, Map, Fidelity)}
     */
    public Document with(Map<String, ?> fields, Fidelity fidelity) {
        return of(id, JavaValues.toValue(id, fields, fidelity == Fidelity.EXACT, value), clock);
    }

    /**
     * The same document, read at another clock.
     *
     * @param clock events that the writer has seen, with everything before them; empty for one who has seen nothing
     * @return a new document
     */
    public Document withClock(List<Cid> clock) {
        return new Document(id, value, List.copyOf(clock));
    }

    /**
     * The id.
     *
     * @return empty only if it was given so
     */
    public String id() {
        return id;
    }

    /**
     * The content as compact JSON, without the id. Keys come in the order of the value; numbers as JavaScript prints them.
     *
     * @return an object's text, made anew by each call
     */
    public String json() {
        return JsonWriter.write(value);
    }

    /**
     * The content as plain objects, without the id.
     *
     * @return an unmodifiable map of null, {@link Boolean}, {@link String}, {@link Long}, {@link Double}, maps and lists; and,
     *     in what other IPLD programs stored, {@link java.math.BigInteger}, {@link Cid} and byte arrays
     */
    public Map<String, @Nullable Object> toMap() {
        return JavaValues.toMap(value);
    }

    /**
     * The content, without the id.
     *
     * @return the value; of a stored document in dag-cbor's order of keys
     */
    public Value.Mapping value() {
        return value;
    }

    /**
     * The clock at which the document was read.
     *
     * @return the heads that the reader saw; empty for a document that was not read from a database
     */
    public Optional<List<Cid>> clock() {
        return Optional.ofNullable(clock);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Document d && id.equals(d.id) && value.equals(d.value);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, value);
    }

    /** The id; never the content. */
    @Override
    public String toString() {
        return "Document[" + id + "]";
    }
}
