package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.log.Transaction;
import dev.livesync.database.tree.TreeEdit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts and deletes of the user's, made into events: a chain on top of all heads, of which the last carries the canonical tree of the
 * documents after it. Changes nothing until {@link #apply}.
 */
final class LocalWrite {
    private final long time;
    private final List<Block> nodes;
    private final List<Event> events;

    private LocalWrite(long time, List<Block> nodes, List<Event> events) {
        this.time = time;
        this.nodes = nodes;
        this.events = events;
    }

    /**
     * Works out a write.
     *
     * @param before the view to build on, the writer's latest, with heads that one event can name
     * @param wanted each key once; puts before deletes, so that no event but the last can leave nothing
     */
    static LocalWrite prepare(ReadView before, List<Operation> wanted, Settings settings) {
        return prepare(before, before.heads, wanted, settings);
    }

    /**
     * Refuses what {@link #prepare} would refuse, where the heads have yet to be merged.
     *
     * @return what is to be written then, regardless of any clock; empty if nothing
     */
    static List<Operation> check(ReadView before, List<Operation> wanted, Settings settings) {
        LocalWrite write = prepare(before, before.heads.subList(0, 1), wanted, settings);
        return write.events.isEmpty()
                ? List.of()
                : wanted.stream()
                        .map(op -> new Operation(op.key(), op.document(), null, op.absent()))
                        .toList();
    }

    private static LocalWrite prepare(ReadView before, List<Cid> heads, List<Operation> wanted, Settings settings) {
        DerivedState derived = before.derived;
        List<Operation> operations = applicable(before, wanted);
        if (operations.size() > settings.maxBatchEvents()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a batch of " + operations.size() + " events is over the limit of " + settings.maxBatchEvents());
        }
        long time = settings.clock().millis();
        if (operations.isEmpty()) {
            return new LocalWrite(time, List.of(), List.of());
        }
        TreeEdit tree = tree(derived, operations);
        List<Event> events = new ArrayList<>(operations.size());
        List<Cid> parents = heads;
        long bytes = 0;
        for (int i = 0; i < operations.size(); i++) {
            Operation op = operations.get(i);
            Cid root = i == operations.size() - 1 ? tree.root() : null;
            Event event = event(op, root, parents, settings);
            events.add(event);
            parents = List.of(event.cid());
            bytes += event.block().size();
        }
        if (events.size() > 1 && bytes > settings.maxBatchBytes()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a batch of " + bytes + " bytes is over the limit of " + settings.maxBatchBytes());
        }
        return new LocalWrite(time, tree.nodes(), events);
    }

    static Event event(Operation op, @Nullable Cid root, List<Cid> parents, Settings settings) {
        return op.document() == null
                ? Events.encode(Event.Type.DELETE, op.key(), Encoded.NULL, root, parents, settings.limits())
                : Events.encode(Event.Type.PUT, op.key(), op.document(), root, parents, settings.limits());
    }

    /** Refuses what cannot be done, and leaves out what need not be. */
    private static List<Operation> applicable(ReadView before, List<Operation> wanted) {
        List<Operation> operations = new ArrayList<>(wanted.size());
        for (Operation op : wanted) {
            if (op.clock() != null && changedSince(before, op.key(), op.clock())) {
                throw new SyncException(
                        ErrorKind.CONFLICT,
                        "document \"" + Keys.toId(op.key())
                                + "\" changed since it was read; read it again and repeat the change");
            }
            if (op.document() == null && before.document(op.key()) == EventGraph.NONE) {
                if (op.absent() == Operation.Absent.SKIP) {
                    continue;
                }
                if (op.absent() == Operation.Absent.REFUSE || !isInConflict(before, op.key())) {
                    throw new SyncException(
                            ErrorKind.NOT_FOUND, "there is no document \"" + Keys.toId(op.key()) + "\"");
                }
            }
            operations.add(op);
        }
        return operations;
    }

    private static boolean isInConflict(ReadView before, String key) {
        int number = before.derived.keys.find(key);
        return number >= 0 && before.derived.documents.candidates(number).length > 1;
    }

    /** Whether some event of a key is neither in a clock nor before it: then so is one of those that no other follows. */
    private static boolean changedSince(ReadView before, String key, List<Cid> clock) {
        int number = before.derived.keys.find(key);
        int[] seen = clock.stream().mapToInt(before::index).filter(i -> i >= 0).toArray();
        return number >= 0 && !before.derived.graph.covers(seen, before.derived.documents.candidates(number));
    }

    /** The tree of the documents as they are, with some changes. */
    static TreeEdit tree(DerivedState derived, List<Operation> operations) {
        SortedMap<String, Optional<Encoded>> edits = edits(derived, derived.changedSinceBase);
        for (Operation op : operations) {
            edits.put(op.key(), Optional.ofNullable(op.document()));
        }
        return Trees.edit(derived, edits);
    }

    /** The edits for a tree in which these keys may be wrong. */
    static SortedMap<String, Optional<Encoded>> edits(DerivedState derived, BitSet keys) {
        SortedMap<String, Optional<Encoded>> edits = new TreeMap<>();
        keys.stream().forEach(key -> {
            int event = derived.documents.document(key);
            edits.put(
                    derived.keys.name(key),
                    event == EventGraph.NONE
                            ? Optional.empty()
                            : Optional.of(Events.encodedValue(derived.event(event))));
        });
        return edits;
    }

    List<Cid> events() {
        if (events.size() == 1) {
            return List.of(events.get(0).cid());
        }
        return events.stream().map(Event::cid).toList();
    }

    /** The nodes of the tree after it that may not be here yet. */
    List<Block> nodes() {
        return nodes;
    }

    /** The events themselves, the last one with the tree. */
    List<Event> written() {
        return events;
    }

    /** Adds the events to the writer state from whose latest view this was prepared. */
    Transaction apply(WriterState writer) {
        List<Cid> orphans = writer.orphansOf(nodes);
        writer.giveUp(orphans);
        List<Transaction.Entry> blocks = new ArrayList<>();
        for (Block node : nodes) {
            if (writer.stored(node.cid()) < 0) {
                blocks.add(new Transaction.Entry(node, false));
            }
        }
        // Readers find the nodes right before the first event's block.
        boolean firstIsNew = writer.stored(events.get(0).cid()) < 0;
        EventAcceptance acceptance = new EventAcceptance(writer, firstIsNew ? blocks.size() : 0);
        List<Cid> promoted = new ArrayList<>();
        for (Event e : events) {
            // A peer may have sent the very same event, and even have left it pending, if we lost it to a restored
            // backup.
            if (writer.stored(e.cid()) < 0) {
                blocks.add(new Transaction.Entry(e.block(), true));
            } else if (!writer.isKnownEvent(e.cid())) {
                promoted.add(e.cid());
                writer.orphans.remove(e.cid());
            }
            if (!writer.isKnownEvent(e.cid())) {
                acceptance.arrive(new PendingEvent(e, Origin.LOCAL, time, true));
            }
        }
        acceptance.finish();
        Event last = events.get(events.size() - 1);
        writer.written = last;
        Transaction.Root tree = null;
        if (acceptance.isOnlyHead(last.cid())) {
            tree = new Transaction.Root(last.root());
            writer.rebase(tree);
        }
        return new Transaction(time, true, "", orphans, promoted, blocks, acceptance.accepted(), tree);
    }
}
