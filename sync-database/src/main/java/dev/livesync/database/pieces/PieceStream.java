package dev.livesync.database.pieces;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The content below a root, in order. Holds one piece and one node of each level; each block is read when it is its turn, so a content may be of any
 * length. Every block is held against what the one above it says. One thread.
 */
public class PieceStream extends InputStream {
    private final PieceSource source;
    private final Deque<Position> path = new ArrayDeque<>();
    private @Nullable PieceLink next;
    private int nextHeight;
    private byte[] piece = new byte[0];
    private int at;

    /** A place among the links of a node. */
    private static final class Position {
        private final PieceNode node;
        private int next;

        Position(PieceNode node) {
            this.node = node;
        }
    }

    /**
     * Starts at the beginning. Nothing is read yet.
     *
     * @param source where the blocks are
     * @param root a root, and the size that whoever named it states
     */
    public PieceStream(PieceSource source, PieceLink root) {
        this.source = source;
        this.next = root;
    }

    @Override
    public int read() {
        return fill() ? piece[at++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int n = Math.min(length, piece.length - at);
        System.arraycopy(piece, at, target, offset, n);
        at += n;
        return n;
    }

    /** Passes over whole parts of the tree without reading their blocks. */
    @Override
    public long skip(long n) {
        long left = n;
        while (left > 0) {
            int here = (int) Math.min(left, piece.length - at);
            at += here;
            left -= here;
            if (left == 0 || !advance()) {
                break;
            }
            PieceLink link = Objects.requireNonNull(next);
            if (link.size() <= left) {
                left -= link.size();
                next = null;
            } else {
                open();
            }
        }
        return n - Math.max(left, 0);
    }

    @Override
    public int available() {
        return piece.length - at;
    }

    private boolean fill() {
        while (at == piece.length) {
            if (!advance()) {
                return false;
            }
            open();
        }
        return true;
    }

    /** Goes to the next link, if there is none yet. */
    private boolean advance() {
        while (next == null) {
            Position position = path.peek();
            if (position == null) {
                return false;
            }
            if (position.next == position.node.links().size()) {
                path.pop();
            } else {
                next = position.node.links().get(position.next++);
                nextHeight = position.node.height() - 1;
            }
        }
        return true;
    }

    /** Reads the block of the next link: a piece becomes the current one, of a node the first link is the next. */
    private void open() {
        PieceLink link = Objects.requireNonNull(next);
        Block block = source.read(link.cid());
        if (link.cid().codec() == Cid.RAW) {
            if (block.size() != link.size()) {
                throw new SyncException(
                        ErrorKind.MALFORMED,
                        "piece " + link.cid() + " of an attachment has " + block.size() + " bytes and is named with "
                                + link.size());
            }
            piece = block.toByteArray();
            at = 0;
        } else {
            PieceNode node = PieceNode.decode(block);
            node.requireNamed(link, nextHeight);
            path.push(new Position(node));
        }
        next = null;
    }
}
