package dev.livesync.core.protocol.alpha;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes events that let an alpha read the right documents: deletes of an id that no document has. Such an event changes nothing, but an
 * alpha's clock takes it in place of its parents, and an alpha reads a clock of one event from that event's tree.
 *
 * <p>All of it is a function of the history alone, so any two hubs say the same.
 */
final class Bridges {
    private Bridges() {}

    /**
     * The event on top of a clock. Over one event it is a <em>bridge</em>: an alpha that gets it holds an ordinary fork where it
     * would hold an ancestor of its other heads. Over several it merges them.
     *
     * @param clock complete events, none an ancestor of another
     */
    static Event over(Snapshot snapshot, Collection<Cid> clock) {
        return Events.delete(Keys.RESERVED, snapshot.canonicalTree(clock).root(), List.copyOf(new TreeSet<>(clock)));
    }

    static boolean isBridge(Event event) {
        return event.type() == Event.Type.DELETE
                && event.key().equals(Keys.RESERVED)
                && event.parents().size() == 1;
    }

    /** An alpha's clock after a CAR with these roots: it forgets their direct parents and nothing else. */
    static Set<Cid> clockAfter(Collection<Cid> clock, Collection<Event> roots) {
        Set<Cid> after = new LinkedHashSet<>(clock);
        roots.forEach(root -> root.parents().forEach(after::remove));
        roots.forEach(root -> after.add(root.cid()));
        return after;
    }

    /** The complete events of a clock that are ancestors of others in it. Bridges may stay: nothing is read from them. */
    static List<Cid> stale(Snapshot snapshot, Collection<Cid> clock) {
        List<Cid> stale = new ArrayList<>();
        for (Cid cid : clock) {
            Event event = snapshot.event(cid);
            if (event != null && !isBridge(event) && isCovered(snapshot, cid, clock)) {
                stale.add(cid);
            }
        }
        return stale;
    }

    /** Whether an event is an ancestor of one of a clock's. */
    static boolean isCovered(Snapshot snapshot, Cid cid, Collection<Cid> clock) {
        return clock.stream().anyMatch(other -> snapshot.isComplete(other) && snapshot.isAncestor(cid, other));
    }

    /** Whether a reader of the event's own tree sees what the events say. */
    static boolean treeIsRight(Snapshot snapshot, Event event) {
        return Objects.equals(snapshot.tree(event.cid()).root(), event.root());
    }
}
