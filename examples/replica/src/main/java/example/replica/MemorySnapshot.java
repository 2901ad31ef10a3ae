package example.replica;

import dev.livesync.api.*;
import dev.livesync.api.replica.*;
import java.util.*;

/** One state. The walks over events are the interface's defaults. */
final class MemorySnapshot implements Snapshot {
    private final State state;
    private final Cursor cursor;
    private volatile boolean closed;

    MemorySnapshot(State state, Cursor cursor) {
        this.state = state;
        this.cursor = cursor;
    }

    private State state() {
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the snapshot is closed");
        }
        return state;
    }

    @Override
    public Cursor cursor() {
        state();
        return cursor;
    }

    @Override public List<Cid> heads() { return state().heads(); }

    @Override public Event event(Cid cid) { return state().complete.get(cid); }

    @Override public Block block(Cid cid) { return state().blocks.get(cid); }

    @Override
    public List<Cid> missing(Collection<Cid> cids) {
        State now = state();
        return cids.stream().distinct().filter(cid -> !now.blocks.containsKey(cid)).toList();
    }

    @Override public Iterator<Cid> storedCids() { return List.copyOf(state().blocks.keySet()).iterator(); }

    @Override
    public Tree tree(Cid cid) {
        Event event = complete(cid);
        SortedMap<String, Event> documents = state.history.after(cid);
        List<Block> authors = event.root() == null ? null : DocumentTrees.authors(event.root(), state.blocks::get, documents);
        return tree(authors == null ? DocumentTrees.canonical(documents) : authors);
    }

    @Override
    public Tree canonicalTree(Collection<Cid> clock) {
        state();
        clock.forEach(this::complete);
        return tree(DocumentTrees.canonical(state.history.documents(clock)));
    }

    private Event complete(Cid cid) {
        Event event = event(cid);
        if (event == null) {
            throw new SyncException(ErrorKind.NOT_FOUND, "event " + cid + " is not complete here");
        }
        return event;
    }

    private static Tree tree(List<Block> nodes) {
        return new Tree(nodes.isEmpty() ? null : nodes.get(0).cid(), nodes.iterator());
    }

    @Override
    public Summary summary() {
        State now = state();
        return new Summary(now.history.documents(now.heads()).size(), now.complete.size(), now.pending.size(),
                now.blocks.size(), now.blocks.values().stream().mapToLong(Block::size).sum());
    }

    @Override public void close() { closed = true; }
}
