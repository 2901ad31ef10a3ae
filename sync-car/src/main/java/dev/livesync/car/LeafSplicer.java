package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.car.TreeNode.LeafEntry;
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
     * @return the new leaf; the old one if nothing changes; or null if the first or the last entry would be another one or the leaf would
     *     end elsewhere, and for what is no leaf
     * @throws dev.livesync.api.SyncException {@link dev.livesync.api.ErrorKind#INVALID_ARGUMENT} if the key has a lone surrogate, {@link
     *     dev.livesync.api.ErrorKind#MALFORMED} if the leaf is not canonical dag-cbor up to the entry's place
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
        Place place = find(in, key, count);
        boolean atEnd = place.before() + (place.isTaken() ? 1 : 0) == count;
        if (place.before() == 0 || atEnd && (closed || value == null)) {
            return null;
        }
        entry.reset();
        LeafEntry fresh = value == null ? null : new LeafEntry(key, value);
        if (fresh != null) {
            fresh.writeTo(entry);
        }
        if (Arrays.equals(bytes, place.from(), place.to(), entry.array(), 0, entry.size())) {
            return leaf;
        }
        int newCount = count + (value == null ? 0 : 1) - (place.isTaken() ? 1 : 0);
        int heads = CborWriter.headSize(newCount) - CborWriter.headSize(count);
        long newSize = (long) size + heads - (place.to() - place.from()) + entry.size();
        if (newSize > most || fresh != null && chunker.cuts(fresh)) {
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

    private static Place find(CborReader in, String key, int count) {
        for (int i = 0; i < count; i++) {
            int from = in.offset();
            in.array("a tree entry");
            int order = in.text("a tree key").compareTo(key);
            if (order > 0) {
                return new Place(i, from, from);
            }
            in.skip();
            if (order == 0) {
                return new Place(i, from, in.offset());
            }
        }
        return new Place(count, in.offset(), in.offset());
    }
}
