package dev.livesync.tck;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Summary;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a replica must hold after some commits, computed each time from the definitions. Nothing is ever given up here, so it
 * says nothing of quotas. Not thread-safe.
 */
final class ReplicaOracle {
    private final Map<Cid, Event> events;
    private final Map<Cid, Block> blocks;
    private final Set<Cid> complete;
    private final Ancestry ancestry;
    private final DocumentOracle documents;

    ReplicaOracle() {
        this(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashSet<>());
    }

    private ReplicaOracle(Map<Cid, Event> events, Map<Cid, Block> blocks, Set<Cid> complete) {
        this.events = events;
        this.blocks = blocks;
        this.complete = complete;
        this.ancestry = new Ancestry(events);
        this.documents = new DocumentOracle(ancestry);
    }

    ReplicaOracle copy() {
        return new ReplicaOracle(
                new LinkedHashMap<>(events), new LinkedHashMap<>(blocks), new LinkedHashSet<>(complete));
    }

    /** Stores and says which events became complete, in causal order. */
    List<Cid> commit(Commit commit) {
        commit.blocks().forEach(b -> blocks.putIfAbsent(b.cid(), b));
        for (Event event : commit.events()) {
            blocks.putIfAbsent(event.cid(), event.block());
            events.putIfAbsent(event.cid(), event);
        }
        List<Cid> fresh = nowComplete();
        complete.addAll(fresh);
        return fresh;
    }

    private List<Cid> nowComplete() {
        Set<Cid> whole = whole();
        Set<Cid> fresh = new HashSet<>();
        for (Cid cid : whole) {
            if (!isInterior(cid)) {
                fresh.addAll(ancestry.closure(List.of(cid)));
            }
        }
        fresh.removeAll(complete);
        return causalInBatches(fresh);
    }

    /** The events all of whose ancestors are here. */
    private Set<Cid> whole() {
        Set<Cid> whole = new LinkedHashSet<>(complete);
        Set<Event> open = new LinkedHashSet<>(events.values());
        open.removeIf(e -> whole.contains(e.cid()));
        boolean more = true;
        while (more) {
            more = open.removeIf(e -> whole.containsAll(e.parents()) && whole.add(e.cid()));
        }
        return whole;
    }

    /** Parents first, and whatever leads up to an event that closes directly before it. */
    private List<Cid> causalInBatches(Set<Cid> cids) {
        Set<Cid> done = new LinkedHashSet<>();
        for (Cid cid : ancestry.causal(cids)) {
            if (!isInterior(cid)) {
                Set<Cid> batch = ancestry.closure(List.of(cid));
                batch.retainAll(cids);
                batch.removeAll(done);
                done.addAll(ancestry.causal(batch));
            }
        }
        return List.copyOf(done);
    }

    /** Of an event all of whose ancestors are here: whether it names no tree though documents remain. */
    boolean isInterior(Cid cid) {
        Event event = ancestry.event(cid);
        return event.root() == null
                && (event.type() == Event.Type.PUT || !documents.after(cid).isEmpty());
    }

    boolean isComplete(Cid cid) {
        return complete.contains(cid);
    }

    /** The complete events, in the order in which they became so. */
    List<Cid> complete() {
        return List.copyOf(complete);
    }

    Event event(Cid cid) {
        return ancestry.event(cid);
    }

    Set<Cid> pending() {
        Set<Cid> pending = new LinkedHashSet<>(events.keySet());
        pending.removeAll(complete);
        return pending;
    }

    List<Cid> heads() {
        return ancestry.maximal(complete);
    }

    /** The stored blocks in the order in which they came. */
    Map<Cid, Block> blocks() {
        return blocks;
    }

    /** The ancestors of some stored events that are not here, as far as the way to them is. */
    Set<Cid> missing(Collection<Cid> cids) {
        Set<Cid> missing = new HashSet<>();
        Set<Cid> seen = new HashSet<>();
        Deque<Cid> todo = new ArrayDeque<>(cids);
        while (!todo.isEmpty()) {
            Cid cid = todo.pop();
            Event event = events.get(cid);
            if (event == null) {
                missing.add(cid);
            } else if (seen.add(cid)) {
                todo.addAll(event.parents());
            }
        }
        return missing;
    }

    /** The complete events that are neither in a frontier nor before it. */
    Set<Cid> since(Collection<Cid> frontier) {
        Set<Cid> since = new HashSet<>(complete);
        for (Cid cid : frontier) {
            if (isComplete(cid)) {
                since.removeAll(ancestry.closure(List.of(cid)));
            }
        }
        return since;
    }

    boolean isAncestor(Cid ancestor, Cid descendant) {
        return ancestry.of(descendant).contains(ancestor);
    }

    /** By key, the put that holds after a complete event. */
    SortedMap<String, Event> after(Cid cid) {
        return documents.after(cid);
    }

    /** By key, the put that holds now. */
    SortedMap<String, Event> documents() {
        return documents.of(heads());
    }

    Summary summary() {
        return new Summary(
                documents().size(),
                complete.size(),
                pending().size(),
                blocks.size(),
                blocks.values().stream().mapToLong(Block::size).sum());
    }

    /** The canonical tree after an event, level by level from the root. */
    List<Block> tree(Cid cid) {
        return CanonicalTrees.of(documents.after(cid));
    }

    /** The canonical tree of the documents at a clock, level by level from the root. */
    List<Block> tree(Collection<Cid> clock) {
        return CanonicalTrees.of(documents.of(clock));
    }

    /** The last event that dominates all of a clock; null if there is none. */
    @Nullable
    Cid commonAncestor(Collection<Cid> clock) {
        return clock.isEmpty() ? null : documents.nearestCommon(List.copyOf(clock));
    }

    /** The nodes of the canonical tree after an event that are in none of its parents' canonical trees. */
    Set<Block> newNodes(Cid cid) {
        Set<Block> fresh = new LinkedHashSet<>(tree(cid));
        event(cid).parents().forEach(p -> fresh.removeAll(new HashSet<>(tree(p))));
        return fresh;
    }

    /** What is wrong with an order of complete events: a child before its parent, or a batch in pieces; null if nothing. */
    @Nullable
    String disorder(List<Cid> order) {
        Map<Cid, Integer> at = new HashMap<>();
        for (int i = 0; i < order.size(); i++) {
            if (at.put(order.get(i), i) != null) {
                return "event " + order.get(i) + " is there twice";
            }
        }
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < order.size(); i++) {
            Cid cid = order.get(i);
            for (Cid parent : event(cid).parents()) {
                if (at.getOrDefault(parent, -1) > i) {
                    wrong.add("event " + cid + " comes before its parent " + parent);
                }
            }
            if (isInterior(cid)
                    && (i + 1 == order.size()
                            || !event(order.get(i + 1)).parents().contains(cid))) {
                wrong.add("interior event " + cid + " is not followed by the next event of its batch");
            }
        }
        return wrong.isEmpty() ? null : String.join("; ", wrong);
    }
}
