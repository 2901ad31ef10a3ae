package dev.livesync.tck;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Keys;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A random history of three writers who hear of each other now and then: forks, merges, batches, deletes, several roots. */
final class RandomHistory {
    private final Random random;
    private final List<ReplicaOracle> writers = List.of(new ReplicaOracle(), new ReplicaOracle(), new ReplicaOracle());
    private final Map<Cid, Event> events = new LinkedHashMap<>();
    private final Set<Block> nodes = new LinkedHashSet<>();

    RandomHistory(Random random, int steps) {
        this.random = random;
        for (int step = 0; step < steps; step++) {
            ReplicaOracle writer = any(writers);
            int what = random.nextInt(10);
            if (what < 2) {
                ReplicaOracle from = any(writers);
                commit(writer, from.complete().stream().map(from::event).toList());
            } else if (what < 4) {
                write(writer, 2 + random.nextInt(4));
            } else if (what < 5) {
                clear(writer);
            } else {
                write(writer, 1);
            }
        }
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private static void commit(ReplicaOracle writer, List<Event> events) {
        writer.commit(new Commit(List.of(), events, Origin.LOCAL));
    }

    private void write(ReplicaOracle writer, int count) {
        List<String> deletes = new ArrayList<>();
        List<String> puts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            (random.nextInt(4) == 0 ? deletes : puts).add("k" + random.nextInt(8));
        }
        write(writer, puts, deletes);
    }

    private void clear(ReplicaOracle writer) {
        write(
                writer,
                List.of(),
                writer.documents().keySet().stream().map(Keys::toId).toList());
    }

    private void write(ReplicaOracle writer, List<String> puts, List<String> deletes) {
        List<Cid> clock = writer.heads();
        TreeMap<String, Event> documents = new TreeMap<>(writer.documents());
        List<Event> batch = new ArrayList<>();
        int last = puts.size() + deletes.size() - 1;
        for (int i = 0; i <= last; i++) {
            boolean put = i < puts.size();
            String id = put ? puts.get(i) : deletes.get(i - puts.size());
            Event[] parents = batch.isEmpty()
                    ? clock.stream().map(writer::event).toArray(Event[]::new)
                    : new Event[] {batch.get(batch.size() - 1)};
            String text = put ? "v" + random.nextInt(1000) : null;
            Event bare = event(id, text, null, parents);
            if (put) {
                documents.put(bare.key(), bare);
            } else {
                documents.remove(bare.key());
            }
            List<Block> tree = i == last ? CanonicalTrees.of(documents) : List.of();
            nodes.addAll(tree);
            batch.add(tree.isEmpty() ? bare : event(id, text, tree.get(0).cid(), parents));
        }
        batch.forEach(e -> events.put(e.cid(), e));
        commit(writer, batch);
    }

    private static Event event(String id, @Nullable String text, @Nullable Cid tree, Event... parents) {
        return text == null ? Make.delete(id, tree, parents) : Make.put(id, text, tree, parents);
    }

    /** All events, parents first. */
    List<Event> events() {
        return List.copyOf(events.values());
    }

    /** All trees' nodes. */
    List<Block> nodes() {
        return List.copyOf(nodes);
    }

    /** All of it at once, parents first. */
    Commit whole() {
        return new Commit(nodes(), events(), Make.ALICE);
    }

    /** All of it in small commits of any order from two peers. */
    List<Commit> shuffled(Random order) {
        List<Event> left = new ArrayList<>(events());
        List<Block> blocks = new ArrayList<>(nodes());
        Collections.shuffle(left, order);
        Collections.shuffle(blocks, order);
        List<Commit> commits = new ArrayList<>();
        while (!left.isEmpty() || !blocks.isEmpty()) {
            commits.add(
                    new Commit(take(blocks, order), take(left, order), order.nextBoolean() ? Make.ALICE : Make.BOB));
        }
        return commits;
    }

    /** All of it in commits that hold everything in any mix: new events and stored ones, children first, repeats, blocks of all sorts. */
    List<Commit> mixed(Random order) {
        List<Event> left = new ArrayList<>(events());
        Collections.shuffle(left, order);
        List<Event> sent = new ArrayList<>();
        List<Block> nodes = nodes();
        List<Commit> commits = new ArrayList<>();
        while (!left.isEmpty()) {
            int kind = order.nextInt(6);
            List<Event> events = new ArrayList<>(kind == 0 ? List.of() : take(left, order));
            sent.addAll(events);
            for (int i = kind < 2 || sent.isEmpty() ? 0 : order.nextInt(4); i > 0; i--) {
                events.add(sent.get(order.nextInt(sent.size())));
            }
            Collections.shuffle(events, order);
            List<Block> blocks = new ArrayList<>();
            for (int i = nodes.isEmpty() ? 0 : order.nextInt(4); i > 0; i--) {
                blocks.add(nodes.get(order.nextInt(nodes.size())));
            }
            if (kind == 0 && !left.isEmpty() && order.nextBoolean()) {
                blocks.add(left.get(0).block()); // an event whose turn comes later
            }
            commits.add(new Commit(blocks, events, order.nextBoolean() ? Make.ALICE : Make.BOB));
        }
        return commits;
    }

    private static <T> List<T> take(List<T> from, Random order) {
        List<T> part = from.subList(0, Math.min(from.size(), order.nextInt(6)));
        List<T> taken = List.copyOf(part);
        part.clear();
        return taken;
    }
}
