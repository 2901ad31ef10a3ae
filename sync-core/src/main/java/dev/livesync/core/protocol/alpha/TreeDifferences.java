package dev.livesync.core.protocol.alpha;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Encoded;
import dev.livesync.car.Keys;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNodes;
import dev.livesync.core.protocol.MessageSizes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Names the documents in which an author's tree differs from what the events say. For messages to people, so only the first few. */
final class TreeDifferences {
    private static final int MOST = 20;

    private TreeDifferences() {}

    /** Ids in the order of their keys; empty if the author's tree is not whole here, so that nobody can say. */
    static List<String> of(Snapshot snapshot, Event event) {
        Map<String, Encoded> theirs = new HashMap<>();
        if (!read(snapshot, event.root(), theirs)) {
            return List.of();
        }
        Set<String> keys = new TreeSet<>();
        for (Iterator<Block> nodes =
                        snapshot.canonicalTree(List.of(event.cid())).blocks();
                nodes.hasNext(); ) {
            if (TreeNodes.decode(nodes.next(), MessageSizes.ANY) instanceof TreeNode.Leaf leaf) {
                for (TreeNode.LeafEntry e : leaf.entries()) {
                    Encoded other = theirs.remove(e.key());
                    if (other == null || !e.value().equals(other)) {
                        keys.add(e.key());
                    }
                }
            }
        }
        keys.addAll(theirs.keySet());
        return keys.stream().filter(Keys::isKey).limit(MOST).map(Keys::toId).toList();
    }

    private static boolean read(Snapshot snapshot, @Nullable Cid root, Map<String, Encoded> documents) {
        Deque<Cid> todo = new ArrayDeque<>(root == null ? List.of() : List.of(root));
        Set<Cid> seen = new HashSet<>();
        while (!todo.isEmpty()) {
            Cid cid = todo.pop();
            Block block = seen.add(cid) ? snapshot.block(cid) : null;
            if (block == null || !TreeNodes.looksLikeNode(block)) {
                return false;
            }
            try {
                TreeNode node = TreeNodes.decode(block, MessageSizes.ANY);
                if (node instanceof TreeNode.Branch branch) {
                    branch.entries().forEach(e -> todo.push(e.child()));
                } else if (node instanceof TreeNode.Leaf leaf) {
                    leaf.entries().forEach(e -> documents.put(e.key(), e.value()));
                }
            } catch (SyncException e) {
                return false;
            }
        }
        return true;
    }
}
