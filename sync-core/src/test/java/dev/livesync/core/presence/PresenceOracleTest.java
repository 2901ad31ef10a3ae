package dev.livesync.core.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.presence.PresenceEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Any number of peers, joined in any way, circles included, whose links are slow, end and begin; some of them share a store, which loses, repeats and reorders what they say there, and from which they are cut off.
 * A naive oracle keeps what each peer has set. When everything has arrived, everybody shows what those show whom it is joined with, over however many others; and nobody ever has gone back in time.
 */
class PresenceOracleTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;

    /** What a peer has set, as anybody would write it down. */
    private record Naive(Map<String, Long> values, Map<String, Long> until) {}

    private static final class Node {
        final PresenceTable table;
        final String id;
        final Naive naive = new Naive(new TreeMap<>(), new HashMap<>());
        /** The greatest value that was seen of each. */
        final Map<String, Long> seen = new HashMap<>();

        LossyBroadcast.@Nullable Hub store;

        @Nullable
        PresenceBroadcast broadcast;

        Node(SplittableRandom random) {
            table = new PresenceTable(PresenceLimits.DEFAULT, () -> {
                byte[] id = new byte[16];
                random.nextBytes(id);
                return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
            });
            id = table.id();
        }
    }

    /** One direction of a session: the sender's part, and what is under way. */
    private static final class Wire {
        final int from;
        final int to;
        final PresenceLink sender;
        final Queue<byte[]> underWay = new ArrayDeque<>();

        @Nullable
        Wire back;

        Wire(int from, int to, PresenceLink sender) {
            this.from = from;
            this.to = to;
            this.sender = sender;
        }
    }

    private final List<Node> nodes = new ArrayList<>();
    private final List<Wire> wires = new ArrayList<>();
    private long now = 5 * SECOND;
    private long values;
    private long messages;
    private int seed;

    /** What is under way at the store, and what hubs are about to do. */
    private final List<Runnable> tasks = new ArrayList<>();

    private SplittableRandom chance = new SplittableRandom(0);
    private LossyBroadcast store = new LossyBroadcast(chance, tasks::add);

    @ParameterizedTest
    @CsvSource({"2, 0", "3, 0", "5, 0", "8, 0", "2, 2", "3, 2", "5, 3", "8, 4"})
    void everybodyShowsWhatTheOracleSays(int count, int hubs) {
        run(count, hubs, 0, hubs == 0 ? 8 : 4);
    }

    @Tag("soak")
    @ParameterizedTest
    @CsvSource({"2, 0", "3, 0", "5, 0", "8, 0", "2, 2", "3, 2", "5, 3", "8, 4", "8, 8"})
    void everybodyShowsWhatTheOracleSaysWithManySeeds(int count, int hubs) {
        run(count, hubs, 8, Integer.getInteger("livesync.presence.seeds", 250));
    }

    private void run(int count, int hubs, int first, int end) {
        for (seed = first; seed < end; seed++) {
            nodes.clear();
            wires.clear();
            tasks.clear();
            SplittableRandom random = new SplittableRandom(1_000L * count + seed);
            for (int i = 0; i < count; i++) {
                nodes.add(new Node(random.split()));
            }
            chance = random.split();
            store = new LossyBroadcast(chance, tasks::add);
            store.with(20, 20);
            nodes.subList(0, hubs).forEach(this::share);
            for (int i = 0; i < 300; i++) {
                act(random, count);
                wakeHubs();
                look();
            }
            store.with(0, 0);
            nodes.stream()
                    .filter(node -> node.store != null && node.store.isCutOff())
                    .forEach(node -> node.store.join());
            // Expired, fading and forgotten things apart, it all has arrived within a refresh.
            long settled = now + 35 * SECOND;
            while (now - settled < 0) {
                now += 60 * MILLI;
                nodes.forEach(node -> node.table.tick(now));
                settle();
            }
            check();
            quiet();
        }
    }

    private void share(Node node) {
        LossyBroadcast.Hub hub = store.hub();
        byte[] sender = new byte[PresenceBroadcast.SENDER_BYTES];
        chance.nextBytes(sender);
        node.store = hub;
        node.broadcast = new PresenceBroadcast(
                hub,
                node.table,
                PresenceLimits.DEFAULT,
                new PresenceBroadcast.Seams(() -> now, tasks::add, (delay, task) -> () -> {}),
                () -> {},
                () -> true,
                sender);
        node.broadcast.begin();
    }

    /** As a service does when something has changed, and its timer. */
    private void wakeHubs() {
        nodes.stream().filter(node -> node.broadcast != null).forEach(node -> node.broadcast.wake());
    }

    private boolean runTask() {
        if (tasks.isEmpty()) {
            return false;
        }
        tasks.remove(chance.nextInt(tasks.size())).run();
        return true;
    }

    private void act(SplittableRandom random, int count) {
        Node node = nodes.get(random.nextInt(count));
        for (int i = random.nextInt(4); i > 0; i--) {
            runTask();
        }
        if (node.store != null && random.nextInt(20) == 0) {
            if (node.store.isCutOff()) {
                node.store.join();
            } else {
                node.store.cutOff();
            }
        }
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> {
                String key = "k" + random.nextInt(5);
                boolean brief = random.nextInt(4) == 0;
                long lifetime = brief ? (1 + random.nextInt(40)) * SECOND : Long.MAX_VALUE;
                node.table.set(key, PlainValues.of(++values), lifetime, now);
                node.naive.values.put(key, values);
                node.naive.until.put(key, brief ? now + lifetime : Long.MAX_VALUE);
            }
            case 4 -> {
                String key = "k" + random.nextInt(5);
                node.table.remove(key, now);
                node.naive.values.remove(key);
            }
            case 5 -> {
                int other = random.nextInt(count);
                int one = nodes.indexOf(node);
                boolean joined = wires.stream().anyMatch(wire -> wire.from == one && wire.to == other);
                if (one != other && !joined) {
                    join(one, other);
                }
            }
            case 6 -> {
                if (!wires.isEmpty() && random.nextInt(3) == 0) {
                    cut(wires.get(random.nextInt(wires.size())));
                }
            }
            case 7 -> {
                now += random.nextLong(4 * SECOND);
                nodes.forEach(each -> each.table.tick(now));
            }
            default -> {
                now += random.nextLong(100 * MILLI);
                if (!wires.isEmpty()) {
                    Wire wire = wires.get(random.nextInt(wires.size()));
                    send(wire);
                    deliver(wire);
                }
            }
        }
    }

    private void join(int one, int other) {
        Wire there = new Wire(one, other, link(one));
        Wire back = new Wire(other, one, link(other));
        there.back = back;
        back.back = there;
        wires.add(there);
        wires.add(back);
    }

    private PresenceLink link(int node) {
        return new PresenceLink(nodes.get(node).table, PresenceLimits.DEFAULT, () -> {}, 1 << 20, now);
    }

    private void cut(Wire wire) {
        for (Wire each : List.of(wire, wire.back)) {
            wires.remove(each);
            each.sender.close(now);
        }
    }

    private boolean send(Wire wire) {
        if (wire.underWay.size() > 2) {
            return false; // it is busy
        }
        byte[] message = wire.sender.next(Long.MAX_VALUE, now);
        if (message != null) {
            wire.underWay.add(message);
            messages++;
        }
        return message != null;
    }

    private boolean deliver(Wire wire) {
        byte[] message = wire.underWay.poll();
        if (message != null) {
            wire.back.sender.received(message, now);
        }
        return message != null;
    }

    private void settle() {
        boolean moved = true;
        for (int i = 0; moved; i++) {
            assertThat(i).as("seed %d: it never settles", seed).isLessThan(1_000);
            moved = false;
            for (Wire wire : wires) {
                moved |= send(wire);
                moved |= deliver(wire);
            }
            wakeHubs();
            while (runTask()) {
                look();
            }
            look();
        }
    }

    /** No key of anybody goes back to an earlier value. */
    private void look() {
        for (Node node : nodes) {
            for (PresenceEntry entry : node.table.entries()) {
                long value = (Long) entry.value();
                Long before = node.seen.put(entry.peer() + entry.key(), value);
                assertThat(before == null || before <= value)
                        .as("seed %d: %s went back from %s to %d", seed, entry.key(), before, value)
                        .isTrue();
            }
        }
    }

    private void check() {
        for (int i = 0; i < nodes.size(); i++) {
            Map<String, Long> expected = new TreeMap<>();
            Set<String> ending = new HashSet<>();
            for (int other : reachable(i)) {
                Node node = nodes.get(other);
                node.naive.values.forEach((key, value) -> {
                    long until = node.naive.until.get(key);
                    long left = until == Long.MAX_VALUE ? until : until - now;
                    // Whoever passes a value on says what is left of its time in whole milliseconds, and no more than
                    // that.
                    if (left > nodes.size() * MILLI) {
                        expected.put(node.id + key, value);
                    } else if (left > 0) {
                        ending.add(node.id + key);
                    }
                });
            }
            Map<String, Long> shown = new TreeMap<>();
            nodes.get(i).table.entries().forEach(entry -> shown.put(entry.peer() + entry.key(), (Long) entry.value()));
            shown.keySet().removeAll(ending);
            assertThat(shown)
                    .as("seed %d, peer %d of %d", seed, i, nodes.size())
                    .isEqualTo(expected);
        }
    }

    /** Once all have the same, a refresh of each value is all that moves: at most once over each link. */
    private void quiet() {
        long before = messages;
        long saidBefore = store.sent();
        long end = now + 10 * SECOND;
        while (now - end < 0) {
            now += 50 * MILLI;
            nodes.forEach(node -> node.table.tick(now));
            settle();
        }
        long entries =
                nodes.stream().mapToLong(node -> node.naive.values.size()).sum();
        assertThat(messages - before)
                .as("seed %d: messages of 10 s, for %d values over %d links", seed, entries, wires.size())
                .isLessThanOrEqualTo(2 * entries * wires.size());
        long hubs = nodes.stream().filter(node -> node.store != null).count();
        assertThat(store.sent() - saidBefore)
                .as("seed %d: messages of 10 s at the store, for %d values of %d hubs", seed, entries, hubs)
                .isLessThanOrEqualTo(2 * entries * hubs);
    }

    private Set<Integer> reachable(int from) {
        Set<Integer> reached = new HashSet<>();
        Queue<Integer> next = new ArrayDeque<>(List.of(from));
        while (!next.isEmpty()) {
            int node = next.remove();
            if (reached.add(node)) {
                if (nodes.get(node).store != null) {
                    nodes.stream().filter(each -> each.store != null).forEach(each -> next.add(nodes.indexOf(each)));
                }
                wires.stream().filter(wire -> wire.from == node).forEach(wire -> next.add(wire.to));
            }
        }
        return reached;
    }
}
