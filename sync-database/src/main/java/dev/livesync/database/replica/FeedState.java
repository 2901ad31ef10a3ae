package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.query.FieldIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** What is derived from the feed of a store that several processes share. */
final class FeedState extends DerivedState {
    private final BlockReader blocks;

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
    String remedy() {
        return "remove the checkpoint that the store keeps, and start again";
    }

    /** Takes the next event of the feed. */
    void add(EventArrival arrival, boolean interior, boolean startsChange) {
        accept(pending(arrival), interior, startsChange, 0);
    }

    private static PendingEvent pending(EventArrival arrival) {
        return new PendingEvent(arrival.event(), arrival.origin(), 0, arrival.own());
    }

    /** Decides which of some events become complete; takes them, and forgets the others. */
    List<CompletedEvent> accept(List<EventArrival> waiting, List<EventArrival> fresh) {
        waiting.stream()
                .filter(arrival -> !isKnownEvent(arrival.event().cid()))
                .forEach(arrival -> pending.add(pending(arrival)));
        pending.recompute();
        EventAcceptance acceptance = new EventAcceptance(this, 0);
        for (EventArrival arrival : fresh) {
            if (!isKnownEvent(arrival.event().cid())) {
                acceptance.arrive(pending(arrival));
            }
        }
        acceptance.finish();
        List<Cid> left = new ArrayList<>();
        pending.all().forEach(e -> left.add(e.cid));
        pending.remove(left);
        return acceptance.accepted().stream()
                .map(accepted -> new CompletedEvent(accepted.event(), accepted.interior()))
                .toList();
    }
}
