package dev.livesync.car.pack;

import static dev.livesync.car.pack.PackFormat.BEFORE_KEY;
import static dev.livesync.car.pack.PackFormat.BEFORE_PARENTS;
import static dev.livesync.car.pack.PackFormat.BEFORE_ROOT;
import static dev.livesync.car.pack.PackFormat.CHECK;
import static dev.livesync.car.pack.PackFormat.DECIMAL;
import static dev.livesync.car.pack.PackFormat.DELETE;
import static dev.livesync.car.pack.PackFormat.DELETE_WITH_VALUE;
import static dev.livesync.car.pack.PackFormat.DIGEST;
import static dev.livesync.car.pack.PackFormat.DOUBLE;
import static dev.livesync.car.pack.PackFormat.EVENT_BEFORE;
import static dev.livesync.car.pack.PackFormat.FALSE;
import static dev.livesync.car.pack.PackFormat.FORM;
import static dev.livesync.car.pack.PackFormat.KEY_SHIFT;
import static dev.livesync.car.pack.PackFormat.KIND;
import static dev.livesync.car.pack.PackFormat.LINK;
import static dev.livesync.car.pack.PackFormat.LINK_CODEC;
import static dev.livesync.car.pack.PackFormat.LINK_START;
import static dev.livesync.car.pack.PackFormat.LITERAL;
import static dev.livesync.car.pack.PackFormat.NO_PARENT;
import static dev.livesync.car.pack.PackFormat.NULL;
import static dev.livesync.car.pack.PackFormat.ONE_PARENT;
import static dev.livesync.car.pack.PackFormat.PARENTS;
import static dev.livesync.car.pack.PackFormat.PUT;
import static dev.livesync.car.pack.PackFormat.PUT_BEFORE_VALUE;
import static dev.livesync.car.pack.PackFormat.ROOT;
import static dev.livesync.car.pack.PackFormat.WORD;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.car.Events;
import dev.livesync.car.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the packs of one direction of a session: the mirror of {@link PackWriter}. Blocks are rebuilt, hashed, and checked as
 * {@link Events#decode} checks them; nothing is believed that a pack says.
 *
 * <p>Keeps at most some 150 KB between packs. One thread at a time. After a failure a reader refuses everything else with the same
 * error.
 */
public final class PackReader {
    /** The least that an event takes: its head, and a key or a length. */
    private static final int LEAST_EVENT = 2;

    private final Limits limits;
    private final int mostEvents;
    private final long mostBytes;

    private final RebuiltBlock out;
    private final EventRing ring = new EventRing();
    private final ShapeTable shapes = new ShapeTable();
    private final WordTable words = new WordTable();
    private final KeyMemory key = new KeyMemory();
    private final EventDigest digest = new EventDigest();

    private byte[] in = new byte[0];
    private int start;
    private int at;
    private int end;
    private @Nullable RuntimeException failure;

    /**
     * A reader that has read nothing.
     *
     * @param limits what each event must keep
     * @param events how many events a pack may have
     * @param bytes how large the blocks of a pack may be together
     */
    public PackReader(Limits limits, int events, long bytes) {
        this.limits = Objects.requireNonNull(limits, "limits");
        this.mostEvents = events;
        this.mostBytes = bytes;
        this.out = new RebuiltBlock(limits.blockBytes());
    }

    /**
     * Adds an event that both ends have, as {@link PackWriter#remember} does.
     *
     * @param event its CID
     */
    public void remember(Cid event) {
        ring.add(event);
    }

    /**
     * Reads a pack.
     *
     * @param pack an array that holds it, read and not kept
     * @param offset where it starts
     * @param length how long it is
     * @return the events in their order, at least one, in a new list; one may come twice
     * @throws SyncException naming the event, counted from 0, and the offset in the pack: {@link ErrorKind#MALFORMED} if it is no pack, if
     *     it refers to what this reader has not read, if a block in it is no event, or if these are not the events that were
     *     written; {@link ErrorKind#LIMIT_EXCEEDED}; {@link ErrorKind#UNSUPPORTED} as {@link Events#decode}. An earlier error again.
     * @throws IndexOutOfBoundsException if the pack is not within the array; nothing was read then
     */
    public List<Event> read(byte[] pack, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, pack.length);
        if (failure != null) {
            throw failure;
        }
        in = pack;
        start = offset;
        at = offset;
        end = offset + length;
        try {
            return pack();
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        } finally {
            in = new byte[0];
            out.reset();
        }
    }

    /**
     * What this reader keeps from pack to pack.
     *
     * @return about how many bytes
     */
    public long keptBytes() {
        return ring.keptBytes() + shapes.keptBytes() + words.keptBytes() + PackFormat.KEY_BYTES;
    }

    private List<Event> pack() {
        if (next() != FORM) {
            throw malformed("a form of pack that is not known");
        }
        long count = varint();
        if (count > mostEvents) {
            throw limit(count + " events are over the limit of " + mostEvents);
        }
        long total = varint();
        if (total > mostBytes) {
            throw limit(total + " bytes of blocks are over the limit of " + mostBytes);
        }
        if (count == 0 || count > (end - at) / LEAST_EVENT) {
            throw malformed(count + " events, but only " + (end - at) + " bytes are left");
        }
        List<Event> events = new ArrayList<>((int) count);
        long left = total;
        for (int i = 0; i < count; i++) {
            out.start(left);
            event();
            out.requireFit();
            left -= out.size;
            Event event = Events.ofBytes(Arrays.copyOf(out.bytes, out.size), limits);
            ring.add(event.cid());
            digest.add(event.cid());
            events.add(event);
        }
        if (left != 0) {
            throw malformed("its blocks are " + left + " bytes less than it says");
        }
        if (end - at != CHECK) {
            throw malformed("not one check at its end");
        }
        if (!Arrays.equals(digest.finish(), 0, CHECK, in, at, end)) {
            throw malformed("these are not the events that were written");
        }
        return events;
    }

    private void event() {
        int head = next();
        switch (head & KIND) {
            case PUT, DELETE -> structured(head);
            case LITERAL -> {
                if (head != LITERAL) {
                    throw malformed("a literal block with something else");
                }
                copy(length());
            }
            default -> throw malformed("neither put, del nor a literal block");
        }
    }

    private void structured(int head) {
        out.raw(BEFORE_KEY);
        key(head >>> KEY_SHIFT);
        out.raw(BEFORE_ROOT);
        if ((head & ROOT) == 0) {
            out.put(NULL);
        } else {
            link();
        }
        if ((head & KIND) == DELETE) {
            out.raw(DELETE_WITH_VALUE);
        } else {
            out.raw(PUT_BEFORE_VALUE);
            value(0);
        }
        out.raw(BEFORE_PARENTS);
        switch (head & PARENTS) {
            case NO_PARENT -> out.head(4, 0);
            case EVENT_BEFORE -> {
                out.head(4, 1);
                parent(1);
            }
            case ONE_PARENT -> {
                out.head(4, 1);
                parent(varint());
            }
            default -> {
                long count = varint();
                if (count > limits.parents()) {
                    throw limit(count + " parents are over the limit of " + limits.parents());
                }
                out.head(4, count);
                for (long i = 0; i < count; i++) {
                    parent(varint());
                }
            }
        }
    }

    private void key(int changed) {
        int shared;
        int rest;
        if (changed > 0) {
            if (changed > key.length) {
                throw malformed("a key that changes more than there is");
            }
            shared = key.length - changed;
            rest = changed;
        } else {
            long stated = varint();
            if (stated > key.length) {
                throw malformed("a key that shares " + stated + " bytes with one of " + key.length);
            }
            shared = (int) stated;
            rest = length();
        }
        need(rest);
        long size = shared + (long) rest;
        out.head(3, size);
        int from = out.size;
        out.raw(key.bytes, 0, shared);
        copy(rest);
        key.set(out.bytes, from, (int) size);
    }

    private void link() {
        need(DIGEST);
        out.raw(LINK_START);
        copy(DIGEST);
    }

    private void parent(long distance) {
        if (distance == 0) {
            link();
            return;
        }
        Cid cid = ring.get(distance);
        if (cid == null) {
            throw malformed("a parent " + distance + " events ago, of which this reader knows nothing");
        }
        out.link(cid);
    }

    // ---- values

    private void value(int depth) {
        int first = at;
        int initial = next();
        switch (initial >>> 5) {
            case 0, 1 -> {
                skipArgument(initial);
                out.raw(in, first, at - first);
            }
            case 2, 3 -> string(first, initial);
            case 4 -> {
                long count = argument(initial);
                if (count < 0 || count > end - at) {
                    throw malformed("an array of " + Long.toUnsignedString(count) + " items");
                }
                requireDepth(depth);
                out.raw(in, first, at - first);
                for (long i = 0; i < count; i++) {
                    value(depth + 1);
                }
            }
            case 5 -> {
                requireDepth(depth);
                map(newShape(first, initial), depth);
            }
            case 6 -> {
                requireDepth(depth);
                long slot = argument(initial);
                MapShape shape = slot < 0 || slot >= ShapeTable.SLOTS ? null : shapes.get((int) slot);
                if (shape == null) {
                    throw malformed("a shape of which this reader knows nothing");
                }
                map(shape, depth);
            }
            default -> simple(first, initial);
        }
    }

    private void simple(int first, int initial) {
        if (initial >= FALSE && initial <= NULL) {
            out.put(initial);
        } else if (initial == WORD) {
            int slot = next();
            if (words.length(slot) == 0) {
                throw malformed("a word of which this reader knows nothing");
            }
            words.writeTo(out, slot);
        } else if (initial == DOUBLE) {
            need(8);
            out.raw(in, first, 9);
            at += 8;
        } else if (initial >= DECIMAL && initial <= DECIMAL + ShortDecimal.MOST_DIGITS) {
            int head = next();
            if (head >>> 5 > 1 || (head & 0x1f) > 26) {
                throw malformed("a decimal that is no integer of 32 bits");
            }
            long argument = argument(head);
            double d = ShortDecimal.of(head >>> 5 == 0 ? argument : ~argument, initial - DECIMAL);
            out.reserve(9);
            out.bytes[out.size] = (byte) DOUBLE;
            LongBytes.set(out.bytes, out.size + 1, Double.doubleToRawLongBits(d));
            out.size += 9;
        } else if (initial == LINK) {
            need(1 + DIGEST);
            if (in[at] < 0) {
                throw malformed("a link with a codec of more than one byte");
            }
            out.raw(LINK_START);
            out.bytes[out.size - LINK_START.length + LINK_CODEC] = in[at++];
            copy(DIGEST);
        } else {
            throw malformed("a value that starts with 0x" + Integer.toHexString(initial));
        }
    }

    private void string(int first, int initial) {
        long length = argument(initial);
        if (length < 0 || length > end - at) {
            throw malformed("a string of " + Long.toUnsignedString(length) + " bytes");
        }
        int from = at;
        at += (int) length;
        out.raw(in, first, at - first);
        if (initial >>> 5 == 3 && WordTable.isWord(length)) {
            words.put(WordTable.slot(in, from, (int) length), in, from, (int) length);
        }
    }

    private MapShape newShape(int first, int initial) {
        long names = argument(initial);
        if (names < 0 || names > (end - at) / 2) {
            throw malformed("a map of " + Long.toUnsignedString(names) + " entries");
        }
        int[] ends = new int[(int) names + 1];
        ends[0] = at - first;
        for (int i = 1; i <= names; i++) {
            int head = next();
            if (head >>> 5 != 3) {
                throw malformed("a name that is no string");
            }
            long length = argument(head);
            if (length < 0 || length > end - at) {
                throw malformed("a name of " + Long.toUnsignedString(length) + " bytes");
            }
            at += (int) length;
            ends[i] = at - first;
        }
        MapShape shape = new MapShape(Arrays.copyOfRange(in, first, at), ends, 0);
        shapes.add(shape);
        return shape;
    }

    private void map(MapShape shape, int depth) {
        int[] ends = shape.ends;
        out.raw(shape.bytes, 0, ends[0]);
        for (int i = 1; i < ends.length; i++) {
            out.raw(shape.bytes, ends[i - 1], ends[i] - ends[i - 1]);
            value(depth + 1);
        }
    }

    private void requireDepth(int depth) {
        if (depth >= limits.depth()) {
            throw limit("nested deeper than " + limits.depth() + " levels");
        }
    }

    // ---- bytes

    private int next() {
        need(1);
        return in[at++] & 0xff;
    }

    private void need(long bytes) {
        if (end - at < bytes) {
            throw malformed("it ends too early");
        }
    }

    private void copy(int length) {
        need(length);
        out.raw(in, at, length);
        at += length;
    }

    private int length() {
        long length = varint();
        need(length);
        return (int) length;
    }

    /** At most 2^56 - 1: no number of a pack is larger. */
    private long varint() {
        long value = 0;
        for (int shift = 0; shift < 56; shift += 7) {
            int b = next();
            value |= (b & 0x7fL) << shift;
            if (b < 0x80) {
                if (b == 0 && shift > 0) {
                    break;
                }
                return value;
            }
        }
        throw malformed("a number that is too large, or not in its shortest form");
    }

    private long argument(int initial) {
        int info = initial & 0x1f;
        if (info < 24) {
            return info;
        }
        int from = at;
        skipArgument(initial);
        long n = 0;
        for (int i = from; i < at; i++) {
            n = n << 8 | in[i] & 0xff;
        }
        return n;
    }

    private void skipArgument(int initial) {
        int bytes = PackFormat.argumentBytes(initial & 0x1f);
        if (bytes < 0) {
            throw malformed("a head that dag-cbor does not have");
        }
        need(bytes);
        at += bytes;
    }

    private SyncException malformed(String what) {
        return error(ErrorKind.MALFORMED, what);
    }

    private SyncException limit(String what) {
        return error(ErrorKind.LIMIT_EXCEEDED, what);
    }

    private SyncException error(ErrorKind kind, String what) {
        return new SyncException(kind, "pack: " + what + ", at offset " + (at - start));
    }
}
