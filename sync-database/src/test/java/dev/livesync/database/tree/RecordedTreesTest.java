package dev.livesync.database.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.car.CarReader;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.car.TreeNode.LeafEntry;
import dev.livesync.car.TreeNodes;
import dev.livesync.database.columns.KeyTable;
import dev.livesync.database.history.ChangeTracker;
import dev.livesync.database.history.CurrentDocuments;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.history.PastDocuments;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** History, merge and tree against what the alpha wrote: the same blocks in the same order. */
class RecordedTreesTest {
    private static final Pattern CID = Pattern.compile("\"(b[a-z2-7]{58})\"");

    /** As much of a database as it takes: events and nodes in memory, the tree of the heads kept by edits. */
    private static final class Small {
        final KeyTable keys = new KeyTable(1);
        final EventGraph graph = new EventGraph(1);
        final CurrentDocuments documents = new CurrentDocuments(graph);
        final PastDocuments past = new PastDocuments(keys, graph);
        final ChangeTracker tracker = documents.track();
        final Map<Cid, Event> events = new HashMap<>();
        final Nodes nodes = new Nodes();
        final TreeEditor editor = new TreeEditor(nodes);
        Cid root;

        void receive(Event e) {
            if (graph.indexOf(e.cid()) < 0) {
                int[] parents = e.parents().stream().mapToInt(graph::indexOf).toArray();
                boolean delete = e.type() == Event.Type.DELETE;
                documents.accept(graph.add(e.cid(), keys.intern(e.key()), delete, parents));
                events.put(e.cid(), e);
            }
        }

        /** Writes as the alpha does: the new nodes, then the event. */
        List<Block> write(String id, Optional<Encoded> value) {
            String key = Keys.ofId(id);
            SortedMap<String, Optional<Encoded>> changes = changed();
            changes.put(key, value);
            TreeEdit edit = editor.edit(root, changes);
            edit.nodes().forEach(nodes::add);
            root = edit.root();
            List<Block> written = new ArrayList<>(edit.nodes());
            List<Cid> parents = List.of(graph.cids(documents.heads()));
            Event e =
                    value.isPresent() ? Events.put(key, value.get(), root, parents) : Events.delete(key, root, parents);
            receive(e);
            written.add(e.block());
            return written;
        }

        /** What the tree lacks of the documents at the heads. */
        private SortedMap<String, Optional<Encoded>> changed() {
            SortedMap<String, Optional<Encoded>> result = new TreeMap<>();
            for (int key : tracker.drain()) {
                int put = documents.document(key);
                result.put(keys.name(key), put == EventGraph.NONE ? Optional.empty() : Optional.of(value(put)));
            }
            return result;
        }

        Encoded value(int put) {
            return Events.encodedValue(events.get(graph.cid(put)));
        }

        List<LeafEntry> entries(int... heads) {
            List<LeafEntry> result = new ArrayList<>();
            for (int put : past.at(heads)) {
                result.add(new LeafEntry(keys.name(graph.key(put)), value(put)));
            }
            return result;
        }
    }

    private static InputStream open(String file) {
        InputStream in = RecordedTreesTest.class.getResourceAsStream("/alpha-wire/" + file);
        assertThat(in).as(file).isNotNull();
        return in;
    }

    private static List<Block> car(String file) throws IOException {
        try (CarReader reader = new CarReader(open(file))) {
            List<Block> blocks = new ArrayList<>();
            for (Block b = reader.next(); b != null; b = reader.next()) {
                blocks.add(b);
            }
            return blocks;
        }
    }

    private static List<String> cids(String file) throws IOException {
        try (InputStream in = open(file)) {
            String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            Matcher m = CID.matcher(json.substring(json.indexOf("\"cids\"")));
            List<String> result = new ArrayList<>();
            while (m.find()) {
                result.add(m.group(1));
            }
            return result;
        }
    }

    /** The events of a CAR, parents first; the alpha sends them newest first and the newest twice. */
    private static List<Event> events(List<Block> blocks) {
        Map<Cid, Event> byCid = new LinkedHashMap<>();
        for (Block block : blocks) {
            if (Events.looksLikeEvent(block)) {
                byCid.putIfAbsent(block.cid(), Events.decode(block));
            }
        }
        List<Event> result = new ArrayList<>();
        while (result.size() < byCid.size()) {
            for (Event e : byCid.values()) {
                boolean ready =
                        e.parents().stream().allMatch(p -> !byCid.containsKey(p) || result.contains(byCid.get(p)));
                if (ready && !result.contains(e)) {
                    result.add(e);
                }
            }
        }
        return result;
    }

    private static Optional<Encoded> n(int n) {
        return Optional.of(Encoded.of(new Value.Mapping(Map.of("n", new Value.Int(n)))));
    }

    private static Small withEventsOf(String... cars) throws IOException {
        Small small = new Small();
        for (String car : cars) {
            events(car(car)).forEach(small::receive);
        }
        return small;
    }

    @Test
    void aHundredPutsWriteTheRecordedBlocksInTheRecordedOrder() throws IOException {
        Small small = new Small();
        List<String> written = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            small.write(String.format("doc%04d", i), n(i))
                    .forEach(b -> written.add(b.cid().toString()));
        }
        assertThat(cids("i-100-docs-02-A.json")).hasSize(374);
        assertThat(written).isEqualTo(cids("i-100-docs-02-A.json"));
    }

    @Test
    void livePutsAreTheRecordedCars() throws IOException {
        Small a = withEventsOf("a-empty-vs-3-03-A.car");
        Small b = withEventsOf("a-empty-vs-3-03-A.car");
        Event carol = events(car("d-live-05-A.car")).get(0);
        assertThat(a.write("carol", Optional.of(Events.encodedValue(carol)))).isEqualTo(car("d-live-05-A.car"));
        b.receive(carol);
        Event dave = events(car("d-live-06-B.car")).get(0);
        assertThat(b.write("dave", Optional.of(Events.encodedValue(dave)))).isEqualTo(car("d-live-06-B.car"));
        a.receive(dave);
        Event again = events(car("d-live-07-A.car")).get(0);
        assertThat(a.write("carol", Optional.of(Events.encodedValue(again)))).isEqualTo(car("d-live-07-A.car"));
    }

    @Test
    void liveDeletesAreTheRecordedCars() throws IOException {
        Small small = withEventsOf("a-empty-vs-3-03-A.car");
        assertThat(small.write("b2s35c", Optional.empty())).isEqualTo(car("e-delete-05-A.car"));
        assertThat(small.write("a1s35c", Optional.empty())).isEqualTo(car("e-delete-06-B.car"));
        assertThat(small.write("f4s35c", Optional.empty())).isEqualTo(car("e-delete-07-B.car"));
        assertThat(small.root).isNull();
        assertThat(small.documents.count()).isZero();
    }

    @Test
    void aPutAfterAForkWritesTheMergedTree() throws IOException {
        for (int order = 0; order < 2; order++) {
            List<String> forks = Arrays.asList("g-concurrent-03-A.car", "g-concurrent-04-B.car");
            if (order == 1) {
                Collections.reverse(forks);
            }
            Small small = withEventsOf("a-empty-vs-3-03-A.car", forks.get(0), forks.get(1));
            Event after = events(car("g-concurrent-05-A.car")).get(0);
            assertThat(small.documents.heads()).hasSize(2);
            assertThat(small.write("after-merge", Optional.of(Events.encodedValue(after))))
                    .isEqualTo(car("g-concurrent-05-A.car"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a-empty-vs-3-03-A",
                "d-live-05-A",
                "d-live-06-B",
                "d-live-07-A",
                "e-delete-05-A",
                "e-delete-06-B",
                "e-delete-07-B",
                "g-concurrent-03-A",
                "g-concurrent-04-B",
                "g-concurrent-05-A",
                "i-100-docs-03-A"
            })
    void everyRecordedEventNamesTheTreeThatItsHistorySays(String name) throws IOException {
        Small small = new Small();
        List<String> story =
                List.of("a-empty-vs-3-03-A", "d-live-05-A", "d-live-06-B", "e-delete-05-A", "e-delete-06-B");
        for (String earlier : List.of("g-concurrent-03-A", "g-concurrent-04-B")) {
            if (name.equals("g-concurrent-05-A")) {
                events(car("a-empty-vs-3-03-A.car")).forEach(small::receive);
                events(car(earlier + ".car")).forEach(small::receive);
            }
        }
        for (String earlier : story) {
            events(car(earlier + ".car")).forEach(small::receive);
        }
        List<Event> events = events(car(name + ".car"));
        events.forEach(small::receive);
        assertThat(events).isNotEmpty().allSatisfy(e -> {
            List<LeafEntry> entries = small.entries(small.graph.indexOf(e.cid()));
            assertThat(TreeBuilder.build(entries.iterator(), n -> {})).isEqualTo(e.root());
        });
    }

    /** Put in random order, so the alpha's tree is another one, with the same documents. */
    @Test
    void aTreeThatIsNotCanonicalHoldsTheDocumentsOfTheEvents() throws IOException {
        List<Block> blocks = car("k-random-order-100-A.car");
        Small small = withEventsOf("k-random-order-100-A.car");
        Nodes nodes = new Nodes();
        blocks.stream().filter(TreeNodes::looksLikeNode).forEach(nodes::add);
        int head = small.documents.heads()[0];
        Event e = small.events.get(small.graph.cid(head));
        List<LeafEntry> entries = small.entries(head);
        assertThat(entries).hasSize(100);
        assertThat(TreeComparison.differences(
                        entries.iterator(), new TreeWalk(nodes, e.root(), 1_000), Integer.MAX_VALUE))
                .isEmpty();
        assertThat(TreeBuilder.build(entries.iterator(), n -> {})).isNotEqualTo(e.root());
    }
}
