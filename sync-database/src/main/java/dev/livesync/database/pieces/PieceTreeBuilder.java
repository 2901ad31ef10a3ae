package dev.livesync.database.pieces;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes the tree of a content while it is read. What it names depends on the content alone. One use, one thread; holds one megabyte and one unfinished
 * node for each level.
 */
public final class PieceTreeBuilder {
    private static final int BUFFER = 4 * GearChunker.MOST;

    private final Consumer<Block> blocks;
    private final List<List<PieceLink>> levels = new ArrayList<>();

    /**
     * Starts a tree.
     *
     * @param blocks takes each piece and each node, children before their parents, equal ones as often as they occur
     */
    public PieceTreeBuilder(Consumer<Block> blocks) {
        this.blocks = blocks;
    }

    /**
     * Reads a content to its end.
     *
     * @param in the content; not closed
     * @return the root: a single piece if the content fits into one, else a node
     * @throws IOException as the stream throws it
     */
    public PieceLink build(InputStream in) throws IOException {
        byte[] buffer = new byte[BUFFER];
        int from = 0;
        int to = 0;
        boolean ended = false;
        while (true) {
            while (!ended && to - from < GearChunker.MOST) {
                if (to == buffer.length) {
                    System.arraycopy(buffer, from, buffer, 0, to - from);
                    to -= from;
                    from = 0;
                }
                int n = in.read(buffer, to, buffer.length - to);
                ended = n < 0;
                to += Math.max(n, 0);
            }
            if (from == to) {
                return finish();
            }
            int length = GearChunker.length(buffer, from, to);
            add(Block.of(Cid.RAW, Arrays.copyOfRange(buffer, from, from + length)));
            from += length;
        }
    }

    private void add(Block piece) {
        blocks.accept(piece);
        add(new PieceLink(piece.cid(), piece.size()));
    }

    /** Adds the next piece, which somebody else has taken. */
    void add(PieceLink piece) {
        add(0, piece);
    }

    private void add(int level, PieceLink link) {
        if (level == levels.size()) {
            levels.add(new ArrayList<>());
        }
        List<PieceLink> links = levels.get(level);
        links.add(link);
        if (PieceNode.endsBehind(link, links.size())) {
            close(level);
        }
    }

    private void close(int level) {
        List<PieceLink> links = levels.get(level);
        PieceNode node = new PieceNode(level + 1, links);
        links.clear();
        Block block = node.block();
        blocks.accept(block);
        add(level + 1, new PieceLink(block.cid(), node.size()));
    }

    /** Ends the tree. */
    PieceLink finish() {
        if (levels.isEmpty()) {
            Block empty = Block.of(Cid.RAW, new byte[0]);
            blocks.accept(empty);
            return new PieceLink(empty.cid(), 0);
        }
        int level = 0;
        while (level < levels.size() - 1 || levels.get(level).size() > 1) {
            if (!levels.get(level).isEmpty()) {
                close(level);
            }
            level++;
        }
        return levels.get(level).get(0);
    }
}
