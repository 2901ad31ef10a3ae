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
import static dev.livesync.car.pack.PackFormat.FORM;
import static dev.livesync.car.pack.PackFormat.KEY_SHIFT;
import static dev.livesync.car.pack.PackFormat.LINK;
import static dev.livesync.car.pack.PackFormat.LINK_BYTES;
import static dev.livesync.car.pack.PackFormat.LINK_CODEC;
import static dev.livesync.car.pack.PackFormat.LINK_START;
import static dev.livesync.car.pack.PackFormat.LITERAL;
import static dev.livesync.car.pack.PackFormat.MOST_CHANGED;
import static dev.livesync.car.pack.PackFormat.NULL;
import static dev.livesync.car.pack.PackFormat.ONE_PARENT;
import static dev.livesync.car.pack.PackFormat.PUT;
import static dev.livesync.car.pack.PackFormat.PUT_BEFORE_VALUE;
import static dev.livesync.car.pack.PackFormat.ROOT;
import static dev.livesync.car.pack.PackFormat.SEVERAL_PARENTS;
import static dev.livesync.car.pack.PackFormat.SHAPE;
import static dev.livesync.car.pack.PackFormat.WORD;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Arrays;
import java.util.Collection;

/**
 * Writes the packs of one direction of a session. Each pack changes what the next ones can refer to, so each has to reach the
 * {@link PackReader}, in order. A first pack stands for itself.
 *
 * <p>Keeps at most some 150 KB, however much it writes, and little in a session of little. One thread at a time. What fails leaves a writer that must not be used
 * again.
 */
public final class PackWriter {
    /** What a pack takes beside its events at most, in bytes. */
    public static final int OVERHEAD = 24;

    private static final int EVENT_OVERHEAD = 6;

    /** Eight bytes at once may be read at the end of a block. */
    private static final int SPARE = 8;

    /** A larger array is not kept. */
    private static final int KEPT = 1 << 10;

    private final PackOutput out = new PackOutput();
    private final EventRing ring = new EventRing();
    private final ShapeTable shapes = new ShapeTable();
    private final WordTable words = new WordTable();
    private final KeyMemory key = new KeyMemory();
    private final ValueScan scan = new ValueScan();
    private final EventDigest digest = new EventDigest();

    private byte[] block = new byte[KEPT];
    /** The next map in {@link ValueScan#places}. */
    private int map;

    /** A writer that has written nothing. */
    public PackWriter() {}

    /**
     * Adds an event that both ends have, so that later ones can name it as a parent in a few bytes: such as the heads that a session found
     * equal. The reader has to be told of the same events, in the same order and between the same packs.
     *
     * @param event its CID
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if it isn't dag-cbor's
     */
    public void remember(Cid event) {
        requireDagCbor(event);
        ring.add(event);
    }

    /**
     * Writes a pack.
     *
     * @param events blocks of events, parents before children, at least one. A block that is no event is written, and refused by
     *     the reader.
     * @return the pack, the caller's own; at most {@link #OVERHEAD} and {@link #bound} of each event
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if there are none, or one isn't dag-cbor; {@link ErrorKind#LIMIT_EXCEEDED} if the pack is too
     *     large for an array
     */
    public byte[] write(Collection<Block> events) {
        if (events.isEmpty()) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a pack holds at least one event");
        }
        long bytes = 0;
        for (Block event : events) {
            requireDagCbor(event.cid());
            bytes += event.size();
        }
        out.reset();
        out.put(FORM);
        out.varint(events.size());
        out.varint(bytes);
        for (Block event : events) {
            write(event);
            ring.add(event.cid());
            digest.add(event.cid());
        }
        out.raw(digest.finish(), 0, CHECK);
        if (block.length > KEPT) {
            block = new byte[KEPT]; // first: of a large event there are enough copies
        }
        byte[] pack = out.bytes.length == out.size ? out.bytes : Arrays.copyOf(out.bytes, out.size);
        out.release();
        scan.reset();
        return pack;
    }

    /**
     * What this writer keeps from pack to pack.
     *
     * @return about how many bytes
     */
    public long keptBytes() {
        return ring.keptBytes() + shapes.keptBytes() + words.keptBytes() + PackFormat.KEY_BYTES;
    }

    /**
     * What an event takes in a pack at most. Most take far less.
     *
     * @param event its block
     * @return bytes
     */
    public static long bound(Block event) {
        return event.size() + (long) EVENT_OVERHEAD;
    }

    private void write(Block event) {
        int size = event.size();
        if (block.length - SPARE < size) {
            block = new byte[(int) Math.min(Integer.MAX_VALUE - 8, Math.max(size + (long) SPARE, 2L * block.length))];
        }
        event.copyTo(0, block, 0, size);
        if (!structured(size)) {
            out.put(LITERAL);
            out.varint(size);
            out.raw(block, 0, size);
        }
    }

    private static void requireDagCbor(Cid event) {
        if (event.codec() != Cid.DAG_CBOR) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, event + " is no event: it is not dag-cbor");
        }
    }

    // ---- the parts of an event; nothing is written before all of it was looked at

    private boolean structured(int size) {
        if (!is(BEFORE_KEY, 0, size)) {
            return false;
        }
        int keyHead = BEFORE_KEY.length;
        if (keyHead >= size || (block[keyHead] & 0xff) >>> 5 != 3) {
            return false;
        }
        int keyEnd = ValueScan.stringEnd(block, keyHead, size);
        if (keyEnd < 0 || !is(BEFORE_ROOT, keyEnd, size)) {
            return false;
        }
        int root = keyEnd + BEFORE_ROOT.length;
        boolean hasRoot = isLink(root, size);
        if (!hasRoot && (root >= size || (block[root] & 0xff) != NULL)) {
            return false;
        }
        int type = hasRoot ? root + LINK_BYTES : root + 1;
        int value;
        int valueEnd;
        if (is(PUT_BEFORE_VALUE, type, size)) {
            value = type + PUT_BEFORE_VALUE.length;
            valueEnd = scan.scan(block, value, size);
        } else if (is(DELETE_WITH_VALUE, type, size)) {
            value = type + DELETE_WITH_VALUE.length;
            valueEnd = value;
        } else {
            return false;
        }
        if (valueEnd < 0 || !is(BEFORE_PARENTS, valueEnd, size)) {
            return false;
        }
        int parentsHead = valueEnd + BEFORE_PARENTS.length;
        if (!areParents(parentsHead, size)) {
            return false;
        }

        int kind = value == valueEnd ? DELETE : PUT;
        int parents = ValueScan.argumentEnd(block, parentsHead, size);
        int count = (int) ValueScan.argument(block, parentsHead);
        int form = count == 0
                ? PackFormat.NO_PARENT
                : count > 1 ? SEVERAL_PARENTS : distance(parents) == 1 ? EVENT_BEFORE : ONE_PARENT;
        int head = out.size;
        out.put(0);
        int changed = key(ValueScan.argumentEnd(block, keyHead, size), keyEnd);
        out.bytes[head] = (byte) (kind | (hasRoot ? ROOT : 0) | form | changed << KEY_SHIFT);
        if (hasRoot) {
            out.raw(block, root + LINK_START.length, DIGEST);
        }
        if (kind == PUT) {
            map = 0;
            value(value);
        }
        if (form == SEVERAL_PARENTS) {
            out.varint(count);
        }
        if (form == SEVERAL_PARENTS || form == ONE_PARENT) {
            for (int i = 0; i < count; i++) {
                parent(parents + i * LINK_BYTES);
            }
        }
        return true;
    }

    private boolean areParents(int head, int size) {
        if (head >= size || (block[head] & 0xff) >>> 5 != 4) {
            return false;
        }
        int at = ValueScan.argumentEnd(block, head, size);
        long count = at < 0 ? -1 : ValueScan.argument(block, head);
        if (count < 0 || count > size || size - at != LINK_BYTES * count) {
            return false;
        }
        for (; at < size; at += LINK_BYTES) {
            if (!isLink(at, size)) {
                return false;
            }
        }
        return true;
    }

    private boolean is(byte[] expected, int at, int size) {
        return size - at >= expected.length
                && Arrays.equals(expected, 0, expected.length, block, at, at + expected.length);
    }

    /** Whether a link to dag-cbor is here. */
    private boolean isLink(int at, int size) {
        return size - at >= LINK_BYTES && is(LINK_START, at, size);
    }

    private int distance(int link) {
        return ring.distance(block, link + LINK_START.length);
    }

    private void parent(int link) {
        int distance = distance(link);
        out.varint(distance);
        if (distance == 0) {
            out.raw(block, link + LINK_START.length, DIGEST);
        }
    }

    /** Writes the key, and says how many bytes at its end are all that changed; 0 if it is written another way. */
    private int key(int from, int to) {
        int size = to - from;
        int shared = key.shared(block, from, size);
        int changed = size - shared;
        if (size == key.length && changed <= MOST_CHANGED) {
            changed = Math.max(1, changed);
            if (changed <= size) {
                out.raw(block, to - changed, changed);
                key.set(block, from, size);
                return changed;
            }
        }
        out.varint(shared);
        out.varint(changed);
        out.raw(block, from + shared, changed);
        key.set(block, from, size);
        return 0;
    }

    // ---- values

    /** Writes the item that starts here and says where it ends. */
    private int value(int at) {
        int initial = block[at] & 0xff;
        switch (initial >>> 5) {
            case 3 -> {
                return text(at);
            }
            case 2 -> {
                int end = ValueScan.stringEnd(block, at, block.length);
                out.raw(block, at, end - at);
                return end;
            }
            case 4 -> {
                int next = at + 1 + PackFormat.argumentBytes(initial & 0x1f);
                out.raw(block, at, next - at);
                long count = ValueScan.argument(block, at);
                for (long i = 0; i < count; i++) {
                    next = value(next);
                }
                return next;
            }
            case 5 -> {
                return map(at);
            }
            case 6 -> {
                out.put(LINK);
                out.raw(block, at + LINK_CODEC, 1);
                out.raw(block, at + LINK_START.length, DIGEST);
                return at + LINK_BYTES;
            }
            default -> {
                if (initial == DOUBLE) {
                    number(at);
                    return at + 9;
                }
                int length = initial < DECIMAL ? 1 + PackFormat.argumentBytes(initial & 0x1f) : 1;
                out.raw(block, at, length);
                return at + length;
            }
        }
    }

    private int text(int at) {
        int content = at + 1 + PackFormat.argumentBytes(block[at] & 0x1f);
        int length = (int) ValueScan.argument(block, at);
        if (WordTable.isWord(length)) {
            int slot = WordTable.slot(block, content, length);
            if (words.has(slot, block, content, length)) {
                out.put(WORD);
                out.put(slot);
                return content + length;
            }
            words.put(slot, block, content, length);
        }
        out.raw(block, at, content + length - at);
        return content + length;
    }

    private void number(int at) {
        double d = Double.longBitsToDouble(LongBytes.get(block, at + 1));
        int digits = ShortDecimal.digits(d);
        if (digits < 0) {
            out.raw(block, at, 9);
            return;
        }
        out.put(DECIMAL + digits);
        long scaled = ShortDecimal.scaled(d, digits);
        out.head(scaled < 0 ? 1 : 0, scaled < 0 ? ~scaled : scaled);
    }

    private int map(int at) {
        int place = map;
        int names = scan.places[place];
        int hash = scan.places[place + 1];
        int first = place + 2;
        map = first + 2 * names;
        int headEnd = at + 1 + PackFormat.argumentBytes(block[at] & 0x1f);
        int slot = shapes.find(hash, block, scan.places, first, names);
        if (slot >= 0) {
            out.head(SHAPE >>> 5, slot);
        } else {
            int start = out.size;
            int[] ends = new int[names + 1];
            out.raw(block, at, headEnd - at);
            ends[0] = headEnd - at;
            for (int i = 0; i < names; i++) {
                int from = scan.places[first + 2 * i];
                out.raw(block, from, scan.places[first + 2 * i + 1] - from);
                ends[i + 1] = out.size - start;
            }
            if (ShapeTable.keeps(names, out.size - start)) {
                shapes.add(new MapShape(Arrays.copyOfRange(out.bytes, start, out.size), ends, hash));
            }
        }
        int next = headEnd;
        for (int i = 0; i < names; i++) {
            next = value(scan.places[first + 2 * i + 1]);
        }
        return next;
    }
}
