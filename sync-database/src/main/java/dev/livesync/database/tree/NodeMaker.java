package dev.livesync.database.tree;

import dev.livesync.car.TreeNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Cuts one level's entries into nodes, from the start of a node onwards. */
final class NodeMaker<E> {
    /** The largest node, in bytes, except for one that holds as few entries as it can. */
    static final int MAX_NODE = 64 << 10;

    private final NodeKind<E> kind;
    private final Consumer<TreeNode> sink;
    private final List<E> entries = new ArrayList<>();
    private long bytes;

    NodeMaker(NodeKind<E> kind, Consumer<TreeNode> sink) {
        this.kind = kind;
        this.sink = sink;
    }

    /** Whether the next entry starts a node, whatever it is. */
    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Whether this entry would start a node, because it doesn't fit into the one begun. */
    boolean cutsBefore(E entry) {
        return cutsBefore(kind.size(entry));
    }

    private boolean cutsBefore(int size) {
        return entries.size() >= kind.least() && kind.nodeSize(entries.size() + 1, bytes + size) > MAX_NODE;
    }

    void add(E entry) {
        add(entry, kind.cuts(entry));
    }

    /** Adds an entry of which it is known whether it cuts. */
    void add(E entry, boolean cuts) {
        int size = kind.size(entry);
        if (cutsBefore(size)) {
            end(false);
        }
        entries.add(entry);
        bytes += size;
        if (cuts) {
            end(true);
        }
    }

    /** Ends the node begun, if there is one, although its last entry doesn't cut. */
    void end() {
        if (!entries.isEmpty()) {
            end(false);
        }
    }

    private void end(boolean closed) {
        TreeNode node = kind.make(entries, closed);
        entries.clear();
        bytes = 0;
        sink.accept(node);
    }
}
