package dev.livesync.core.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Value;
import dev.livesync.api.transport.Message;
import dev.livesync.car.CarDecoder;
import dev.livesync.car.CarWriter;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The exchanges that were recorded from the alpha, played against the protocol from both sides: it accepts what the other end
 * sent, and sends, byte for byte, what this end did. The alpha repeats its head in the CAR that answers a diff; the protocol
 * does not, and the recording is compared without the repetition.
 */
class RecordedExchangesTest {
    private static final String THREE = "bafyreibllbdlexr25r2fe42dh56rqbfif3vcu4iyzh5ltk4z33myo74mcu";

    static List<Supplier<TestDb>> databases() {
        return TestDbs.all();
    }

    @ParameterizedTest
    @MethodSource("databases")
    void aFullPeerSendsAnEmptyOneEverything(Supplier<TestDb> databases) {
        TestDb db = three(databases.get());
        ManualSession a = session(db);
        expect(a.open(), "a-empty-vs-3-02-A.json");
        expect(a.deliver(message("a-empty-vs-3-01-B.json")), "a-empty-vs-3-03-A.car");
        expect(a.deliver(message("a-empty-vs-3-04-B.json")));
        assertInSync(a, db, THREE);
    }

    @ParameterizedTest
    @MethodSource("databases")
    void anEmptyPeerTakesEverything(Supplier<TestDb> databases) {
        TestDb db = databases.get();
        ManualSession b = session(db);
        expect(b.open(), "a-empty-vs-3-01-B.json");
        expect(b.deliver(message("a-empty-vs-3-02-A.json")), "a-empty-vs-3-04-B.json");
        expect(b.deliver(message("a-empty-vs-3-03-A.car")));
        assertInSync(b, db, THREE);
        assertThat(db.documents()).isEqualTo(threeDocuments());
    }

    @ParameterizedTest
    @MethodSource("databases")
    void theOfferingSideIsEmpty(Supplier<TestDb> databases) {
        TestDb empty = databases.get();
        ManualSession a = session(empty);
        expect(a.open(), "a2-3-vs-empty-02-A.json");
        expect(a.deliver(message("a2-3-vs-empty-01-B.json")), "a2-3-vs-empty-03-A.json");
        expect(a.deliver(message("a2-3-vs-empty-04-B.car")));
        assertInSync(a, empty, THREE);
        assertThat(empty.documents()).isEqualTo(threeDocuments());

        TestDb full = three(databases.get());
        ManualSession b = session(full);
        expect(b.open(), "a2-3-vs-empty-01-B.json");
        expect(b.deliver(message("a2-3-vs-empty-02-A.json")), "a2-3-vs-empty-04-B.car");
        expect(b.deliver(message("a2-3-vs-empty-03-A.json")));
        assertInSync(b, full, THREE);
    }

    @ParameterizedTest
    @MethodSource("databases")
    void equalPeersSayOk(Supplier<TestDb> databases) {
        TestDb db = three(databases.get());
        ManualSession a = session(db);
        expect(a.open(), "c-in-sync-02-A.json");
        expect(a.deliver(message("c-in-sync-01-B.json")), "c-in-sync-03-A.json");
        assertThat(a.equal).isTrue();
        expect(a.deliver(message("c-in-sync-04-B.json")));
        assertInSync(a, db, THREE);
    }

    @ParameterizedTest
    @MethodSource("databases")
    void changesTravelLive(Supplier<TestDb> databases) {
        String last = "bafyreiglnsh7lq2wow4mb75d23fpku4jft5nyqli7gtzj6fty5jwkj5ivq";
        SortedMap<String, Value> documents = threeDocuments();
        documents.put("carol", map("name", "Carol2"));
        documents.put("dave", map("name", "dave"));

        TestDb atA = three(databases.get());
        ManualSession a = session(atA);
        expect(a.open(), "d-live-02-A.json");
        expect(a.deliver(message("d-live-01-B.json")), "d-live-03-A.car");
        expect(a.deliver(message("d-live-04-B.json")));
        atA.put("carol", map("name", "carol"));
        expect(a.settle(), "d-live-05-A.car");
        expect(a.deliver(message("d-live-06-B.car")));
        atA.put("carol", map("name", "Carol2"));
        expect(a.settle(), "d-live-07-A.car");
        assertInSync(a, atA, last);
        assertThat(atA.documents()).isEqualTo(documents);

        TestDb atB = databases.get();
        ManualSession b = session(atB);
        expect(b.open(), "d-live-01-B.json");
        expect(b.deliver(message("d-live-02-A.json")), "d-live-04-B.json");
        expect(b.deliver(message("d-live-03-A.car")));
        expect(b.deliver(message("d-live-05-A.car")));
        atB.put("dave", map("name", "dave"));
        expect(b.settle(), "d-live-06-B.car");
        expect(b.deliver(message("d-live-07-A.car")));
        assertInSync(b, atB, last);
        assertThat(atB.documents()).isEqualTo(documents);
    }

    @ParameterizedTest
    @MethodSource("databases")
    void deletesTravelLiveDownToNothing(Supplier<TestDb> databases) {
        String last = "bafyreid7etjx2r7sh4mzqvvw6pnfwpx2xa73cpik3herdkhusgkcprjmbe";
        TestDb atA = three(databases.get());
        ManualSession a = session(atA);
        expect(a.open(), "e-delete-02-A.json");
        expect(a.deliver(message("e-delete-01-B.json")), "e-delete-03-A.json");
        expect(a.deliver(message("e-delete-04-B.json")));
        atA.delete("b2s35c");
        expect(a.settle(), "e-delete-05-A.car");
        expect(a.deliver(message("e-delete-06-B.car")));
        expect(a.deliver(message("e-delete-07-B.car")));
        assertInSync(a, atA, last);
        assertThat(atA.documents()).isEmpty();

        TestDb atB = three(databases.get());
        ManualSession b = session(atB);
        expect(b.open(), "e-delete-01-B.json");
        expect(b.deliver(message("e-delete-02-A.json")), "e-delete-04-B.json");
        expect(b.deliver(message("e-delete-03-A.json")));
        expect(b.deliver(message("e-delete-05-A.car")));
        atB.delete("a1s35c");
        expect(b.settle(), "e-delete-06-B.car");
        atB.delete("f4s35c");
        expect(b.settle(), "e-delete-07-B.car");
        assertInSync(b, atB, last);
        assertThat(atB.documents()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("databases")
    void concurrentEditsMerge(Supplier<TestDb> databases) {
        String last = "bafyreibnbvicgslam33npky63kxs2kqaaouolbqzd6qcnqdyazaksrtuoa";
        TestDb atA = three(databases.get());
        atA.put("a1s35c", map("name", "AA"));
        ManualSession a = session(atA);
        expect(a.open(), "g-concurrent-02-A.json");
        expect(a.deliver(message("g-concurrent-01-B.json")), "g-concurrent-03-A.car");
        expect(a.deliver(message("g-concurrent-04-B.car")));
        assertThat(atA.heads()).hasSize(2);
        atA.put("after-merge", new Value.Mapping(Map.of("v", new Value.Int(1))));
        expect(a.settle(), "g-concurrent-05-A.car");
        assertInSync(a, atA, last);

        TestDb atB = three(databases.get());
        atB.put("a1s35c", map("name", "BB"));
        ManualSession b = session(atB);
        expect(b.open(), "g-concurrent-01-B.json");
        expect(b.deliver(message("g-concurrent-02-A.json")), "g-concurrent-04-B.car");
        expect(b.deliver(message("g-concurrent-03-A.car")));
        expect(b.deliver(message("g-concurrent-05-A.car")));
        assertInSync(b, atB, last);
        assertThat(atB.documents())
                .isEqualTo(atA.documents())
                .containsOnlyKeys("a1s35c", "b2s35c", "f4s35c", "after-merge");
    }

    @ParameterizedTest
    @MethodSource("databases")
    void aTreeOfManyNodesTravels(Supplier<TestDb> databases) {
        String last = "bafyreifpovcphjdbiaaikb2mtl5jkuzlakxm4frcukixt332qartih4wwa";
        TestDb atA = databases.get();
        for (int i = 0; i < 100; i++) {
            atA.put("doc%04d".formatted(i), new Value.Mapping(Map.of("n", new Value.Int(i))));
        }
        ManualSession a = session(atA);
        expect(a.open(), "i-100-docs-02-A.json");
        expect(a.deliver(message("i-100-docs-01-B.json")), "i-100-docs-03-A.car");
        expect(a.deliver(message("i-100-docs-04-B.json")));
        assertInSync(a, atA, last);

        TestDb atB = databases.get();
        ManualSession b = session(atB);
        expect(b.open(), "i-100-docs-01-B.json");
        expect(b.deliver(message("i-100-docs-02-A.json")), "i-100-docs-04-B.json");
        expect(b.deliver(message("i-100-docs-03-A.car")));
        assertInSync(b, atB, last);
        assertThat(atB.documents()).isEqualTo(atA.documents()).hasSize(100);
    }

    @ParameterizedTest
    @MethodSource("databases")
    void aNamedDatabaseSendsPlainBlocks(Supplier<TestDb> databases) {
        TestDb db = databases.get();
        ManualSession b = session(db);
        expect(b.open(), "f-named-initial-01-B.json");
        expect(b.deliver(message("f-named-initial-02-A.json")), "f-named-initial-04-B.json");
        expect(b.deliver(message("f-named-initial-03-A.car")));
        assertInSync(b, db, THREE);
        assertThat(db.documents()).isEqualTo(threeDocuments());

        // The root of its updates is a storage header, at which an alpha throws. The event is in the CAR all the same.
        expect(b.deliver(message("f-named-live-A.car")));
        SortedMap<String, Value> documents = threeDocuments();
        documents.put("live", new Value.Mapping(Map.of("v", new Value.Int(1))));
        assertThat(db.documents()).isEqualTo(documents);
    }

    @ParameterizedTest
    @MethodSource("databases")
    void anIncompleteSenderLeavesEventsPending(Supplier<TestDb> databases) {
        TestDb db = databases.get();
        ManualSession b = session(db);
        b.open();
        List<Cid> heads = List.of(
                Cid.parse("bafyreifhv77minzgfryorra3wgnugtawhpar5kiocpjfbem2qhddwgmm7u"),
                Cid.parse("bafyreigyymdjwc65dv6wupl4tdstvirvdsmdkpkh3r5fb2b65ro35l5tvm"));
        expect(
                b.deliver(Message.text("{\"clock\":[\"" + heads.get(0) + "\",\"" + heads.get(1) + "\"],\"cids\":[]}")),
                "a-empty-vs-3-04-B.json");
        expect(b.deliver(message("j-two-heads-to-fresh-A.car")));
        assertThat(db.heads()).isEmpty();
        assertThat(db.documents()).isEmpty();
        assertThat(b.failure).isNull();
        assertThat(b.backlogDone).isFalse();
        b.pass(ProtocolTimes.DEFAULT.phase().toNanos());
        assertThat(b.backlogFailure)
                .hasMessageContaining("ancestors")
                .extracting("kind")
                .isEqualTo(ErrorKind.TIMEOUT);
        assertThat(b.failure).isNull();
    }

    @ParameterizedTest
    @MethodSource("databases")
    void idsInRandomOrderArrive(Supplier<TestDb> databases) {
        TestDb db = databases.get();
        ManualSession b = session(db);
        b.open();
        b.deliver(Message.text("{\"clock\":[],\"cids\":[]}"));
        expect(b.deliver(message("k-random-order-100-A.car")));
        assertThat(db.documents()).hasSize(100);
        assertThat(db.heads()).isEqualTo(roots(bytes("k-random-order-100-A.car")));
    }

    // ---- the recordings

    private static ManualSession session(TestDb db) {
        return new ManualSession(db.replica(), ManualSession.alpha());
    }

    private static TestDb three(TestDb db) {
        db.put("a1s35c", person("alice", 40));
        db.put("b2s35c", person("bob", 40));
        db.put("f4s35c", person("frank", 7));
        return db;
    }

    private static SortedMap<String, Value> threeDocuments() {
        SortedMap<String, Value> documents = new TreeMap<>();
        documents.put("a1s35c", person("alice", 40));
        documents.put("b2s35c", person("bob", 40));
        documents.put("f4s35c", person("frank", 7));
        return documents;
    }

    private static Value.Mapping person(String name, int age) {
        Map<String, Value> entries = new LinkedHashMap<>();
        entries.put("name", new Value.Text(name));
        entries.put("age", new Value.Int(age));
        return new Value.Mapping(entries);
    }

    private static Value.Mapping map(String key, String value) {
        return new Value.Mapping(Map.of(key, new Value.Text(value)));
    }

    private static void assertInSync(ManualSession session, TestDb db, String head) {
        assertThat(session.failure).isNull();
        assertThat(session.backlogDone).isTrue();
        assertThat(db.heads()).containsExactly(Cid.parse(head));
        assertThat(session.equal).isTrue();
    }

    private static void expect(List<Message> sent, String... files) {
        assertThat(sent).hasSameSizeAs(files);
        for (int i = 0; i < files.length; i++) {
            boolean text = files[i].endsWith(".json");
            assertThat(sent.get(i).kind()).isEqualTo(text ? Message.Kind.TEXT : Message.Kind.BINARY);
            byte[] recorded = bytes(files[i]);
            if (text) {
                assertThat(new String(sent.get(i).payload(), UTF_8)).isEqualTo(new String(recorded, UTF_8));
            } else {
                assertThat(sent.get(i).payload()).as(files[i]).isEqualTo(withoutRepetition(recorded));
            }
        }
    }

    private static byte[] withoutRepetition(byte[] car) {
        Set<Block> blocks = new LinkedHashSet<>();
        List<Cid> roots = new ArrayList<>();
        decode(car, roots, blocks);
        return CarWriter.encode(roots, blocks);
    }

    private static List<Cid> roots(byte[] car) {
        List<Cid> roots = new ArrayList<>();
        decode(car, roots, new LinkedHashSet<>());
        return roots;
    }

    private static void decode(byte[] car, List<Cid> roots, Set<Block> blocks) {
        CarDecoder decoder = new CarDecoder(new CarDecoder.Handler() {
            @Override
            public void roots(List<Cid> named) {
                roots.addAll(named);
            }

            @Override
            public void block(Block block) {
                blocks.add(block);
            }
        });
        decoder.feed(car, 0, car.length);
        decoder.finish();
    }

    private static Message message(String file) {
        // simple-peer hands texts over as bytes.
        return Message.binary(bytes(file));
    }

    private static byte[] bytes(String file) {
        try (InputStream in = RecordedExchangesTest.class.getResourceAsStream("/alpha-wire/" + file)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(file, e);
        }
    }
}
