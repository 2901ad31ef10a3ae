package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A node of a tree of documents: entries in strictly ascending order of their keys ({@link String#compareTo}), at least one.
 *
 * <p>Made by {@link TreeNodes} only. Immutable; any thread.
 */
public abstract sealed class TreeNode {
    private final Block block;
    private final boolean closed;

    private TreeNode(Block block, boolean closed) {
        this.block = block;
        this.closed = closed;
    }

    /**
     * The block that is this node.
     *
     * @return the verified block
     */
    public Block block() {
        return block;
    }

    /**
     * The node's identity.
     *
     * @return the CID of {@link #block()}
     */
    public Cid cid() {
        return block.cid();
    }

    /**
     * What the author wrote under {@code closed}: whether the last entry cuts. Not checked; a reader ignores it.
     *
     * @return the author's claim
     */
    public boolean closed() {
        return closed;
    }

    /**
     * The smallest key in and below this node.
     *
     * @return the first entry's key
     */
    public abstract String firstKey();

    /**
     * Compares the CIDs.
     *
     * @param other anything
     * @return true for a node with the same CID
     */
    @Override
    public final boolean equals(Object other) {
        return other instanceof TreeNode n && cid().equals(n.cid());
    }

    @Override
    public final int hashCode() {
        return cid().hashCode();
    }

    /** The kind, the CID and how many entries; neither keys nor values. */
    @Override
    public abstract String toString();

    /** A node that holds documents. */
    public static final class Leaf extends TreeNode {
        private final List<LeafEntry> entries;

        Leaf(Block block, List<LeafEntry> entries, boolean closed) {
            super(block, closed);
            this.entries = entries;
        }

        /**
         * The documents.
         *
         * @return at least one entry, ascending
         */
        public List<LeafEntry> entries() {
            return entries;
        }

        @Override
        public String firstKey() {
            return entries.get(0).key();
        }

        @Override
        public String toString() {
            return "leaf " + cid() + " of " + entries.size();
        }
    }

    /** A node that points to other nodes. */
    public static final class Branch extends TreeNode {
        private final long distance;
        private final List<BranchEntry> entries;
        /** Where the entries end in the block, and so the CIDs that they end with. */
        private final int[] ends;

        Branch(Block block, long distance, List<BranchEntry> entries, int[] ends, boolean closed) {
            super(block, closed);
            this.distance = distance;
            this.entries = entries;
            this.ends = ends;
        }

        /**
         * The same branch with another child in one place, made from its bytes.
         *
         * @param index which entry
         * @param child the CID that it gets
         * @return a branch with a new block; as {@link TreeNodes#branch} would make it
         * @throws IndexOutOfBoundsException if there is no such entry
         */
        public Branch withChild(int index, Cid child) {
            BranchEntry[] changed = entries.toArray(BranchEntry[]::new);
            changed[index] = new BranchEntry(entries.get(index).key(), child);
            byte[] bytes = block().toByteArray();
            child.writeTo(bytes, ends[index] - Cid.BYTES);
            return new Branch(
                    Block.of(Cid.DAG_CBOR, bytes),
                    distance,
                    Collections.unmodifiableList(Arrays.asList(changed)),
                    ends,
                    closed());
        }

        /**
         * What the author wrote as the height above the leaves. Not checked; a reader ignores it.
         *
         * @return the author's claim
         */
        public long distance() {
            return distance;
        }

        /**
         * The children.
         *
         * @return at least one entry, ascending
         */
        public List<BranchEntry> entries() {
            return entries;
        }

        @Override
        public String firstKey() {
            return entries.get(0).key();
        }

        @Override
        public String toString() {
            return "branch " + cid() + " of " + entries.size();
        }
    }

    /**
     * A document in a leaf.
     *
     * @param key its key
     * @param value its dag-cbor
     */
    public record LeafEntry(String key, Encoded value) {
        /**
         * How much this entry adds to its node.
         *
         * @return bytes
         * @throws dev.livesync.api.SyncException {@link dev.livesync.api.ErrorKind#INVALID_ARGUMENT} if the key has a lone
         *     surrogate
         */
        public int encodedSize() {
            return 1 + CborWriter.textSize(key) + value.size();
        }

        void writeTo(CborWriter out) {
            out.array(2);
            out.text(key);
            value.writeTo(out);
        }
    }

    /**
     * A child in a branch.
     *
     * @param key the first key of the child
     * @param child its CID
     */
    public record BranchEntry(String key, Cid child) {
        /**
         * How much this entry adds to its node.
         *
         * @return bytes
         * @throws dev.livesync.api.SyncException {@link dev.livesync.api.ErrorKind#INVALID_ARGUMENT} if the key has a lone
         *     surrogate
         */
        public int encodedSize() {
            return 1 + CborWriter.textSize(key) + CborWriter.LINK_SIZE;
        }

        void writeTo(CborWriter out) {
            out.array(2);
            out.text(key);
            out.link(child);
        }
    }
}
