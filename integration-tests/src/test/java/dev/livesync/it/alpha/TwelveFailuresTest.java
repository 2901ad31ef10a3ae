package dev.livesync.it.alpha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.CarWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The twelve ways in which alphas lose data, each against the real thing: first with alphas alone, where the loss is asserted
 * (or the test would prove nothing), then with a LiveSync peer among them.
 */
class TwelveFailuresTest {
    private static final Duration MOMENT = Duration.ofSeconds(2);
    private static final FailureTable TABLE = new FailureTable();

    private Bench bench;

    @BeforeEach
    void open() {
        bench = Bench.open(1);
    }

    @AfterEach
    void close() {
        if (bench != null) { // there is none where Node is missing
            bench.close();
        }
    }

    @AfterAll
    static void table() throws Exception {
        TABLE.check();
    }

    private static List<String> ids(int count) {
        return IntStream.range(0, count).mapToObj("a%03d"::formatted).toList();
    }

    private static List<String> randomIds(int count, long seed) {
        Random random = new Random(seed);
        return IntStream.range(0, count)
                .mapToObj(i -> "d" + Integer.toString(random.nextInt(1_000_000_000), 36))
                .toList();
    }

    @Test
    void failure1StaleHeads() {
        int stale = 0;
        int lost = 0;
        for (int seed = 0; seed < 10; seed++) {
            Alpha a = bench.alpha("a" + seed);
            Alpha b = bench.alpha("b" + seed);
            a.put("x", "old" + seed);
            Alpha.link(a, b, "one" + seed);
            bench.cut("one" + seed);
            a.put("x", "newer" + seed);
            a.put("x", "newest" + seed);
            Alpha.link(a, b, "two" + seed);
            stale += b.all().get("x").equals("newest" + seed) ? 0 : 1;
            b.put("other", 1);
            bench.settle();
            lost += a.all().get("x").equals("newest" + seed) ? 0 : 1;
        }
        assertThat(stale).as("stale values among ten").isBetween(1, 9);
        assertThat(lost).as("newest values lost for good").isPositive();

        for (int seed = 0; seed < 10; seed++) {
            Hub hub = bench.hub("hub" + seed);
            Alpha a = bench.alpha("ga" + seed);
            Alpha b = bench.alpha("gb" + seed);
            a.put("x", "old" + seed);
            Link atA = bench.join(a, hub);
            Link atB = bench.join(b, hub);
            atA.cut();
            a.put("x", "newer" + seed);
            a.put("x", "newest" + seed);
            bench.join(a, hub);
            atB.cut();
            hub.put("y", "offline" + seed);
            hub.put("x", "hub's" + seed);
            bench.join(b, hub);
            bench.pass(MOMENT);
            assertThat(b.all()).isEqualTo(hub.all()).containsEntry("x", "hub's" + seed);
            b.put("other", 1);
            bench.pass(MOMENT);
            assertAllRight(hub, a, b);
            assertThat(hub.all()).containsEntry("x", "hub's" + seed).containsOnlyKeys("x", "y", "other");
        }
        TABLE.row(
                1,
                "Two edits of one document while apart",
                "10 databases: the other side kept the old value in " + stale + ", and its next put lost the newest in "
                        + lost,
                "10 of 10 right, also after that put",
                "");
    }

    @Test
    void failure2AFreshPeerOfADatabaseWrittenInRandomOrder() {
        int broken = 0;
        String error = "";
        Alpha a = null;
        Alpha b = null;
        for (int seed = 1; seed <= 10; seed++) {
            Alpha from = bench.alpha("from" + seed);
            from.puts(randomIds(60, seed), 1);
            Alpha to = bench.alpha("to" + seed);
            Alpha.link(from, to, "link" + seed);
            if (!to.error().isEmpty()) {
                error = to.error();
                broken++;
                a = from;
                b = to;
            }
        }
        assertThat(broken).as("fresh alphas that cannot read, of ten").isPositive();

        Hub hub = bench.hub("hub");
        bench.join(a, hub);
        bench.pass(MOMENT);
        assertThat(hub.all()).hasSize(60);
        Alpha c = bench.alpha("c");
        bench.join(c, hub);
        bench.join(b, hub);
        bench.pass(MOMENT);
        assertAllRight(hub, a, b, c);
        TABLE.row(
                2,
                "A fresh peer of a database written in random order",
                "10 databases of 60 documents: at " + broken + " fresh alphas every read throws (" + error(error) + ")",
                "all 60 documents at a fresh alpha, and at the broken one",
                "");
    }

    /** An alpha with 50 documents and two heads. */
    private Alpha twoHeads(String name) {
        Alpha a = bench.alpha(name);
        Alpha fork = bench.alpha(name + "-fork");
        a.puts(ids(50), 1);
        Alpha.link(a, fork, name + "-one");
        bench.cut(name + "-one");
        fork.put("fork", 2);
        a.put("main", 3);
        Alpha.link(a, fork, name + "-two");
        assertThat(a.clock()).hasSize(2);
        assertThat(a.all()).hasSize(52);
        return a;
    }

    @Test
    void failure3AFreshPeerOfADatabaseWithTwoHeads() {
        Alpha a = twoHeads("a");
        Alpha c = bench.alpha("c");
        Alpha.link(a, c, "link");
        int events = events(c);
        assertThat(events).as("events that reached the fresh alpha").isLessThan(52);

        Hub hub = bench.hub("hub");
        Link link = bench.join(a, hub);
        bench.pass(Duration.ofSeconds(10));
        bench.get(link.session().backlog());
        assertThat(hub.all()).hasSize(52).isEqualTo(a.all());
        Alpha fresh = bench.alpha("fresh");
        bench.join(fresh, hub);
        bench.pass(MOMENT);
        assertAllRight(hub, a, fresh);
        TABLE.row(
                3,
                "A fresh peer of a database with two heads",
                "50 documents and two heads: " + events + " of 52 events arrive, for good",
                "LiveSync gets all 52 and gives them to the fresh alpha",
                "");
    }

    @Test
    void failure4APeerThatLacksTheAncestorsTree() {
        Alpha a = twoHeads("a");
        Alpha c = bench.alpha("c");
        Alpha.link(a, c, "link");
        String error = c.error();
        assertThat(error).isNotEmpty();
        assertThat(failure(() -> c.put("more", 1))).isNotEmpty();

        Hub hub = bench.hub("hub");
        bench.join(a, hub);
        bench.join(c, hub);
        bench.pass(Duration.ofSeconds(10));
        assertAllRight(hub, a, c);
        c.put("more", 1);
        bench.pass(MOMENT);
        assertAllRight(hub, a, c);
        assertThat(hub.all()).hasSize(53);
        TABLE.row(
                4,
                "A peer that lacks the tree of its heads' ancestor",
                "every get and put throws (" + error(error) + ")",
                "the same alpha reads and writes all 52 documents",
                "");
    }

    @Test
    void failure5ALostAndAReplayedChange() {
        Alpha a = bench.alpha("a");
        Alpha b = bench.alpha("b");
        a.puts(ids(3), 1);
        Alpha.link(a, b, "link");
        bench.hold("link.a");
        a.put("x", "old");
        byte[] old = bench.held("link.a").get(0);
        bench.release("link.a", true);
        a.put("x", "new");
        bench.settle();
        String error = b.error();
        assertThat(error).isNotEmpty();

        Hub hub = bench.hub("hub");
        bench.join(b, hub);
        bench.join(a, hub);
        bench.pass(MOMENT);
        assertAllRight(hub, a, b);
        assertThat(hub.all()).containsEntry("x", "new");

        int before = b.clock().size();
        bench.receive("link.b", old);
        assertThat(b.clock()).as("a replayed change is a stale head").hasSize(before + 1);
        b.put("next", 1);
        bench.pass(MOMENT);
        assertAllRight(hub, a, b);
        assertThat(hub.all()).containsEntry("x", "new").containsEntry("next", "1");
        TABLE.row(
                5,
                "A lost and a replayed change",
                "one lost: every read throws (" + error(error) + "); one replayed: a stale head",
                "the lost one arrives through LiveSync; after the next change the stale head is gone",
                "until that next change nobody but the alpha knows of the replay");
    }

    @Test
    void failure6NoRelay() {
        Alpha a = bench.alpha("a");
        Alpha b = bench.alpha("b");
        Alpha c = bench.alpha("c");
        a.puts(ids(3), 1);
        Alpha.link(a, b, "ab");
        Alpha.link(b, c, "bc");
        a.put("x", 2);
        bench.settle();
        assertThat(c.all()).doesNotContainKey("x");
        b.put("y", 3);
        bench.settle();
        String error = c.error();
        assertThat(error).isNotEmpty();

        Hub hub = bench.hub("hub");
        bench.join(a, hub);
        bench.join(c, hub);
        bench.pass(MOMENT);
        assertAllRight(hub, a, c);
        a.put("z", 4);
        bench.settle();
        c.put("w", 5);
        bench.pass(MOMENT);
        assertAllRight(hub, a, b, c);
        assertThat(hub.all()).hasSize(7);
        TABLE.row(
                6,
                "A – B – C: changes are not relayed",
                "C never gets A's, and B's own next one breaks it (" + error(error) + ")",
                "LiveSync relays, and C is whole again",
                "");
    }

    @Test
    void failure7ForgedBlocks() {
        Alpha a = bench.alpha("a");
        Alpha b = bench.alpha("b");
        a.put("x", "true");
        Alpha.link(a, b, "link");
        bench.hold("link.a");
        a.put("y", "genuine");
        byte[] forged = replace(bench.held("link.a").get(0), "genuine", "forgery");
        bench.release("link.a", true);
        bench.receive("link.b", forged);
        String error = b.error();
        assertThat(error).isNotEmpty();
        assertThat(failure(() -> b.put("z", 1))).isNotEmpty();

        Hub hub = bench.hub("hub");
        Alpha c = bench.alpha("c");
        bench.join(c, hub);
        Link link = bench.join(a, hub);
        SortedMap<String, String> before = hub.all();
        bench.forge(link, forged);
        assertThat(hub.failures()).hasSize(1);
        assertThat(hub.failures().get(0)).contains("bafy");
        assertThat(hub.all()).isEqualTo(before).containsEntry("y", "genuine");
        bench.pass(MOMENT);
        assertThat(c.all()).isEqualTo(before);
        TABLE.row(
                7,
                "Hashes are not checked",
                "one forged block is stored, and every later get and put throws (" + error(error) + ")",
                "the session ends with an error that names the block; nothing of it is stored or passed on",
                "an alpha that has stored a forged block keeps it: it never stores a block twice");
    }

    @Test
    void failure8NamedDatabases() {
        Alpha named = bench.named("named");
        Alpha b = bench.alpha("b");
        named.put("x", 1);
        Alpha.link(named, b, "link");
        named.put("y", 2);
        bench.settle();
        assertThat(b.all()).containsOnlyKeys("x");
        List<String> faults = bench.faults("link.b");
        assertThat(faults).isNotEmpty();

        Hub hub = bench.hub("hub");
        Link link = bench.join(named, hub);
        Alpha c = bench.alpha("c");
        bench.join(b, hub);
        bench.join(c, hub);
        named.put("z", 3);
        bench.pass(MOMENT);
        assertAllRight(hub, named, b, c);
        assertThat(bench.faults(link.name())).isEmpty();
        hub.put("v", 5);
        bench.pass(MOMENT);
        assertAllRight(hub, b, c);
        assertThat(hub.all()).hasSize(4);
        assertThat(bench.faults(link.name()).get(0)).contains("undefined");
        assertThat(named.all()).doesNotContainKey("v");
        TABLE.row(
                8,
                "Changes of a persistent database",
                "the receiver throws (" + error(faults.get(0)) + ") and shows nothing",
                "LiveSync finds the event and relays it",
                "a persistent alpha throws on whatever it receives, from anybody, and shows nothing of it");
    }

    @Test
    void failure9Batches() {
        Alpha a = bench.alpha("a");
        Hub writer = bench.hub("writer");
        writer.put("x", "old");
        Link link = bench.join(a, writer);
        link.cut();
        // What a peer would send that knows of no bridges.
        int stale = 0;
        for (int i = 0; i < 10; i++) {
            Alpha copy = bench.alpha("copy" + i);
            bench.join(copy, writer).cut();
            List<Cid> before = writer.database().clock();
            String value = "new" + i;
            writer.write(batch -> {
                batch.put(dev.livesync.database.Document.of("x", Map.of("v", value)));
                batch.put(dev.livesync.database.Document.of("y", Map.of("v", value)));
                batch.put(dev.livesync.database.Document.of("z", Map.of("v", value)));
            });
            Alpha other = bench.alpha("other" + i);
            Alpha.link(copy, other, "raw" + i);
            bench.receive("raw" + i + ".a", car(writer, before));
            stale += copy.all().equals(writer.all()) ? 0 : 1;
        }
        assertThat(stale).as("alphas with old values among ten").isPositive();

        for (int i = 0; i < 10; i++) {
            Hub hub = bench.hub("hub" + i);
            Alpha b = bench.alpha("b" + i);
            hub.put("x", "old");
            bench.join(b, hub);
            String value = "new" + i;
            hub.write(batch -> {
                batch.put(dev.livesync.database.Document.of("x", Map.of("v", value)));
                batch.put(dev.livesync.database.Document.of("y", Map.of("v", value)));
                batch.put(dev.livesync.database.Document.of("z", Map.of("v", value)));
            });
            bench.pass(MOMENT);
            assertAllRight(hub, b);
            b.put("x", "newest" + i);
            bench.pass(MOMENT);
            Alpha fresh = bench.alpha("fresh" + i);
            bench.join(fresh, hub);
            bench.pass(MOMENT);
            assertAllRight(hub, b, fresh);
            assertThat(hub.all()).containsEntry("x", "newest" + i).containsEntry("y", value);
        }
        TABLE.row(
                9,
                "Batches of one tree",
                "10 batches to alphas in sync: " + stale + " showed old values",
                "10 of 10 right behind a bridge, also after the alpha's next put and at a fresh alpha",
                "");
    }

    @Test
    void failure10NothingEnds() {
        Alpha a = bench.alpha("a");
        Alpha b = bench.alpha("b");
        a.put("x", 1);
        Alpha.link(a, b, "link");
        bench.ask(Bench.command("destroy").put("sync", "link.b"));
        a.put("y", 2);
        bench.settle();
        assertThat(b.all()).as("a destroyed Sync goes on").containsKey("y");
        bench.ask(Bench.command("offer").put("db", "a").put("sync", "nobody"));
        bench.settle();
        assertThat(bench.ask(Bench.command("backlog").put("sync", "nobody")).asText())
                .isEqualTo("pending");

        Hub hub = bench.hub("hub");
        Link link = bench.join(a, hub);
        var unused = link.session().delivered().thenRun(link.session()::close);
        bench.settle();
        a.put("z", 3);
        bench.pass(MOMENT);
        assertThat(hub.all()).doesNotContainKey("z");
        assertThat(link.session().closed()).isCompleted();
        // An alpha that is gone without a word: nothing of it is ever heard.
        Hub waiting = bench.hub("waiting");
        Link dead = bench.joinDead(a, waiting);
        bench.pass(Duration.ofMinutes(2));
        assertThat(failure(() -> bench.get(dead.session().backlog()))).contains("has not said what it has");
        assertThat(failure(() -> bench.get(hub.sync().connect("no answer")))).contains("answer");
        TABLE.row(
                10,
                "Nothing ends",
                "a destroyed Sync still takes data; backlog() of a peer that never comes stays pending",
                "a closed session takes nothing more; a silent peer and a bad answer are errors",
                "an alpha's own backlog() cannot be ended from outside");
    }

    @Test
    void failure11TreesThatLoseDocuments() {
        Alpha a = bench.alpha("a");
        List<String> ids = FailureSeeds.treeThatLosesDocuments();
        a.putsNumbered(ids);
        int lost = ids.size() - a.all().size();
        assertThat(lost).isPositive();

        Hub hub = bench.hub("hub");
        bench.join(a, hub);
        bench.pass(MOMENT);
        assertThat(hub.all()).hasSize(ids.size());
        assertThat(hub.mismatches()).hasSize(1);
        Alpha b = bench.alpha("b");
        bench.join(b, hub);
        bench.pass(MOMENT);
        assertAllRight(hub, a, b);
        a.put("next", 2);
        bench.pass(MOMENT);
        assertAllRight(hub, a, b);
        assertThat(hub.all()).hasSize(ids.size() + 1);

        // Where LiveSync has the whole tree it can say what is wrong with it.
        Hub second = bench.hub("second");
        Alpha live = bench.alpha("live");
        bench.join(live, second);
        live.putsNumbered(ids);
        assertThat(live.all()).hasSize(ids.size() - lost);
        bench.pass(MOMENT);
        assertAllRight(second, live);
        assertThat(second.all()).hasSize(ids.size());
        assertThat(second.mismatches()).hasSize(1);
        assertThat(second.mismatches().values().iterator().next()).hasSize(20).allMatch(ids::contains);
        TABLE.row(
                11,
                "Trees that lose documents",
                lost + " of " + ids.size() + " documents are gone from an alpha that was alone",
                "all are back, in LiveSync and in the alpha; the status names them",
                "");
    }

    @Test
    void failure12NoCommonAncestor() {
        Alpha a = bench.alpha("a");
        Alpha b = bench.alpha("b");
        a.put("x", 1);
        a.put("y", 2);
        a.del("x");
        b.put("z", 3);
        Alpha.link(a, b, "link");
        String error = a.error();
        assertThat(error).isNotEmpty();
        assertThat(failure(() -> b.put("w", 4))).isNotEmpty();

        Hub hub = bench.hub("hub");
        Alpha c = bench.alpha("c");
        Alpha d = bench.alpha("d");
        c.put("x", 1);
        c.put("y", 2);
        c.del("x");
        d.put("z", 3);
        bench.join(c, hub);
        bench.join(d, hub);
        bench.join(a, hub);
        bench.join(b, hub);
        bench.pass(MOMENT);
        assertAllRight(hub, a, b, c, d);
        d.put("w", 4);
        bench.pass(MOMENT);
        assertAllRight(hub, a, b, c, d);
        assertThat(hub.all()).containsOnlyKeys("y", "z", "w");
        TABLE.row(
                12,
                "No common ancestor, and a delete",
                "every read and put throws (" + error(error) + ")",
                "merged first: both read and write",
                "");
    }

    // ---- helpers

    private static void assertAllRight(Hub hub, Alpha... alphas) {
        assertThat(hub.failures()).isEmpty();
        SortedMap<String, String> right = hub.all();
        for (Alpha alpha : alphas) {
            assertThat(alpha.error()).as(alpha.name()).isEmpty();
            assertThat(alpha.all()).as(alpha.name()).isEqualTo(right);
        }
    }

    private static int events(Alpha alpha) {
        return (int) alpha.blocks().stream()
                .filter(dev.livesync.car.Events::looksLikeEvent)
                .count();
    }

    private static String failure(Runnable action) {
        try {
            action.run();
            return "";
        } catch (AlphaError | SyncException e) {
            return e.getMessage();
        }
    }

    /** Without what differs from run to run. */
    private static String error(String message) {
        return message.replaceAll("bafy[a-z2-7]+", "…").replaceAll("[|\n]", " ");
    }

    /** The events after a clock and the tree of the last one, as one CAR. */
    private static byte[] car(Hub hub, List<Cid> since) {
        try (Snapshot snapshot = hub.snapshot()) {
            List<Block> blocks = new ArrayList<>();
            List<Cid> events = new ArrayList<>();
            snapshot.eventsSince(since).forEachRemaining(events::add);
            Event last = snapshot.event(events.get(events.size() - 1));
            for (Iterator<Block> nodes = snapshot.tree(last.cid()).blocks(); nodes.hasNext(); ) {
                blocks.add(nodes.next());
            }
            events.forEach(e -> blocks.add(snapshot.block(e)));
            return CarWriter.encode(List.of(last.cid()), blocks);
        }
    }

    private static byte[] replace(byte[] in, String from, String to) {
        byte[] out = in.clone();
        byte[] was = from.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        byte[] is = to.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (int i = 0; i + was.length <= out.length; i++) {
            if (Arrays.equals(out, i, i + was.length, was, 0, was.length)) {
                System.arraycopy(is, 0, out, i, is.length);
            }
        }
        return out;
    }
}
