package example.replica;

import dev.livesync.api.*;
import dev.livesync.api.replica.*;
import java.util.*;

/** A state, until it is closed. */
final class MemorySnapshot implements Snapshot {
    private State state; // null when closed

    MemorySnapshot(State state) {
        this.state = state;
    }

    @Override
    public Cursor cursor() {
        return state().cursor(state().feed.size());
    }

    @Override
    public List<Cid> heads() {
        return List.copyOf(state().heads);
    }

    @Override
    public Event event(Cid cid) {
        HistoryNode node = state().complete.get(cid);
        return node == null ? null : node.event;
    }

    @Override
    public Block block(Cid cid) {
        return state().blocks.get(cid);
    }

    @Override
    public List<Cid> missing(Collection<Cid> cids) {
        Set<Cid> stored = state().blocks.keySet();
        return cids.stream().filter(c -> !stored.contains(c)).distinct().toList();
    }

    @Override
    public Iterator<Cid> storedCids() {
        return Collections.unmodifiableSet(state().blocks.keySet()).iterator();
    }

    @Override
    public Tree tree(Cid event) {
        HistoryNode node = node(event);
        SortedMap<String, Event> documents = Merge.documents(List.of(node));
        Cid root = documents.isEmpty() ? null : node.event.root();
        Tree authors = root == null ? null : DocumentTrees.authors(root, documents, state().blocks);
        return authors == null ? DocumentTrees.canonical(documents) : authors;
    }

    @Override
    public Tree canonicalTree(Collection<Cid> clock) {
        return DocumentTrees.canonical(Merge.documents(nodes(clock)));
    }

    @Override
    public Summary summary() {
        State now = state();
        long documents = Merge.documents(nodes(now.heads)).size();
        long bytes = State.bytes(now.blocks.values());
        return new Summary(documents, now.complete.size(), now.pending.size(), now.blocks.size(), bytes);
    }

    @Override
    public void close() {
        state = null;
    }

    private State state() {
        if (state == null) {
            throw new SyncException(ErrorKind.CLOSED, "the snapshot is closed");
        }
        return state;
    }

    private List<HistoryNode> nodes(Collection<Cid> cids) {
        return cids.stream().map(this::node).toList();
    }

    private HistoryNode node(Cid cid) {
        HistoryNode node = state().complete.get(cid);
        if (node == null) {
            throw new SyncException(ErrorKind.NOT_FOUND, "event " + cid + " is not complete here");
        }
        return node;
    }
}
