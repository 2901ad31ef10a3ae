package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNode.LeafEntry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * The codec of tree nodes: canonical dag-cbor, a leaf <code>{leaf:[[key,value]…],closed}</code> or a branch <code>
 * {branch:[distance,[[firstKey,CID]…]],closed}</code>, with exactly these keys.
 *
 * <p>A node is refused if it has no entries, or if its keys do not ascend strictly by UTF-16 code units. {@code closed} has to be a
 * boolean and {@code distance} an integer of 64 bits, but what they say is not held against anything. Keys are strings of any kind.
 */
public final class TreeNodes {
    static final byte[] LEAF = CborWriter.constant(2, "leaf");
    private static final byte[] BRANCH = CborWriter.constant(2, "branch");
    private static final byte[] CLOSED = CborWriter.constant("closed");

    private TreeNodes() {}

    /**
     * Whether a block says of itself that it is a tree node: dag-cbor, and a map of two whose first key is {@code leaf} or {@code
     * branch}. Looks at the first bytes only.
     *
     * @param block any block
     * @return true if {@link #decode} is worth trying
     */
    public static boolean looksLikeNode(Block block) {
        if (block.cid().codec() != Cid.DAG_CBOR || block.size() < LEAF.length) {
            return false;
        }
        ByteBuffer content = block.bytes();
        return startsWith(content, LEAF) || startsWith(content, BRANCH);
    }

    /**
     * Whether a node says that its last entry cuts. Looks at the last byte only.
     *
     * @param node the block of a node
     * @return what decoding it would give for {@link TreeNode#closed()}
     */
    public static boolean endsClosed(Block node) {
        return (node.bytes().get(node.size() - 1) & 0xff) == CborReader.TRUE;
    }

    /**
     * Decodes a node within {@link Limits#DEFAULT}.
     *
     * @param block its block
     * @return the node, its values still encoded
     * @throws SyncException as {@link #decode(Block, Limits)}
     */
    public static TreeNode decode(Block block) {
        return decode(block, Limits.DEFAULT);
    }

    /**
     * Decodes a node.
     *
     * @param block its block
     * @param limits what it must keep
     * @return the node, its values still encoded
     * @throws SyncException naming block and offset: {@link ErrorKind#MALFORMED} if it is not canonical dag-cbor or no node, {@link
     *     ErrorKind#LIMIT_EXCEEDED}, {@link ErrorKind#UNSUPPORTED} for another codec or unknown CIDs
     */
    public static TreeNode decode(Block block, Limits limits) {
        return decode(block, DagCbor.reader(block, limits), limits);
    }

    /**
     * Decodes nodes one after the other through one buffer: for whoever reads many. What it gives does not hold on to the buffer.
     *
     * <p>One thread at a time.
     */
    public static final class Decoder {
        private final Limits limits;
        private final BlockBuffer buffer = new BlockBuffer();

        /**
         * Makes a decoder.
         *
         * @param limits what nodes must keep
         */
        public Decoder(Limits limits) {
            this.limits = Objects.requireNonNull(limits, "limits");
        }

        /**
         * Decodes a node.
         *
         * @param block its block
         * @return the node, its values still encoded
         * @throws SyncException as {@link TreeNodes#decode(Block, Limits)}
         */
        public TreeNode decode(Block block) {
            DagCbor.requireReadable(block, limits);
            byte[] bytes = buffer.fill(block);
            return TreeNodes.decode(block, new CborReader(bytes, 0, block.size(), limits, block.cid()), limits);
        }
    }

    private static TreeNode decode(Block block, CborReader in, Limits limits) {
        if (in.accept(LEAF)) {
            ByteBuffer bytes = block.bytes();
            List<LeafEntry> entries = entries(in, limits, key -> {
                int from = in.offset();
                in.skip();
                return new LeafEntry(key, new Encoded(bytes, from, in.offset() - from, block.cid()));
            });
            return new TreeNode.Leaf(block, entries, closed(in));
        }
        if (in.accept(BRANCH)) {
            int at = in.offset();
            if (in.array("the branch") != 2) {
                throw in.malformed("the branch is not an array of distance and entries", at);
            }
            long distance = in.integer("the branch's distance");
            Ends ends = new Ends();
            List<BranchEntry> entries = entries(in, limits, key -> {
                BranchEntry entry = new BranchEntry(key, in.link("a branch's child"));
                ends.add(in.offset());
                return entry;
            });
            return new TreeNode.Branch(block, distance, entries, ends.toArray(), closed(in));
        }
        throw in.malformed("not a tree node: it does not start as a map of \"leaf\" or \"branch\" and \"closed\"", 0);
    }

    /**
     * Writes a leaf.
     *
     * @param entries the documents, strictly ascending, at least one
     * @param closed whether the last entry cuts
     * @return the node with its new block
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if there are no entries, they do not ascend, or a key has a lone
     *     surrogate; {@link ErrorKind#LIMIT_EXCEEDED} if the block is too large for an array. Documents are not checked again:
     *     whoever encoded them has chosen the limits
     */
    public static TreeNode.Leaf leaf(List<LeafEntry> entries, boolean closed) {
        List<LeafEntry> copy = List.copyOf(entries);
        requireAscending(copy, LeafEntry::key);
        long bytes = 0;
        for (LeafEntry entry : copy) {
            bytes += entry.encodedSize();
        }
        CborWriter out = writer(leafSize(copy.size(), bytes));
        out.raw(LEAF);
        out.array(copy.size());
        for (LeafEntry entry : copy) {
            entry.writeTo(out);
        }
        return new TreeNode.Leaf(finish(out, closed), copy, closed);
    }

    /**
     * Writes a branch.
     *
     * @param distance the height above the leaves, 1 for their parents
     * @param entries the children, strictly ascending, at least one
     * @param closed whether the last entry cuts
     * @return the node with its new block
     * @throws SyncException as {@link #leaf}
     */
    public static TreeNode.Branch branch(long distance, List<BranchEntry> entries, boolean closed) {
        List<BranchEntry> copy = List.copyOf(entries);
        requireAscending(copy, BranchEntry::key);
        long bytes = 0;
        for (BranchEntry entry : copy) {
            bytes += entry.encodedSize();
        }
        CborWriter out = writer(branchSize(distance, copy.size(), bytes));
        out.raw(BRANCH);
        out.array(2);
        out.integer(distance);
        out.array(copy.size());
        int[] ends = new int[copy.size()];
        for (int i = 0; i < ends.length; i++) {
            copy.get(i).writeTo(out);
            ends[i] = out.size();
        }
        return new TreeNode.Branch(finish(out, closed), distance, copy, ends, closed);
    }

    /**
     * The size of a leaf without making it.
     *
     * @param entries how many entries
     * @param entryBytes the sum of their {@link LeafEntry#encodedSize()}
     * @return bytes of the block
     */
    public static long leafSize(int entries, long entryBytes) {
        return LEAF.length + CborWriter.headSize(entries) + entryBytes + CLOSED.length + 1;
    }

    /**
     * The size of a branch without making it.
     *
     * @param distance the height above the leaves, 0 or more
     * @param entries how many entries
     * @param entryBytes the sum of their {@link BranchEntry#encodedSize()}
     * @return bytes of the block
     */
    public static long branchSize(long distance, int entries, long entryBytes) {
        return BRANCH.length
                + 1
                + CborWriter.headSize(distance)
                + CborWriter.headSize(entries)
                + entryBytes
                + CLOSED.length
                + 1;
    }

    private static final class Ends {
        private int[] ends = new int[32];
        private int count;

        void add(int end) {
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, 2 * count);
            }
            ends[count++] = end;
        }

        int[] toArray() {
            return Arrays.copyOf(ends, count);
        }
    }

    private static <E> List<E> entries(CborReader in, Limits limits, Function<String, E> rest) {
        int start = in.offset();
        int count = in.array("the node's entries");
        if (count == 0) {
            throw in.malformed("a tree node without entries", start);
        }
        if (count > limits.items()) {
            throw in.limit("more than " + limits.items() + " entries", start);
        }
        List<E> entries = new ArrayList<>(count);
        String previous = null;
        for (int i = 0; i < count; i++) {
            int at = in.offset();
            if (in.array("a tree entry") != 2) {
                throw in.malformed("a tree entry is not an array of key and value", at);
            }
            int keyAt = in.offset();
            String key = in.text("a tree key");
            if (previous != null && previous.compareTo(key) >= 0) {
                throw in.malformed("tree keys do not ascend", keyAt);
            }
            previous = key;
            entries.add(rest.apply(key));
        }
        return Collections.unmodifiableList(entries);
    }

    private static boolean closed(CborReader in) {
        if (!in.accept(CLOSED)) {
            throw in.malformed("the tree node lacks \"closed\" after its entries", in.offset());
        }
        boolean closed = in.bool("closed");
        in.requireEnd();
        return closed;
    }

    /** A writer whose array becomes the block's. */
    private static CborWriter writer(long size) {
        return new CborWriter(Limits.CHECKED, (int) Math.min(size, Limits.CHECKED.blockBytes()));
    }

    private static Block finish(CborWriter out, boolean closed) {
        out.raw(CLOSED);
        out.bool(closed);
        return Block.of(Cid.DAG_CBOR, out.finish());
    }

    private static <E> void requireAscending(List<E> entries, Function<E, String> keyOf) {
        if (entries.isEmpty()) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a tree node has at least one entry");
        }
        for (int i = 1; i < entries.size(); i++) {
            if (keyOf.apply(entries.get(i - 1)).compareTo(keyOf.apply(entries.get(i))) >= 0) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a tree node's keys ascend strictly");
            }
        }
    }

    private static boolean startsWith(ByteBuffer content, byte[] bytes) {
        if (content.limit() < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (content.get(i) != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}
