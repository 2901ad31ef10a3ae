package dev.livesync.api.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A replica as it was at one moment. It doesn't move, whatever is committed meanwhile, and it never waits for writers.
 *
 * <p>One thread at a time; different snapshots are independent. Iterators are valid until {@link #close()} and may throw
 * as the methods do. Every block that is returned has been checked against its CID on its way from the disk:
 * {@link ErrorKind#CORRUPT} names one that fails, and the rest of the snapshot stays readable.
 *
 * <p>The defaults are walks over {@link #event}; an engine that has an index overrides them.
 */
public interface Snapshot extends AutoCloseable {
    /**
     * The place in the feed at which this snapshot was taken: the changes after it are exactly what the snapshot lacks.
     *
     * @return the cursor
     */
    Cursor cursor();

    /**
     * The clock of this moment.
     *
     * @return the maximal complete events, none interior, in text order; empty for an empty history
     */
    List<Cid> heads();

    /**
     * Reads a complete event.
     *
     * @param cid its CID
     * @return the event, or null if it is absent, pending, or no event
     */
    @Nullable
    Event event(Cid cid);

    /**
     * Whether an event is complete here. Asked of whatever peers name, in every session, so an engine that nobody else writes to should answer without reading the event, which may be large. The default reads it.
     *
     * @param cid its CID
     * @return whether {@link #event} returns it
     */
    default boolean isComplete(Cid cid) {
        return event(cid) != null;
    }

    /**
     * Reads a stored block of any kind, pending events included.
     *
     * @param cid its CID
     * @return the block, or null if it is not stored
     */
    @Nullable
    Block block(Cid cid);

    /**
     * The size of a stored block. Asked before a block is read that there may be no memory for; the default reads it, and an engine that knows
     * sizes should not.
     *
     * @param cid its CID
     * @return bytes, or -1 if it is not stored
     */
    default int size(Cid cid) {
        Block block = block(cid);
        return block == null ? -1 : block.size();
    }

    /**
     * Which of these blocks are not stored, in one call.
     *
     * @param cids at most as many as the caller can hold; duplicates are harmless
     * @return the absent ones, each once, in the order given
     */
    List<Cid> missing(Collection<Cid> cids);

    /**
     * Every stored CID (events, pending ones too, and tree nodes), in the order of writing.
     *
     * @return each CID once
     */
    Iterator<Cid> storedCids();

    /**
     * The whole tree of an event: the author's if all of it is stored, it is ordered and it holds the documents after the event; else the
     * canonical tree of these.
     *
     * @param event a complete event
     * @return the tree
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if the event is not complete here
     */
    Tree tree(Cid event);

    /**
     * The nodes of an event's tree that are in none of its parents' trees, redundant parents included: what a peer needs that has
     * the parents' trees.
     *
     * @param event a complete event
     * @return children before their parents, the root last; empty if the event has no tree or a parent's
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if the event is not complete here
     */
    default List<Block> newNodes(Cid event) {
        Event e = event(event);
        if (e == null) {
            throw new SyncException(ErrorKind.NOT_FOUND, "event " + event + " is not complete here");
        }
        Set<Cid> known = new HashSet<>();
        for (Cid parent : e.parents()) {
            tree(parent).blocks().forEachRemaining(b -> known.add(b.cid()));
        }
        ArrayDeque<Block> fresh = new ArrayDeque<>();
        tree(event).blocks().forEachRemaining(b -> {
            if (!known.contains(b.cid())) {
                fresh.addFirst(b);
            }
        });
        return List.copyOf(fresh);
    }

    /**
     * Whether an event is inside a batch: it names no tree although documents remain after it, so more of its batch follows. Asked of
     * each event that is sent; the default makes the tree of a delete that names none, which a replica that knows its batches should
     * not need.
     *
     * @param event a complete event
     * @return false for one that may stand alone or that ends its batch
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if the event is not complete here
     */
    default boolean isInterior(Cid event) {
        Event e = event(event);
        if (e == null) {
            throw new SyncException(ErrorKind.NOT_FOUND, "event " + event + " is not complete here");
        }
        return e.root() == null && (e.type() == Event.Type.PUT || tree(event).root() != null);
    }

    /**
     * The complete events that are neither in a frontier nor ancestors of it, parents before children and every batch in
     * one piece.
     *
     * @param frontier events that the reader has, with all their ancestors; unknown ones count for nothing
     * @return the events' CIDs, each once
     */
    default Iterator<Cid> eventsSince(Collection<Cid> frontier) {
        Set<Cid> seen = new HashSet<>();
        Deque<Cid> todo = new ArrayDeque<>(frontier);
        while (!todo.isEmpty()) {
            Cid cid = todo.pop();
            Event e = event(cid);
            if (e != null && seen.add(cid)) {
                todo.addAll(e.parents());
            }
        }
        List<Cid> result = new ArrayList<>();
        for (Cid head : heads()) {
            todo.push(head);
        }
        Set<Cid> opened = new HashSet<>();
        while (!todo.isEmpty()) {
            Cid cid = todo.peek();
            if (seen.contains(cid)) {
                todo.pop();
            } else if (opened.add(cid)) {
                Event e = event(cid);
                if (e != null) {
                    e.parents().forEach(todo::push);
                }
            } else {
                todo.pop();
                seen.add(cid);
                result.add(cid);
            }
        }
        return result.iterator();
    }

    /**
     * Names events of the past, by which a peer finds out how much of this history it has. Which ones is the replica's choice: the
     * better they stand for all that was there before them, the less has to be compared. None of them is interior. The default reads the
     * whole history.
     *
     * @param distances how many events, about, were accepted after the one to be named; ascending, 0 or more
     * @return complete events, each once, latest first; fewer than distances where the history is shorter or distances meet
     */
    default List<Cid> earlier(int... distances) {
        List<Cid> all = new ArrayList<>();
        eventsSince(List.of()).forEachRemaining(all::add);
        List<Cid> named = new ArrayList<>();
        int last = all.size();
        for (int distance : distances) {
            int at = all.size() - 1 - distance;
            while (at >= 0 && at < last && isInterior(all.get(at))) {
                at++;
            }
            if (at >= 0 && at < last) {
                named.add(all.get(at));
                last = at;
            }
        }
        return named;
    }

    /**
     * Whether one event is among another's ancestors.
     *
     * @param ancestor a complete event
     * @param descendant a complete event
     * @return true if a path of parents leads from {@code descendant} to {@code ancestor}; false for equal ones
     */
    default boolean isAncestor(Cid ancestor, Cid descendant) {
        Set<Cid> seen = new HashSet<>();
        Deque<Cid> todo = new ArrayDeque<>(List.of(descendant));
        while (!todo.isEmpty()) {
            Event e = event(todo.pop());
            if (e == null) {
                continue;
            }
            for (Cid parent : e.parents()) {
                if (parent.equals(ancestor)) {
                    return true;
                }
                if (seen.add(parent)) {
                    todo.push(parent);
                }
            }
        }
        return false;
    }

    /**
     * The canonical tree of the documents at a clock: a function of the events alone, so two replicas that hold the same
     * history give the same tree, whatever trees the authors sent along and whichever of them are stored.
     *
     * @param clock complete events; those that are ancestors of others count for nothing, none at all are the empty database
     * @return the tree; of one event, the documents after it
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if one of the events is not complete here
     */
    Tree canonicalTree(Collection<Cid> clock);

    /**
     * The nearest common dominator of some events. An event's dominators are itself and every event that all paths from it
     * to the beginnings of the history pass.
     *
     * @param events complete events
     * @return the last event that dominates all of them: of one, the event itself; null for none, or where there is no such
     *     event
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if one of the events is not complete here
     */
    default @Nullable Cid commonAncestor(Collection<Cid> events) {
        return new CommonAncestors(this).of(events);
    }

    /**
     * Counts for status lines.
     *
     * @return the counts at this moment
     */
    Summary summary();

    /** Lets go of what the snapshot holds. Idempotent; later calls throw {@link ErrorKind#CLOSED}. */
    @Override
    void close();
}
