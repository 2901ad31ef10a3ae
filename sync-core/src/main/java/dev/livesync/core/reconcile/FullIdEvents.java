package dev.livesync.core.reconcile;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.CidSet;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;

/** Events by their whole digests, for the last attempt: nothing is assumed about hashes but what a CID assumes. */
final class FullIdEvents implements ComparedEvents {
    private static final int BYTES = 32;

    /** What an entry of a set takes in memory, and for how many of them it is asked at a time. */
    private static final int ENTRY = 40;

    private static final int STEP = 1_024;

    private final Snapshot snapshot;
    private final List<Cid> frontier;
    private final CidSet own;
    private final CidSet theirs;
    private final TableMemory memory;
    private final BitSet marks = new BitSet();
    private final Iterator<Cid> unlisted;

    FullIdEvents(ShortIds shortIds, Snapshot snapshot, List<Cid> frontier, TableMemory memory) {
        this.memory = memory;
        this.snapshot = snapshot;
        this.frontier = frontier;
        own = new CidSet(shortIds.tableSalt());
        theirs = new CidSet(shortIds.tableSalt());
        snapshot.eventsSince(frontier).forEachRemaining(cid -> add(own, cid));
        unlisted = snapshot.eventsSince(frontier);
    }

    @Override
    public int size() {
        return own.size();
    }

    @Override
    public int idBytes() {
        return BYTES;
    }

    @Override
    public void list(MessageOutput out, int count) {
        for (int i = 0; i < count; i++) {
            out.cid(unlisted.next());
        }
    }

    @Override
    public void mark(int position) {
        marks.set(position);
    }

    @Override
    public boolean hear(MessageInput in) {
        Cid cid = in.cid();
        boolean has = own.contains(cid);
        if (has) {
            add(theirs, cid);
        }
        return has;
    }

    @Override
    public Predicate<Cid> marked() {
        Iterator<Cid> events = snapshot.eventsSince(frontier);
        for (int i = 0; events.hasNext(); i++) {
            Cid cid = events.next();
            if (marks.get(i)) {
                add(theirs, cid);
            }
        }
        return theirs::contains;
    }

    private void add(CidSet set, Cid cid) {
        if (set.size() % STEP == 0) {
            memory.claim((long) STEP * ENTRY);
        }
        set.add(cid);
    }
}
