package dev.livesync.database.pieces;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Walks over trees, as far as they are here. Each node is read once, however often it is named, so what a walk takes is bounded by what is stored,
 * whatever a peer's document names.
 */
public final class PieceTrees {
    private PieceTrees() {}

    /**
     * What is below some roots.
     *
     * @param store where the nodes are
     * @param roots roots, or anything
     * @return the roots and all that the nodes name which are here, each once; what is not here may be among it
     */
    public static Set<Cid> reachable(PieceBlocks store, Collection<Cid> roots) {
        Set<Cid> seen = new HashSet<>();
        Deque<Cid> todo = new ArrayDeque<>();
        for (Cid root : roots) {
            if (seen.add(root)) {
                todo.push(root);
            }
        }
        while (!todo.isEmpty()) {
            node(store, todo.pop()).ifPresent(node -> {
                for (PieceLink link : node.links()) {
                    if (seen.add(link.cid()) && node.height() > 1) {
                        todo.push(link.cid());
                    }
                }
            });
        }
        return seen;
    }

    private static Optional<PieceNode> node(PieceBlocks store, Cid cid) {
        if (cid.codec() != Cid.DAG_CBOR) {
            return Optional.empty();
        }
        Block block = store.find(cid);
        return block == null ? Optional.empty() : PieceNode.tryDecode(block);
    }

    /**
     * How much of a content isn't here.
     *
     * @param store where it may be
     * @param root the root, and the size that whoever named it states
     * @return bytes of content; all of it where a node is missing
     * @throws dev.livesync.api.SyncException {@link dev.livesync.api.ErrorKind#MALFORMED} if a node stands for another size than it is named with
     */
    public static long missing(PieceBlocks store, PieceLink root) {
        return missing(store, root, 0, new HashMap<>());
    }

    private static long missing(PieceBlocks store, PieceLink link, int height, Map<Cid, Long> known) {
        if (link.cid().codec() == Cid.RAW) {
            return store.present(Set.of(link.cid())).isEmpty() ? link.size() : 0;
        }
        Block block = store.find(link.cid());
        if (block == null) {
            return link.size();
        }
        PieceNode node = PieceNode.decode(block);
        node.requireNamed(link, height);
        Long before = known.get(link.cid());
        if (before != null) {
            return before;
        }
        long sum = 0;
        if (node.height() == 1) {
            Set<Cid> here =
                    store.present(node.links().stream().map(PieceLink::cid).toList());
            for (PieceLink below : node.links()) {
                sum += here.contains(below.cid()) ? 0 : below.size();
            }
        } else {
            for (PieceLink below : node.links()) {
                sum += missing(store, below, node.height() - 1, known);
            }
        }
        known.put(link.cid(), sum);
        return sum;
    }
}
