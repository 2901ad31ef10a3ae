package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Changes one entry of a leaf by its bytes: what stands before and behind is copied, not decoded. For leaves of trees of one's own, which
 * are canonical; where more than this leaf could change, it refuses and somebody has to decode.
 *
 * <p>In a canonical tree an entry that cuts ends its leaf, and a leaf that does not end so is the last one or has no room for the next entry.
 *
 * <p>Keeps buffers: one thread at a time, made once and used for many leaves. What it gives does not hold on to them.
 */
public final class LeafSplicer {
    /** A closed node ends with a true. */
    private static final byte TRUE = (byte) 0xf5;

    private final Chunker chunker = new Chunker();
    private final CborWriter entry = new CborWriter(Limits.CHECKED);
    private final BlockBuffer buffer = new BlockBuffer();

    /** Makes a splicer. */
    public LeafSplicer() {}

    /** Where an entry stands, or would stand: the number before it, its first byte and the one behind it. */
    private record Place(int before, int from, int to) {
        boolean isTaken() {
            return to > from;
        }
    }

    /**
     * Puts an entry into a leaf, or in the place of the one with its key, or takes that away.
     *
     * @param leaf a leaf of a canonical tree
     * @param key the entry's key
     * @param value its value, null to remove the entry
     * @param isLast whether this is the tree's last leaf
     * @param most how many bytes the new leaf may have
     * @return the new leaf; the old one if nothing changes; or null if the first key or the last entry would be another one or the leaf would
     *     end elsewhere, and for what is no leaf. If the first entry has another value now, more may fit into an open leaf before this one
     * @throws dev.livesync.api.SyncException {@link dev.livesync.api.ErrorKind#INVALID_ARGUMENT} if the key has a lone surrogate, {@link
     *     dev.livesync.api.ErrorKind#MALFORMED} if the lengths in the leaf lead out of it
     */
    public @Nullable Block splice(Block leaf, String key, @Nullable Encoded value, boolean isLast, int most) {
        int size = leaf.size();
        byte[] bytes = buffer.fill(leaf);
        CborReader in = new CborReader(bytes, 0, size, Limits.CHECKED, leaf.cid());
        if (!in.accept(TreeNodes.LEAF)) {
            return null;
        }
        boolean closed = bytes[size - 1] == TRUE;
        if (!closed && !isLast) {
            return null;
        }
        int count = in.array("the node's entries");
        int start = in.offset();
        entry.reset();
        entry.array(2);
        entry.text(key);
        Place place = find(in, bytes, count);
        boolean atEnd = place.before() + (place.isTaken() ? 1 : 0) == count;
        boolean atStart = place.before() == 0;
        if (atStart && (!place.isTaken() || value == null) || atEnd && (closed || value == null)) {
            return null;
        }
        if (value == null) {
            entry.reset();
        } else {
            value.writeTo(entry);
        }
        if (Arrays.equals(bytes, place.from(), place.to(), entry.array(), 0, entry.size())) {
            return leaf;
        }
        int newCount = count + (value == null ? 0 : 1) - (place.isTaken() ? 1 : 0);
        int heads = CborWriter.headSize(newCount) - CborWriter.headSize(count);
        long newSize = (long) size + heads - (place.to() - place.from()) + entry.size();
        if (newSize > most || value != null && chunker.cuts(entry)) {
            return null;
        }
        CborWriter out = new CborWriter(Limits.CHECKED, (int) newSize);
        out.raw(TreeNodes.LEAF);
        out.array(newCount);
        out.raw(bytes, start, place.from() - start);
        out.raw(entry.array(), 0, entry.size());
        out.raw(bytes, place.to(), size - place.to());
        return Block.of(Cid.DAG_CBOR, out.finish());
    }

    /** Finds the place of the key that the entry begins with. */
    private Place find(CborReader in, byte[] bytes, int count) {
        byte[] key = entry.array();
        int keyTo = entry.size();
        int keyFrom = new CborReader(key, 1, keyTo, Limits.CHECKED, null).passText("a key");
        for (int i = 0; i < count; i++) {
            int from = in.offset();
            in.array("a tree entry");
            int text = in.passText("a tree key");
            int order = Utf8.compareAsUtf16(bytes, text, in.offset(), key, keyFrom, keyTo);
            if (order > 0) {
                return new Place(i, from, from);
            }
            in.pass();
            if (order == 0) {
                return new Place(i, from, in.offset());
            }
        }
        return new Place(count, in.offset(), in.offset());
    }
}
