package dev.livesync.database.pieces;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.DagCbor;
import dev.livesync.car.Limits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node of an attachment's tree: {@code {"height":h,"pieces":[[link,size]…]}} in dag-cbor. At height 1 the links name pieces, above nodes that are
 * one lower. The sizes are what the subtrees hold.
 *
 * @param height 1 to {@link #MOST_HEIGHT}
 * @param links 1 to {@link #MOST_LINKS}, in the order of the content; immutable
 */
public record PieceNode(int height, List<PieceLink> links) {
    /** Levels of nodes above the pieces, at most. */
    public static final int MOST_HEIGHT = 8;

    /** Links of a node, at most. */
    public static final int MOST_LINKS = 1_024;

    /** A node ends early only behind so many links. */
    static final int LEAST_LINKS = 16;

    /** The longest block of a node, in bytes. */
    public static final int MOST_BYTES = 1 << 16;

    /** The longest content, in bytes: 1 TiB. */
    public static final long MOST_CONTENT = 1L << 40;

    private static final String HEIGHT = "height";
    private static final String PIECES = "pieces";
    private static final Limits LIMITS =
            Limits.DEFAULT.toBuilder().blockBytes(MOST_BYTES).build();
    /** How each node's block begins: a map of two, and the key "height". */
    private static final byte[] START = {(byte) 0xa2, 0x66, 'h', 'e', 'i', 'g', 'h', 't'};

    /** Copies the list. */
    public PieceNode {
        links = List.copyOf(links);
    }

    /** Whether a node ends behind a link: a function of the links alone, so that equal stretches get equal nodes. */
    static boolean endsBehind(PieceLink link, int count) {
        return count == MOST_LINKS || count >= LEAST_LINKS && (link.cid().digestLong(3) & 0xff) == 0;
    }

    /**
     * How much content it stands for.
     *
     * @return bytes
     */
    public long size() {
        return links.stream().mapToLong(PieceLink::size).sum();
    }

    /**
     * Writes the node.
     *
     * @return its block
     */
    public Block block() {
        List<Value> pairs = new ArrayList<>(links.size());
        for (PieceLink link : links) {
            pairs.add(new Value.Sequence(List.of(new Value.Link(link.cid()), new Value.Int(link.size()))));
        }
        return DagCbor.block(
                new Value.Mapping(Map.of(HEIGHT, new Value.Int(height), PIECES, new Value.Sequence(pairs))), LIMITS);
    }

    /**
     * Tells nodes from a database's other blocks, which begin otherwise.
     *
     * @param block any block
     * @return the node; empty if it is something else
     */
    public static Optional<PieceNode> tryDecode(Block block) {
        if (block.cid().codec() != Cid.DAG_CBOR || block.size() < START.length || block.size() > MOST_BYTES) {
            return Optional.empty();
        }
        ByteBuffer start = block.bytes().limit(START.length);
        try {
            return start.equals(ByteBuffer.wrap(START)) ? Optional.of(decode(block)) : Optional.empty();
        } catch (SyncException e) {
            return Optional.empty();
        }
    }

    /**
     * Refuses what is too long for a block of an attachment.
     *
     * @param block any
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED}
     */
    public static void requireSize(Block block) {
        if (block.size() > (block.cid().codec() == Cid.RAW ? GearChunker.MOST : MOST_BYTES)) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "block " + block.cid() + " of " + block.size() + " bytes is too long for one of an attachment");
        }
    }

    /**
     * Reads a node. Anything may have been announced as one: checked are its form, the number of links, the codecs for its height, and that the sizes
     * are possible.
     *
     * @param block its block
     * @return the node
     * @throws SyncException {@link ErrorKind#MALFORMED}, {@link ErrorKind#UNSUPPORTED} or {@link ErrorKind#LIMIT_EXCEEDED}, naming the block
     */
    public static PieceNode decode(Block block) {
        Value value = DagCbor.decode(block, LIMITS);
        if (value instanceof Value.Mapping map
                && map.entries().size() == 2
                && map.entries().get(HEIGHT) instanceof Value.Int height
                && map.entries().get(PIECES) instanceof Value.Sequence pairs
                && height.value() >= 1
                && height.value() <= MOST_HEIGHT
                && !pairs.items().isEmpty()
                && pairs.items().size() <= MOST_LINKS) {
            int level = (int) height.value();
            List<PieceLink> links = new ArrayList<>(pairs.items().size());
            long total = 0;
            for (Value pair : pairs.items()) {
                PieceLink link = link(block, pair, level);
                links.add(link);
                total += link.size(); // at most 1,024 times 2^40
            }
            if (total > MOST_CONTENT) {
                throw new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        "node " + block.cid() + " of an attachment stands for " + total + " bytes, over the limit of "
                                + MOST_CONTENT);
            }
            return new PieceNode(level, links);
        }
        throw malformed(block, "it is no map of a height and 1 to " + MOST_LINKS + " pieces");
    }

    /**
     * Holds the node against whoever names it.
     *
     * @param link what it is named with
     * @param expected the height that it has to have; 0 if it is the root
     * @throws SyncException {@link ErrorKind#MALFORMED} if it stands for another size or has another height
     */
    void requireNamed(PieceLink link, int expected) {
        if (size() != link.size() || expected != 0 && height != expected) {
            throw new SyncException(
                    ErrorKind.MALFORMED,
                    "node " + link.cid() + " of an attachment stands for " + size() + " bytes at height " + height
                            + " and is named with " + link.size() + (expected == 0 ? "" : " at " + expected));
        }
    }

    private static PieceLink link(Block block, Value pair, int height) {
        if (pair instanceof Value.Sequence items
                && items.items().size() == 2
                && items.items().get(0) instanceof Value.Link link
                && items.items().get(1) instanceof Value.Int size) {
            long most = height == 1 ? GearChunker.MOST : MOST_CONTENT;
            if (size.value() < 1 || size.value() > most) {
                throw malformed(block, "it names a part of " + size.value() + " bytes");
            }
            if (link.cid().codec() != (height == 1 ? Cid.RAW : Cid.DAG_CBOR)) {
                throw malformed(block, "at height " + height + " it names " + link.cid());
            }
            return new PieceLink(link.cid(), size.value());
        }
        throw malformed(block, "it holds something else than pairs of a link and a size");
    }

    private static SyncException malformed(Block block, String why) {
        return new SyncException(ErrorKind.MALFORMED, "node " + block.cid() + " of an attachment: " + why);
    }
}
