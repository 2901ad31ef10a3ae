package dev.livesync.database;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import dev.livesync.api.replica.Tree;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;

/** A snapshot with a cursor of its own. */
record CursorSnapshot(Snapshot snapshot, Cursor cursor) implements Snapshot {
    @Override
    public List<Cid> heads() {
        return snapshot.heads();
    }

    @Override
    public Event event(Cid cid) {
        return snapshot.event(cid);
    }

    @Override
    public Block block(Cid cid) {
        return snapshot.block(cid);
    }

    @Override
    public List<Cid> missing(Collection<Cid> cids) {
        return snapshot.missing(cids);
    }

    @Override
    public Iterator<Cid> storedCids() {
        return snapshot.storedCids();
    }

    @Override
    public Tree tree(Cid event) {
        return snapshot.tree(event);
    }

    @Override
    public Tree canonicalTree(Collection<Cid> clock) {
        return snapshot.canonicalTree(clock);
    }

    @Override
    public Summary summary() {
        return snapshot.summary();
    }

    @Override
    public void close() {
        snapshot.close();
    }
}
