package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Origin;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.log.Transaction;
import dev.livesync.database.query.FieldIndex;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What is derived from the feed of a store that several processes share. */
final class FeedState extends DerivedState {
    private final BlockReader blocks;
    /** Events of this process's own user that are on their way, with trees that were made of this state. */
    private final Set<Cid> expected = new HashSet<>();
    /** What was taken since it was published last, by index. */
    private final Map<Integer, Event> fresh = new HashMap<>();

    FeedState(BlockReader blocks, RandomGenerator random, List<FieldIndex> indexes) {
        super(random, indexes, false);
        this.blocks = blocks;
    }

    @Override
    Block block(Cid cid) {
        return present(blocks, cid);
    }

    static Block present(BlockReader blocks, Cid cid) {
        Block block = blocks.read(cid);
        if (block == null) {
            throw new SyncException(ErrorKind.CORRUPT, "block " + cid + " is named and not in the store");
        }
        return block;
    }

    @Override
    @Nullable
    Event fresh(int index) {
        return fresh.get(index);
    }

    @Override
    String remedy() {
        return "remove the checkpoint that the store keeps, and start again";
    }

    /** Has some events count as this process's own when they come. */
    void expect(List<Cid> own) {
        expected.addAll(own);
    }

    /** Whether an event is one of these. */
    boolean isExpected(Cid event) {
        return expected.contains(event);
    }

    /** How many events some heads and their ancestors are; those that aren't here count for nothing. */
    int countUpTo(List<Cid> heads) {
        int[] known = heads.stream()
                .mapToInt(graph::indexOf)
                .filter(index -> index != EventGraph.NONE)
                .toArray();
        return graph.size() - graph.since(documents.heads(), known).length;
    }

    /** They won't come. */
    void forget(List<Cid> own) {
        own.forEach(expected::remove);
    }

    /**
     * Takes the next event of the feed. Whether its batch goes on is found out.
     *
     * @param startsChange whether it is the first of those that one commit completed
     */
    void add(Event event, Origin origin, boolean startsChange) {
        boolean interior = event.root() == null && (event.type() == Event.Type.PUT || leavesSomething(event));
        boolean own = expected.remove(event.cid());
        accept(new PendingEvent(event, origin, 0, own), interior, startsChange, 0);
        int index = graph.size() - 1;
        fresh.put(index, event);
        if (own && !interior && documents.isOnlyHead(index)) {
            rebase(new Transaction.Root(event.root()));
        }
    }

    private boolean leavesSomething(Event delete) {
        int[] parents = indexes(delete.parents());
        return parents != null && past.anyAfter(parents, keys.intern(delete.key())) != EventGraph.NONE;
    }

    /** Nothing is fresh any more. */
    void settled() {
        fresh.clear();
    }
}
