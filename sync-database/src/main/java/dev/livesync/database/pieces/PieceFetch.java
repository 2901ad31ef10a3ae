package dev.livesync.database.pieces;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds out which blocks of a content are missing, in the order of the content, as far as the nodes that are here say. Each node is read once, so what it takes is bounded by
 * what is stored. Whoever fetches holds what he finds ({@link PieceStore#hold()}) until he is done, for it isn't looked for again. One thread at a time.
 */
public final class PieceFetch {
    /** How many missing blocks are known at a time. */
    private static final int KNOWN = 256;

    private final PieceStore store;
    private final Deque<Step> todo = new ArrayDeque<>();
    private final Map<Cid, Step> missing = new LinkedHashMap<>();
    private final Set<Cid> nodes = new HashSet<>();

    /** A part of the content, and how high a node it has to be; 0 for a root of any height. */
    private record Step(PieceLink link, int height) {}

    /**
     * Starts at the root.
     *
     * @param store where the blocks are, and come to
     * @param root the root, and the size that whoever named it states
     */
    public PieceFetch(PieceStore store, PieceLink root) {
        this.store = store;
        todo.push(new Step(root, 0));
    }

    /**
     * The blocks that are missing.
     *
     * @return the first of them; empty if all is here. A view: changes as blocks arrive
     * @throws SyncException {@link ErrorKind#MALFORMED} if a node is none, or stands for something else than it is named with
     */
    public Set<Cid> missing() {
        for (Cid cid : List.copyOf(missing.keySet())) {
            if (store.contains(cid) && store.need(cid) >= 0) { // somebody has put it here meanwhile
                stored(cid);
            }
        }
        while (missing.size() < KNOWN && !todo.isEmpty()) {
            look(todo.pop());
        }
        return Collections.unmodifiableSet(missing.keySet());
    }

    private void look(Step step) {
        Cid cid = step.link.cid();
        if (cid.codec() == Cid.RAW) {
            int size = store.need(cid);
            if (size < 0) {
                missing.putIfAbsent(cid, step);
            } else {
                requireSize(step, size);
            }
            return;
        }
        if (nodes.contains(cid)) {
            return;
        }
        Block block = store.need(cid) < 0 ? null : store.find(cid);
        if (block == null) {
            missing.putIfAbsent(cid, step);
            return;
        }
        PieceNode node = PieceNode.decode(block);
        node.requireNamed(step.link, step.height);
        nodes.add(cid);
        List<PieceLink> links = node.links();
        for (int i = links.size() - 1; i >= 0; i--) {
            todo.push(new Step(links.get(i), node.height() - 1));
        }
    }

    private static void requireSize(Step step, int size) {
        if (size != step.link.size()) {
            throw new SyncException(
                    ErrorKind.MALFORMED,
                    "piece " + step.link.cid() + " of an attachment has " + size + " bytes and is named with "
                            + step.link.size());
        }
    }

    /**
     * Whether a block is one of the {@link #missing()} ones.
     *
     * @param cid any
     * @return true if it is waited for
     */
    public boolean waitsFor(Cid cid) {
        return missing.containsKey(cid);
    }

    /**
     * Goes on behind a block that has been stored.
     *
     * @param cid what came; anything
     * @throws SyncException {@link ErrorKind#MALFORMED} as {@link #missing()}
     */
    public void stored(Cid cid) {
        Step step = missing.remove(cid);
        if (step != null) {
            look(step);
        }
    }
}
