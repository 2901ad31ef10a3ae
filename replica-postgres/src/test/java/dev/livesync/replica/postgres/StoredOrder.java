package dev.livesync.replica.postgres;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.car.Events;
import dev.livesync.replica.postgres.ModelledTables.BlockRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Looks at stored events by the definitions alone: a complete event comes once and after its parents, and one that waits lacks an ancestor. */
final class StoredOrder {
    private final Map<Cid, BlockRow> blocks;
    private final List<Cid> complete;
    private final Set<Cid> waiting;

    StoredOrder(Map<Cid, BlockRow> blocks, List<Cid> complete, Set<Cid> waiting) {
        this.blocks = blocks;
        this.complete = complete;
        this.waiting = waiting;
    }

    List<String> problems() {
        List<String> problems = new ArrayList<>();
        Set<Cid> before = new HashSet<>();
        for (Cid cid : complete) {
            if (!blocks.containsKey(cid)) {
                problems.add("event " + cid + " is in the feed and not stored");
                continue;
            }
            if (!before.containsAll(event(cid).parents())) {
                problems.add("event " + cid + " is in the feed before one of its parents");
            }
            if (!before.add(cid)) {
                problems.add("event " + cid + " is in the feed twice");
            }
            if (waiting.contains(cid)) {
                problems.add("event " + cid + " is complete and waits");
            }
        }
        for (Cid cid : waiting) {
            if (!blocks.containsKey(cid)) {
                problems.add("event " + cid + " waits and is not stored");
            } else if (before.containsAll(event(cid).parents())) {
                problems.add("event " + cid + " waits, and all its parents are complete");
            }
        }
        return problems;
    }

    private Event event(Cid cid) {
        return event(cid, Objects.requireNonNull(blocks.get(cid)));
    }

    static Event event(Cid cid, BlockRow row) {
        return Events.decode(Block.verified(cid, row.bytes()));
    }
}
