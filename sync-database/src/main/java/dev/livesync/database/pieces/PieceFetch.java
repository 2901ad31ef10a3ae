package dev.livesync.database.pieces;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which blocks of a content are missing, in the order of the content, as far as the nodes that are here say. Each node is read once, so what it takes is bounded by
 * what is stored. Whoever fetches holds what he finds ({@link PieceBlocks#hold()}) until he is done, for it isn't looked for again. One thread at a time.
 */
public final class PieceFetch {
    /** How many missing blocks are known at a time. */
    private static final int KNOWN = 256;

    private final PieceBlocks store;
    private final Deque<Step> todo = new ArrayDeque<>();
    private final Map<Cid, Step> missing = new LinkedHashMap<>();
    private final Set<Cid> nodes = new HashSet<>();

    private long additions;

    /** A part of the content, and how high a node it has to be; 0 for a root of any height. */
    private record Step(PieceLink link, int height) {}

    /**
     * Starts at the root.
     *
     * @param store where the blocks are, and come to
     * @param root the root, and the size that whoever named it states
     */
    public PieceFetch(PieceBlocks store, PieceLink root) {
        this.store = store;
        this.additions = store.additions();
        todo.push(new Step(root, 0));
    }

    /**
     * The blocks that are missing.
     *
     * @return the first of them; empty if all is here. A view: changes as blocks arrive
     * @throws SyncException {@link ErrorKind#MALFORMED} if a node is none, or stands for something else than it is named with
     */
    public Set<Cid> missing() {
        long now = store.additions();
        if (now != additions && !missing.isEmpty()) { // somebody may have put some of it here meanwhile
            additions = now;
            lookAgain(store.need(missing.keySet()));
        }
        while (missing.size() < KNOWN && !todo.isEmpty()) {
            List<Step> some = next();
            Map<Cid, Integer> here =
                    store.need(some.stream().map(step -> step.link.cid()).toList());
            some.forEach(step -> look(step, here.get(step.link.cid())));
        }
        return Collections.unmodifiableSet(missing.keySet());
    }

    /** The next node, or the pieces before it. */
    private List<Step> next() {
        List<Step> some = new ArrayList<>();
        do {
            some.add(todo.pop());
        } while (isPiece(some.get(0)) && some.size() < KNOWN && !todo.isEmpty() && isPiece(todo.peek()));
        return some;
    }

    private static boolean isPiece(Step step) {
        return step.link.cid().codec() == Cid.RAW;
    }

    private void look(Step step, @Nullable Integer size) {
        Cid cid = step.link.cid();
        if (isPiece(step)) {
            if (size == null) {
                missing.putIfAbsent(cid, step);
            } else {
                requireSize(step, size);
            }
            return;
        }
        if (nodes.contains(cid)) {
            return;
        }
        Block block = size == null ? null : store.find(cid);
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
        if (missing.containsKey(cid)) {
            lookAgain(store.need(Set.of(cid)));
        }
    }

    private void lookAgain(Map<Cid, Integer> come) {
        List<Cid> waited = missing.keySet().stream().filter(come::containsKey).toList();
        for (Cid cid : waited) {
            Step step = missing.remove(cid);
            if (step != null) {
                look(step, come.get(cid));
            }
        }
    }
}
