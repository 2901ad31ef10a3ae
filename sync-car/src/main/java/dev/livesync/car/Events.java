package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The codec of events: canonical dag-cbor <code>{data:{key,root,type,value},parents}</code> with exactly these keys.
 *
 * <p>The strict schema: {@code key} is the {@linkplain Keys key} of a document; {@code root} a link or null; {@code type} is {@code
 * put} with a map as {@code value}, or {@code del} with null; {@code parents} are distinct links to dag-cbor blocks, at most {@link
 * Limits#parents()}, in any order. The alpha's {@code put} spreads its argument into an object, so no other value can come from it.
 *
 * <p>The whole block is checked when an event is decoded; its value is built when first asked for.
 */
public final class Events {
    // What stands between the fields; canonical, so always the same bytes.
    private static final byte[] DATA = CborWriter.constant(2, "data");
    private static final byte[] KEY = CborWriter.constant(4, "key");
    private static final byte[] ROOT = CborWriter.constant("root");
    private static final byte[] TYPE = CborWriter.constant("type");
    private static final byte[] VALUE = CborWriter.constant("value");
    private static final byte[] PUT = CborWriter.constant("put");
    private static final byte[] DELETE = CborWriter.constant("del");
    private static final byte[] PARENTS = CborWriter.constant("parents");
    private static final byte[] NULL = {(byte) CborReader.NULL};

    private static final int FIELDS =
            DATA.length + KEY.length + ROOT.length + TYPE.length + VALUE.length + PARENTS.length;

    /** Up to here comparing each with each is cheaper than a set. */
    private static final int FEW = 8;

    private Events() {}

    /**
     * Whether a block says of itself that it is an event: dag-cbor, and a map whose first key is {@code data}. Looks at the first
     * bytes only. Tree nodes and the alpha's storage headers do not; what does is an event or a bad one.
     *
     * @param block any block
     * @return true if {@link #decode} is worth trying
     */
    public static boolean looksLikeEvent(Block block) {
        if (block.cid().codec() != Cid.DAG_CBOR || block.size() < DATA.length) {
            return false;
        }
        ByteBuffer bytes = block.bytes();
        // Any small map: one with a key too many pretends to be an event, too.
        if ((bytes.get(0) & 0xf0) != 0xa0) {
            return false;
        }
        for (int i = 1; i < DATA.length; i++) {
            if (bytes.get(i) != DATA[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * What the beginning of an event says.
     *
     * @param type what it does
     * @param hasRoot whether it names a tree, which an interior event does not
     */
    public record Outline(Event.Type type, boolean hasRoot) {}

    /**
     * Reads the beginning of an event and nothing else: for those who look at many to see where batches end.
     *
     * @param event the block of an event
     * @return what {@link #decode} would find
     * @throws SyncException {@link ErrorKind#MALFORMED} if the block is no event, as far as it was read
     */
    public static Outline outline(Block event) {
        CborReader in = CborReader.of(event, Limits.DEFAULT);
        expect(in, DATA, "not an event: it does not start as a map of \"data\" and \"parents\"");
        expect(in, KEY, "event data is not a map of \"key\", \"root\", \"type\" and \"value\"");
        in.skip();
        expect(in, ROOT, "event data lacks \"root\" after \"key\"");
        boolean hasRoot = !in.accept(NULL);
        if (hasRoot) {
            in.skip();
        }
        expect(in, TYPE, "event data lacks \"type\" after \"root\"");
        return new Outline(type(in), hasRoot);
    }

    /**
     * Decodes an event where there may be another block: {@link #looksLikeEvent}, then {@link #decode}.
     *
     * @param block any block
     * @param limits what it must keep
     * @return the event; empty if the block is something else, such as a tree node
     * @throws SyncException as {@link #decode(Block, Limits)}, if the block pretends to be an event and is none
     */
    public static Optional<Event> tryDecode(Block block, Limits limits) {
        return looksLikeEvent(block) ? Optional.of(decode(block, limits)) : Optional.empty();
    }

    /** The same of a block's own bytes, which are read and not kept. */
    static Optional<Event> tryDecode(Block block, byte[] bytes, Limits limits) {
        return looksLikeEvent(block)
                ? Optional.of(decode(block, DagCbor.reader(block, bytes, limits), limits))
                : Optional.empty();
    }

    /**
     * Decodes an event within {@link Limits#DEFAULT}.
     *
     * @param block its block
     * @return the event
     * @throws SyncException as {@link #decode(Block, Limits)}
     */
    public static Event decode(Block block) {
        return decode(block, Limits.DEFAULT);
    }

    /**
     * Decodes an event.
     *
     * @param block its block
     * @param limits what it must keep
     * @return the event
     * @throws SyncException naming block and offset: {@link ErrorKind#MALFORMED} if it is not canonical dag-cbor or not of the
     *     schema, the number of parents included; {@link ErrorKind#LIMIT_EXCEEDED} if the document or the block is too large or
     *     too deep; {@link ErrorKind#UNSUPPORTED} for another codec or unknown CIDs
     */
    public static Event decode(Block block, Limits limits) {
        return decode(block, DagCbor.reader(block, limits), limits);
    }

    /**
     * Decodes an event that came without its CID, which is taken from the bytes. Copies nothing.
     *
     * @param bytes the block; <strong>owned by the event from here on</strong>, the caller must not touch it again
     * @param limits what it must keep
     * @return the event with its block of dag-cbor
     * @throws SyncException as {@link #decode(Block, Limits)}
     */
    public static Event ofBytes(byte[] bytes, Limits limits) {
        DagCbor.requireSize(bytes.length, limits, "event");
        Block block = Block.of(Cid.DAG_CBOR, bytes);
        return decode(block, DagCbor.reader(block, bytes, limits), limits);
    }

    private static Event decode(Block block, CborReader in, Limits limits) {
        expect(in, DATA, "not an event: it does not start as a map of \"data\" and \"parents\"");
        expect(in, KEY, "event data is not a map of \"key\", \"root\", \"type\" and \"value\"");
        int keyAt = in.offset();
        String key = in.text("the event's key");
        if (!Keys.isKey(key)) {
            throw in.malformed("the event's key is not a charwise string (\"J\" and an escaped id)", keyAt);
        }
        expect(in, ROOT, "event data lacks \"root\" after \"key\"");
        Cid root = in.accept(NULL) ? null : in.link("the event's root");
        expect(in, TYPE, "event data lacks \"type\" after \"root\"");
        Event.Type type = type(in);
        expect(in, VALUE, "event data lacks \"value\" after \"type\"");
        int from = in.offset();
        requireFit(type, in, from);
        in.skip();
        int to = in.offset();
        if (to - from > limits.documentBytes()) {
            throw in.limit(
                    "document of " + (to - from) + " bytes is over the limit of " + limits.documentBytes(), from);
        }
        expect(in, PARENTS, "the event lacks \"parents\" after \"data\"");
        List<Cid> parents = parents(in, limits);
        in.requireEnd();
        return new DecodedEvent(block, type, key, root, parents, from, to - from);
    }

    /**
     * Writes a put, within {@link Limits#DEFAULT}.
     *
     * @param key the document's key
     * @param document the document without its id: a {@link Value.Mapping}
     * @param root the tree after the event, or null if it is to be interior
     * @param parents the clock before the event, written in this order (the alpha sorts by text, which is {@link
     *     Cid#compareTo})
     * @return the event with its new block
     * @throws SyncException as {@link #delete}; {@link ErrorKind#INVALID_ARGUMENT} also if the document is no map
     */
    public static Event put(String key, Encoded document, @Nullable Cid root, Collection<Cid> parents) {
        return encode(Event.Type.PUT, key, document, root, parents, Limits.DEFAULT);
    }

    /**
     * Writes a delete, within {@link Limits#DEFAULT}.
     *
     * @param key the document's key
     * @param root the tree after the event, or null if nothing remains or the event is to be interior
     * @param parents as {@link #put}
     * @return the event with its new block
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if the key is none, or parents are repeated or no dag-cbor; {@link
     *     ErrorKind#LIMIT_EXCEEDED} if there are too many parents, or the document or the block is too large
     */
    public static Event delete(String key, @Nullable Cid root, Collection<Cid> parents) {
        return encode(Event.Type.DELETE, key, Encoded.NULL, root, parents, Limits.DEFAULT);
    }

    /**
     * Writes an event. Whatever this returns, {@link #decode(Block, Limits)} with the same limits accepts.
     *
     * @param type what it does
     * @param key the document's key
     * @param document a map for a put, {@link Encoded#NULL} for a delete
     * @param root as {@link #put} and {@link #delete}
     * @param parents as {@link #put}
     * @param limits what it must keep; the document has to be within them already where they bound depth and items
     * @return the event with its new block
     * @throws SyncException as {@link #put}
     */
    public static Event encode(
            Event.Type type, String key, Encoded document, @Nullable Cid root, Collection<Cid> parents, Limits limits) {
        if (!Keys.isKey(key)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "an event's key is a charwise string, see Keys");
        }
        if (document.isMap() != (type == Event.Type.PUT) || !document.isMap() && !document.isNull()) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a put's value is a map, a delete's is null");
        }
        if (document.size() > limits.documentBytes()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "document of " + document.size() + " bytes is over the limit of " + limits.documentBytes());
        }
        List<Cid> clock = List.copyOf(parents);
        requireClock(clock, limits);

        byte[] typeBytes = type == Event.Type.PUT ? PUT : DELETE;
        long size = (long) FIELDS
                + CborWriter.textSize(key)
                + (root == null ? NULL.length : CborWriter.LINK_SIZE)
                + typeBytes.length
                + document.size()
                + CborWriter.headSize(clock.size())
                + CborWriter.LINK_SIZE * (long) clock.size();
        CborWriter out = new CborWriter(limits, (int) Math.min(size, limits.blockBytes()));
        out.raw(DATA);
        out.raw(KEY);
        out.text(key);
        out.raw(ROOT);
        if (root == null) {
            out.nothing();
        } else {
            out.link(root);
        }
        out.raw(TYPE);
        out.raw(typeBytes);
        out.raw(VALUE);
        int from = out.size();
        document.writeTo(out);
        out.raw(PARENTS);
        out.array(clock.size());
        for (Cid parent : clock) {
            out.link(parent);
        }
        DagCbor.requireSize(out.size(), limits, "event");
        Block block = Block.of(Cid.DAG_CBOR, out.finish());
        return new DecodedEvent(block, type, key, root, clock, from, document.size());
    }

    /**
     * The dag-cbor of an event's value, to go into a tree node as it is.
     *
     * @param event any event
     * @return a view of its block where the event was made here; {@link Encoded#NULL}'s equal for a delete
     */
    public static Encoded encodedValue(Event event) {
        return event instanceof DecodedEvent e ? e.encodedValue() : Encoded.of(event.value());
    }

    private static Event.Type type(CborReader in) {
        if (in.accept(PUT)) {
            return Event.Type.PUT;
        }
        if (in.accept(DELETE)) {
            return Event.Type.DELETE;
        }
        throw in.malformed("the event's type is neither put nor del", in.offset());
    }

    private static void requireFit(Event.Type type, CborReader in, int at) {
        int initial = in.peek();
        if (type == Event.Type.DELETE && initial != CborReader.NULL) {
            throw in.malformed("a del has a value other than null", at);
        }
        if (type == Event.Type.PUT && initial >>> 5 != 5) {
            throw in.malformed("a put has a value that is not a map", at);
        }
    }

    private static List<Cid> parents(CborReader in, Limits limits) {
        int start = in.offset();
        int count = in.array("the event's parents");
        if (count > limits.parents()) {
            throw in.malformed(count + " parents are over the limit of " + limits.parents(), start);
        }
        Cid[] parents = new Cid[count];
        Set<Cid> seen = count > FEW ? new HashSet<>(2 * count) : Set.of();
        for (int i = 0; i < count; i++) {
            int at = in.offset();
            Cid parent = in.link("a parent");
            if (parent.codec() != Cid.DAG_CBOR) {
                throw in.malformed("parent " + parent + " is not dag-cbor", at);
            }
            if (count > FEW ? !seen.add(parent) : contains(parents, i, parent)) {
                throw in.malformed("parent " + parent + " is repeated", at);
            }
            parents[i] = parent;
        }
        return List.of(parents);
    }

    private static boolean contains(Cid[] cids, int count, Cid cid) {
        for (int i = 0; i < count; i++) {
            if (cids[i].equals(cid)) {
                return true;
            }
        }
        return false;
    }

    private static void requireClock(List<Cid> parents, Limits limits) {
        if (parents.size() > limits.parents()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED, parents.size() + " parents are over the limit of " + limits.parents());
        }
        if (parents.size() > 1 && new HashSet<>(parents).size() != parents.size()) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "an event's parents must be distinct");
        }
        for (Cid parent : parents) {
            if (parent.codec() != Cid.DAG_CBOR) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, "parent " + parent + " is not dag-cbor");
            }
        }
    }

    private static void expect(CborReader in, byte[] bytes, String otherwise) {
        if (!in.accept(bytes)) {
            throw in.malformed(otherwise, in.offset());
        }
    }
}
