package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.database.log.Transaction.Accepted;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides in one commit which events become complete.
 *
 * <p>An event is <em>ready</em> when all its ancestors are stored, and <em>closes</em> if it has a tree or left no document. A ready event that closes is
 * complete, and so are then all its ancestors: those that do not close themselves are the interior of its batch. Each such group goes into
 * the graph in one piece, so that every prefix that ends with an event that closes is whole.
 */
final class EventAcceptance {
    private final DerivedState derived;
    private final int nodes;
    private final List<Accepted> accepted = new ArrayList<>();

    /**
     * Puts without a tree, and deletes that left documents, that arrived one after the other, each the only child of the one before, on top of complete events:
     * nearly always the inside of a batch, whose end comes next. They need not go through the pending events.
     */
    private final List<PendingEvent> run = new ArrayList<>();

    /** Pending events that waited for events accepted before their batch ended. */
    private final List<PendingEvent> released = new ArrayList<>();

    /**
     * Creates the acceptance of one commit.
     *
     * @param derived what it changes
     * @param nodes how many tree nodes the commit wrote before its first event
     */
    EventAcceptance(DerivedState derived, int nodes) {
        this.derived = derived;
        this.nodes = nodes;
    }

    /** The events that became complete so far, in the order of the graph. */
    List<Accepted> accepted() {
        return accepted;
    }

    /** Whether an event is the only head. */
    boolean isOnlyHead(Cid event) {
        return derived.documents.isOnlyHead(derived.graph.indexOf(event));
    }

    /** Takes an event that is new here. */
    void arrive(PendingEvent event) {
        if (!goesOn(event)) {
            breakOff();
            await(event);
        } else if (event.root == null && !(event.delete && derived.emptiness.isNothingAfter(run, event))) {
            run.add(event);
        } else {
            run.forEach(e -> accept(e, true));
            run.clear();
            accept(event, false);
        }
    }

    private boolean goesOn(PendingEvent event) {
        if (derived.pending.isAwaited(event.cid)) {
            return false;
        }
        return run.isEmpty()
                ? derived.indexes(event.parents) != null
                : event.parents.size() == 1 && event.parents.get(0).equals(run.get(run.size() - 1).cid);
    }

    private void breakOff() {
        run.forEach(this::await);
        run.clear();
    }

    private void await(PendingEvent event) {
        derived.pending.add(event);
        derived.pending.settle(event, this::look);
    }

    /**
     * Takes an event of our own, whose parents are complete, before the rest of its batch is made, which follows.
     *
     * @param interior whether more of its batch follows
     */
    void take(PendingEvent event, boolean interior) {
        PendingEvent pending = derived.pending.get(event.cid);
        if (pending == null || !pending.ready) {
            released.addAll(derived.pending.children(event.cid));
        }
        accept(pending == null ? event : pending, interior);
    }

    /** Accepts what is complete. Called when all events have arrived. */
    void finish() {
        breakOff();
        for (PendingEvent child : released) {
            if (--child.blocked == 0) {
                derived.pending.settle(child, this::look);
            }
        }
        released.clear();
        // What could not be judged before something else became complete may be judged now.
        for (List<PendingEvent> due = derived.pending.due(); !due.isEmpty(); due = derived.pending.due()) {
            due.forEach(this::look);
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
                    PendingEvent p = derived.pending.get(parent);
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
            derived.accept(e, interior, accepted.isEmpty(), nodes);
            accepted.add(new Accepted(e.cid, interior));
        }
    }

    /** Whether a ready event is not interior. */
    private boolean closes(PendingEvent e) {
        return e.root != null || e.delete && derived.emptiness.isNothingAfter(e);
    }
}
