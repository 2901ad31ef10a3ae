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
 * <p>Keeps buffers: one thread at a time, made once and used for many leaves. Refers to semantics of trees: an entry that cuts ends its
 * leaf, and a leaf never ends for its size while the next entry would still fit.
 */
public final class LeafSplicer {
    /** From this byte on, UTF-8 and UTF-16 order their characters differently. */
    private static final int OTHER_ORDER = 0xee;

    private static final int REFUSED = -1;

    private final Chunker chunker = new Chunker();
    private final CborWriter key = new CborWriter(Limits.CHECKED);
    private final CborWriter entry = new CborWriter(Limits.CHECKED);
    private byte[] bytes = new byte[1 << 12];
    private int size;
    /** What stands at the place of the key: its offset, where it ends, and whether it is the key. */
    private int from;

    private int to;
    private boolean found;

    /** Makes a splicer. */
    public LeafSplicer() {}

    /**
     * Puts an entry into a leaf, or in the place of the one with its key, or takes that away.
     *
     * @param leaf a leaf of a canonical tree
     * @param id the entry's key
     * @param value its value, null to remove the entry
     * @param isLast whether this is the tree's last leaf
     * @param most how many bytes the new leaf may have
     * @return the new leaf; the old one if nothing changes; or null if the first or the last entry would be another one, the leaf would end
     *     elsewhere, or this cannot be told without decoding
     */
    public @Nullable Block splice(Block leaf, String id, @Nullable Encoded value, boolean isLast, int most) {
        size = leaf.size();
        if (size > most || !TreeNodes.isLeaf(leaf)) {
            return null;
        }
        if (bytes.length < size) {
            bytes = new byte[Math.max(size, Math.min(most, 2 * bytes.length))];
        }
        leaf.copyTo(0, bytes, 0, size);
        boolean closed = bytes[size - 1] == (byte) 0xf5;
        if (!closed && !isLast) {
            return null; // it ended for its size, and more may fit now
        }
        int count = TreeNodes.entryCount(bytes);
        int start = TreeNodes.LEAF_HEAD + CborWriter.headSize(count);
        int place = count < 0 ? REFUSED : find(id, start, count);
        boolean atEnd = place == count || found && place == count - 1;
        if (place == REFUSED || place == 0 || atEnd && (closed || value == null)) {
            return null;
        }
        if (value == null) {
            return found ? spliced(start, count, count - 1, 0) : leaf;
        }
        LeafEntry fresh = new LeafEntry(id, value);
        entry.reset();
        fresh.writeTo(entry);
        int length = entry.size();
        if (found && Arrays.equals(bytes, from, to, entry.array(), 0, length)) {
            return leaf;
        }
        if (size - (to - from) + length + 4L > most || chunker.cuts(fresh)) {
            return null;
        }
        return spliced(start, count, found ? count : count + 1, length);
    }

    /** The number of the first entry whose key isn't less, of the count if all are; {@link #REFUSED} if that needs decoding. */
    private int find(String id, int start, int count) {
        key.reset();
        key.text(id);
        int at = start;
        for (int i = 0; i < count; i++) {
            int order = at + 1 < size ? compare(at + 1) : OTHER_ORDER;
            if (order == OTHER_ORDER) {
                return REFUSED;
            }
            int end = skip(skip(at + 1));
            if (end < 0) {
                return REFUSED;
            }
            if (order >= 0) {
                from = at;
                found = order == 0;
                to = found ? end : at;
                return i;
            }
            at = end;
        }
        from = at;
        to = at;
        found = false;
        return count;
    }

    /** The order of the key at an offset and the one that is looked for: -1, 0, 1 or {@link #OTHER_ORDER}. */
    private int compare(int at) {
        byte[] wanted = key.array();
        int theirs = at + headSize(bytes[at]);
        int ours = headSize(wanted[0]);
        int theirEnd = Math.min(skip(at), size);
        int ourEnd = key.size();
        int same = Arrays.mismatch(bytes, theirs, Math.max(theirs, theirEnd), wanted, ours, ourEnd);
        if (same < 0) {
            return 0;
        }
        if (theirs + same >= theirEnd) {
            return -1;
        }
        if (ours + same >= ourEnd) {
            return 1;
        }
        int a = bytes[theirs + same] & 0xff;
        int b = wanted[ours + same] & 0xff;
        return Math.max(a, b) >= OTHER_ORDER ? OTHER_ORDER : Integer.compare(a, b);
    }

    private static int headSize(byte initial) {
        int info = initial & 31;
        return info < 24 ? 1 : 1 + (1 << info - 24);
    }

    /** Where the value ends that begins at an offset; negative if not within the leaf. The block's hash was checked, and we wrote it. */
    private int skip(int begin) {
        int at = begin;
        for (long left = 1; left > 0; left--) {
            if (at < 0 || at >= size) {
                return REFUSED;
            }
            int initial = bytes[at] & 0xff;
            int head = headSize((byte) initial);
            long argument = initial & 31;
            if (head > 1) {
                if (head > 9 || at + head > size) {
                    return REFUSED;
                }
                argument = 0;
                for (int i = 1; i < head; i++) {
                    argument = argument << 8 | bytes[at + i] & 0xff;
                }
            }
            at += head;
            int major = initial >>> 5;
            if (major >= 2 && major <= 5 && (argument < 0 || argument > size - at)) {
                return REFUSED;
            }
            switch (major) {
                case 2, 3 -> at += (int) argument;
                case 4 -> left += argument;
                case 5 -> left += 2 * argument;
                case 6 -> left++;
                default -> {} // nothing but a head
            }
        }
        return at;
    }

    /** The leaf with the new entry, of a length that may be 0, between what stands before {@code from} and behind {@code to}. */
    private Block spliced(int start, int count, int newCount, int length) {
        int heads = CborWriter.headSize(newCount) - CborWriter.headSize(count);
        CborWriter out = new CborWriter(Limits.CHECKED, size + heads - (to - from) + length);
        out.raw(bytes, 0, TreeNodes.LEAF_HEAD);
        out.array(newCount);
        out.raw(bytes, start, from - start);
        out.raw(entry.array(), 0, length);
        out.raw(bytes, to, size - to);
        return Block.of(Cid.DAG_CBOR, out.finish());
    }
}
