package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNode.BranchEntry;
import dev.livesync.car.TreeNodes;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Stored blocks of peers that belong to no event, by peer in the order of arrival: nodes of trees whose events have not come yet, and
 * whatever else somebody sends. An event takes the tree that it names out of them, as far as that is here. Guarded by the replica's
 * lock.
 *
 * <p>No document depends on them, and no tree that this database goes on from stands on one: {@link LocalWrite} and {@link TreeRebuild} write
 * such a node again. So they may be given up at any time.
 */
final class Orphans {
    /** How many bytes a block counts in its peer's quota besides its own: about what it takes in memory. */
    private static final int OVERHEAD = 256;

    private final Map<Cid, Orphan> all = new HashMap<>();
    private final Map<String, Peer> peers = new HashMap<>();

    private record Orphan(String peer, long time, long cost) {}

    private static final class Peer {
        final LinkedHashMap<Cid, Orphan> oldestFirst = new LinkedHashMap<>();
        long cost;
    }

    static long cost(int size) {
        return (long) size + OVERHEAD;
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    boolean contains(Cid cid) {
        return all.containsKey(cid);
    }

    /** Adds a block; if it is here already, it stays as it is. */
    void add(Cid cid, int size, String peer, long time) {
        Orphan orphan = new Orphan(peer, time, cost(size));
        if (all.putIfAbsent(cid, orphan) == null) {
            Peer of = peers.computeIfAbsent(peer, p -> new Peer());
            of.oldestFirst.put(cid, orphan);
            of.cost += orphan.cost;
        }
    }

    /** Removes a block that belongs to an event now or is given up. */
    void remove(Cid cid) {
        Orphan orphan = all.remove(cid);
        Peer peer = orphan == null ? null : peers.get(orphan.peer);
        if (orphan != null && peer != null) {
            peer.oldestFirst.remove(cid);
            peer.cost -= orphan.cost;
            if (peer.oldestFirst.isEmpty()) {
                peers.remove(orphan.peer);
            }
        }
    }

    /** Removes the nodes below a root. Each is read only once, since it is not entered again after that. */
    void claim(@Nullable Cid root, Function<Cid, @Nullable Block> reader) {
        if (root == null || !contains(root)) {
            return;
        }
        ArrayDeque<Cid> todo = new ArrayDeque<>(List.of(root));
        for (Cid cid = todo.poll(); cid != null; cid = todo.poll()) {
            TreeNode node = contains(cid) ? node(reader.apply(cid)) : null;
            if (node == null) {
                continue;
            }
            remove(cid);
            if (node instanceof TreeNode.Branch branch) {
                for (BranchEntry e : branch.entries()) {
                    if (contains(e.child())) {
                        todo.add(e.child());
                    }
                }
            }
        }
    }

    /** Decodes a node; null for anything else, since an author may name any block as the root. */
    static @Nullable TreeNode node(@Nullable Block block) {
        if (block == null || !TreeNodes.looksLikeNode(block)) {
            return null;
        }
        try {
            return TreeNodes.decode(block, DerivedState.STORED);
        } catch (SyncException e) {
            return null;
        }
    }

    /** The blocks that are too old, and the oldest ones of each peer that has too many. */
    List<Cid> excess(long bornBefore, long quota) {
        List<Cid> excess = new ArrayList<>();
        for (Peer peer : peers.values()) {
            long cost = peer.cost;
            for (Map.Entry<Cid, Orphan> e : peer.oldestFirst.entrySet()) {
                if (e.getValue().time >= bornBefore && cost <= quota) {
                    break;
                }
                excess.add(e.getKey());
                cost -= e.getValue().cost;
            }
        }
        return excess;
    }

    void save(ImageWriter out) {
        out.putInt(peers.size());
        peers.forEach((name, peer) -> {
            out.putString(name);
            out.putInt(peer.oldestFirst.size());
            peer.oldestFirst.forEach((cid, orphan) -> {
                out.putString(cid.toString());
                out.putLong(orphan.time);
                out.putLong(orphan.cost);
            });
        });
    }

    /** Fills an empty collection. */
    void load(ImageReader in) {
        for (int i = in.getCount(8); i > 0; i--) {
            String peer = in.getString();
            for (int j = in.getCount(20); j > 0; j--) {
                Cid cid = Cid.parse(in.getString());
                long time = in.getLong();
                add(cid, Math.toIntExact(in.getLong() - OVERHEAD), peer, time);
            }
        }
    }
}
