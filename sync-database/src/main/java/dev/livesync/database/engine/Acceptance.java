package dev.livesync.database.engine;

import dev.livesync.api.Cid;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.store.Transaction.Accepted;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Decides in one commit which events become complete.
 *
 * <p>An event is <em>ready</em> when all its ancestors are stored, and <em>closes</em> if it has a tree or left no document. A ready event that closes is
 * complete, and so are then all its ancestors: those that do not close themselves are the interior of its batch. Each such group goes into
 * the graph in one piece, so that every prefix that ends with an event that closes is whole.
 */
final class Acceptance {
    private final Core core;
    private final int nodes;
    private final List<Accepted> accepted = new ArrayList<>();

    /**
     * Puts without a tree that arrived one after the other, each the only child of the one before, on top of complete events:
     * nearly always the inside of a batch, whose end comes next. They need not go through the pending events.
     */
    private final List<PendingEvent> run = new ArrayList<>();

    /**
     * Begins with nothing.
     *
     * @param core what it changes
     * @param nodes how many tree nodes the commit wrote before its first event
     */
    Acceptance(Core core, int nodes) {
        this.core = core;
        this.nodes = nodes;
    }

    /** The events that became complete so far, in the order of the graph. */
    List<Accepted> accepted() {
        return accepted;
    }

    /** Whether an event is the one that all complete ones lead up to. */
    boolean isOnlyHead(Cid event) {
        int[] heads = core.documents.heads();
        return heads.length == 1 && heads[0] == core.graph.indexOf(event);
    }

    /** Takes one event that is new here. */
    void arrive(PendingEvent event) {
        if (!goesOn(event)) {
            breakOff();
            await(event);
        } else if (event.root == null) {
            run.add(event);
        } else {
            run.forEach(e -> accept(e, true));
            run.clear();
            accept(event, false);
        }
    }

    private boolean goesOn(PendingEvent event) {
        if (event.root == null && event.delete || core.pending.isAwaited(event.cid)) {
            return false;
        }
        return run.isEmpty()
                ? core.indexes(event.parents) != null
                : event.parents.size() == 1 && event.parents.get(0).equals(run.get(run.size() - 1).cid);
    }

    private void breakOff() {
        run.forEach(this::await);
        run.clear();
    }

    private void await(PendingEvent event) {
        core.pending.add(event);
        core.pending.settle(event, this::look);
    }

    /** To be called when all events have arrived. */
    void finish() {
        breakOff();
        // What could not be judged before something else became complete may be judged now.
        for (int before = 0; before < accepted.size(); ) {
            before = accepted.size();
            core.pending.unjudged().forEach(this::look);
        }
    }

    private void look(PendingEvent e) {
        if (!e.accepted && closes(e)) {
            acceptWithAncestors(e);
        }
    }

    private void acceptWithAncestors(PendingEvent e) {
        ArrayDeque<PendingEvent> path = new ArrayDeque<>();
        path.push(e);
        while (!path.isEmpty()) {
            PendingEvent top = path.peek();
            int depth = path.size();
            if (!top.accepted) {
                for (Cid parent : top.parents) {
                    PendingEvent p = core.pending.get(parent);
                    if (p != null) {
                        path.push(p);
                    }
                }
            }
            if (path.size() == depth) {
                path.pop();
                accept(top, top != e);
            }
        }
    }

    private void accept(PendingEvent e, boolean interior) {
        if (!e.accepted) {
            core.accept(e, interior, accepted.isEmpty(), nodes);
            accepted.add(new Accepted(e.cid, interior));
        }
    }

    /** Whether a ready event is not interior. */
    private boolean closes(PendingEvent e) {
        return e.root != null || e.delete && leavesNothing(e);
    }

    /**
     * Whether no document is left after a ready delete without a tree. Walks back along the batch that ends in it, as far as
     * a document that is known to remain, or to where the batch began. What one event finds spares its successors the walk.
     */
    private boolean leavesNothing(PendingEvent e) {
        Set<String> deleted = new HashSet<>();
        PendingEvent at = e;
        while (true) {
            core.pending.counted(1);
            if (at.witness != null && !deleted.contains(at.witness)) {
                e.witness = at.witness;
                return false;
            }
            if (at.delete) {
                deleted.add(at.key);
            } else if (!deleted.contains(at.key)) {
                e.witness = at.key;
                return false;
            }
            PendingEvent before = at.parents.size() == 1 ? core.pending.get(at.parents.get(0)) : null;
            if (before == null) {
                break;
            }
            at = before;
        }
        int[] parents = core.indexes(at.parents);
        if (parents == null) {
            core.pending.postpone(e);
            return false;
        }
        core.pending.counted(deleted.size());
        int[] keys = deleted.stream()
                .mapToInt(core.keys::find)
                .filter(key -> key >= 0)
                .toArray();
        int remains = core.past.anyAfter(parents, keys);
        e.witness = remains == EventGraph.NONE ? null : core.keys.name(core.graph.key(remains));
        return remains == EventGraph.NONE;
    }
}
