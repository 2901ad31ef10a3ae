package dev.livesync.it.alpha;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Events;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNodes;
import dev.livesync.database.Database;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Seeded histories of two to four alphas, and what LiveSync makes of their events: the same documents wherever the alpha's own
 * faults stay out of it. LiveSync is judged by the events, never by an alpha's tree.
 */
class ParityTest {
    private final Map<String, Integer> kinds = new TreeMap<>();
    private int inside;
    private int weighed;
    private int tied;

    @Test
    void aHundredHistories() {
        histories(100);
        assertThat(inside).as("inside, of 100: %s", kinds).isGreaterThanOrEqualTo(50);
        assertThat(weighed).as("decided by weight").isGreaterThanOrEqualTo(20);
        assertThat(tied).as("decided by CID").isGreaterThanOrEqualTo(5);
    }

    @Tag("soak")
    @Test
    void aThousandHistories() {
        histories(1_000);
        System.out.println("parity: " + kinds + ", inside " + inside + ", by weight " + weighed + ", by CID " + tied);
        assertThat(inside).as("inside, of 1,000: %s", kinds).isGreaterThanOrEqualTo(500);
        assertThat(weighed).as("decided by weight").isGreaterThanOrEqualTo(200);
        assertThat(tied).as("decided by CID").isGreaterThanOrEqualTo(50);
    }

    private void histories(int count) {
        try (Bench bench = Bench.open(1)) {
            for (int seed = 1; seed <= count; seed++) {
                history(bench, seed);
            }
        }
    }

    private void history(Bench bench, int seed) {
        Random random = new Random(seed);
        int replicas = 2 + random.nextInt(3);
        List<Alpha> alphas = new ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            alphas.add(bench.alpha(seed + "-" + i));
        }
        if (seed % 4 == 0) {
            alphas.get(0).put("start", "s" + seed);
        }
        int links = 0;
        int rounds = 3 + random.nextInt(3);
        String failed = "";
        try {
            if (seed % 4 != 0) {
                inStep(bench, seed, random, alphas);
                rounds = 0;
            }
            for (int round = 0; round < rounds; round++) {
                for (int i = 1; i < replicas; i++) {
                    String link = seed + "-" + links++;
                    Alpha.link(alphas.get(random.nextInt(i)), alphas.get(i), link);
                    bench.cut(link);
                }
                for (int writes = random.nextInt(2 * replicas + 1); writes >= 0; writes--) {
                    Alpha alpha = alphas.get(random.nextInt(replicas));
                    String id = "k" + random.nextInt(4);
                    if (random.nextInt(5) == 0) {
                        alpha.del(id);
                    } else {
                        alpha.put(id, seed + "." + round + "." + writes);
                    }
                }
            }
            if (rounds > 0) {
                Alpha.link(alphas.get(0), alphas.get(1), seed + "-" + links);
            }
        } catch (AlphaError e) {
            failed = "an alpha threw";
        }
        Map<Cid, Block> blocks = new LinkedHashMap<>();
        alphas.forEach(a -> a.blocks().forEach(b -> blocks.put(b.cid(), b)));
        Map<Cid, Event> events = new HashMap<>();
        blocks.values().stream().filter(Events::looksLikeEvent).forEach(b -> events.put(b.cid(), Events.decode(b)));
        Definitions definitions = new Definitions(events);
        List<List<Cid>> clocks = alphas.stream().map(Alpha::clock).toList();
        List<SortedMap<String, String>> ours = documents(events, clocks);
        boolean redundant = clocks.stream().anyMatch(definitions::isRedundant)
                || events.values().stream().anyMatch(e -> definitions.isRedundant(e.parents()));
        boolean baked = events.values().stream().allMatch(e -> {
            SortedMap<String, String> tree = tree(blocks, e.root());
            return tree != null && tree.equals(Definitions.plain(definitions.after(e.cid())));
        });
        boolean agrees = true;
        for (int i = 0; i < replicas; i++) {
            // LiveSync is right by the definitions in every history, whatever the alphas have made of it.
            assertThat(ours.get(i))
                    .as("seed %d, replica %d", seed, i)
                    .isEqualTo(Definitions.plain(definitions.at(clocks.get(i))));
            String error = alphas.get(i).error();
            if (!error.isEmpty()) {
                failed = "an alpha threw";
            } else {
                agrees &= alphas.get(i).all().equals(ours.get(i));
            }
        }
        String kind = !failed.isEmpty()
                ? failed
                : redundant ? "redundant parents" : baked ? "inside" : "a tree that is not its events'";
        if (kind.equals("inside")) {
            assertThat(agrees)
                    .as("seed %d: the alpha reads what LiveSync reads", seed)
                    .isTrue();
            inside++;
            weighed += definitions.byWeight > 0 ? 1 : 0;
            tied += definitions.byCid > 0 ? 1 : 0;
        }
        kinds.merge(kind + (agrees ? "" : ", different"), 1, Integer::sum);
        alphas.forEach(a -> bench.ask(a.command("close")));
    }

    /** Changes reach the others one by one and after their ancestors, as they do while everybody is connected, but late. */
    private static void inStep(Bench bench, int seed, Random random, List<Alpha> alphas) {
        Alpha sink = bench.alpha(seed + "-sink");
        int n = alphas.size();
        List<byte[]> cars = new ArrayList<>();
        List<Integer> authors = new ArrayList<>();
        int[] got = new int[n];
        for (int i = 0; i < n; i++) {
            String link = seed + "-in-" + i;
            bench.ask(Bench.command("wire")
                    .put("a", alphas.get(i).name())
                    .put("b", sink.name())
                    .put("name", link));
            bench.settle();
            bench.hold(link + ".a");
        }
        int writes = 8 + random.nextInt(16);
        for (int w = 0; w < writes; w++) {
            int i = w == 0 ? 0 : random.nextInt(n);
            Alpha alpha = alphas.get(i);
            String id = "k" + random.nextInt(4);
            if (w > 2 && random.nextInt(5) == 0) {
                alpha.del(id);
            } else {
                alpha.put(id, seed + "." + w);
            }
            List<byte[]> held = bench.held(seed + "-in-" + i + ".a");
            cars.add(held.get(held.size() - 1));
            authors.add(i);
            if (w == 0 || random.nextInt(3) == 0) {
                int to = random.nextInt(n);
                for (int each = 0; each < n; each++) {
                    int end = w == 0 ? 1 : each == to ? random.nextInt(got[each], cars.size() + 1) : got[each];
                    for (; got[each] < end; got[each]++) {
                        if (authors.get(got[each]) != each) {
                            bench.receive(seed + "-in-" + each + ".a", cars.get(got[each]));
                        }
                    }
                }
            }
        }
        bench.ask(sink.command("close"));
    }

    private static List<SortedMap<String, String>> documents(Map<Cid, Event> events, List<List<Cid>> clocks) {
        try (Database database = Database.inMemory()) {
            database.replica().commit(new Commit(List.of(), List.copyOf(events.values()), new Origin("s", "p")));
            List<SortedMap<String, String>> documents = new ArrayList<>();
            try (Snapshot snapshot = database.replica().snapshot()) {
                for (List<Cid> clock : clocks) {
                    Map<Cid, Block> nodes = new HashMap<>();
                    var tree = snapshot.canonicalTree(clock);
                    tree.blocks().forEachRemaining(b -> nodes.put(b.cid(), b));
                    documents.add(tree(nodes, tree.root()));
                }
            }
            return documents;
        }
    }

    /** What a tree holds; null if it is not whole. */
    private static SortedMap<String, String> tree(Map<Cid, Block> blocks, Cid root) {
        SortedMap<String, String> documents = new TreeMap<>();
        List<Cid> todo = new ArrayList<>();
        if (root != null) {
            todo.add(root);
        }
        while (!todo.isEmpty()) {
            Block block = blocks.get(todo.remove(todo.size() - 1));
            if (block == null) {
                return null;
            }
            TreeNode node = TreeNodes.decode(block);
            if (node instanceof TreeNode.Branch branch) {
                branch.entries().forEach(e -> todo.add(e.child()));
            } else {
                ((TreeNode.Leaf) node)
                        .entries()
                        .forEach(e -> documents.put(
                                dev.livesync.car.Keys.toId(e.key()),
                                ((dev.livesync.api.Value.Text) ((dev.livesync.api.Value.Mapping)
                                                        e.value().value())
                                                .entries()
                                                .get("v"))
                                        .value()));
            }
        }
        return documents;
    }
}
