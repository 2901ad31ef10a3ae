package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.database.disk.Disks;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.database.query.Condition;
import dev.livesync.database.query.FieldIndex;
import dev.livesync.database.query.Query;
import dev.livesync.database.query.QueryPlan;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Queries find the same by an index as by looking, whatever happened to the database. */
@ExtendWith(Quiet.class)
class IndexedQueryTest {
    private static final String CHECKPOINT = "checkpoint.idx";
    private static final int MOST_INDEXES = 4;

    @Test
    void whatIsFoundIsWhatANaiveSearchFinds() {
        assertThat(IntStream.rangeClosed(1, 25).map(IndexedQueryTest::history).sum())
                .as("queries that went by an index")
                .isGreaterThan(40);
    }

    @Test
    @Tag("soak")
    void whatIsFoundIsWhatANaiveSearchFindsInAThousandHistories() {
        assertThat(IntStream.rangeClosed(1, 1_000)
                        .map(IndexedQueryTest::history)
                        .sum())
                .isGreaterThan(2_000);
    }

    private static final Query ONES = Query.all().where("/unusual", Condition.equalTo(1));

    private static MemoryDisk filled() {
        MemoryDisk disk = new MemoryDisk();
        try (Database database = SimulatedDatabase.open(disk, Script.options(1))) {
            for (int i = 0; i < 200; i++) {
                database.put("d" + i, Map.of("unusual", i % 5, "text", "document " + i));
            }
            database.compact();
        }
        return disk;
    }

    private static DatabaseOptions declared() {
        return Script.options(2).toBuilder().indexes(FieldIndex.on("/unusual")).build();
    }

    @Test
    void anIndexIsMadeOnceAndLeftOutByWhoDoesNotDeclareIt() {
        MemoryDisk disk = filled();
        assertThat(checkpoint(disk)).startsWith("cnyS").doesNotContain("/unusual");
        assertThat(Disks.bytes(disk).get(CHECKPOINT)[8])
                .as("the format that earlier builds read")
                .isEqualTo((byte) 5);
        SimulatedDatabase.open(disk, declared()).close();
        assertThat(checkpoint(disk)).as("closed without a write").contains("/unusual");
        assertThat(Disks.bytes(disk).get(CHECKPOINT)[8]).isEqualTo((byte) 6);
        try (Database plain = SimulatedDatabase.open(disk, Script.options(3))) {
            assertThat(plain.explain(ONES).index()).isEmpty();
            assertThat(plain.query(ONES)).hasSize(40);
            plain.compact();
        }
        assertThat(checkpoint(disk)).doesNotContain("/unusual");
    }

    @Test
    void whatWasWrittenAfterTheCheckpointIsInTheIndex() {
        MemoryDisk disk = filled();
        try (Database database = SimulatedDatabase.open(disk, declared())) {
            database.compact();
            database.put("d0", Map.of("unusual", 1));
            database.put("new", Map.of("unusual", 1));
            database.delete("d1");
            database.put("d6", Map.of("unusual", 2));
            MemoryDisk killed = Disks.of(Disks.bytes(disk));
            assertThat(checkpoint(killed)).contains("/unusual");
            try (Database again = SimulatedDatabase.open(killed, declared())) {
                assertThat(again.explain(ONES).candidates()).isEqualTo(40);
                assertThat(again.query(ONES).map(Document::id))
                        .hasSize(40)
                        .contains("d0", "new")
                        .doesNotContain("d1", "d6");
            }
        }
    }

    private static String checkpoint(MemoryDisk disk) {
        return new String(Disks.bytes(disk).get(CHECKPOINT), StandardCharsets.ISO_8859_1);
    }

    @Test
    void aDocumentThatCannotBeReadSetsItsIndexAsideUntilItIsWritten() {
        MemoryDisk disk = filled();
        try (Database database = SimulatedDatabase.open(disk, Script.options(1))) {
            Event lost = Replicas.events(database).get(101);
            byte[] bytes = new byte[lost.block().size()];
            lost.block().bytes().get(bytes);
            Disks.damage(disk, bytes);
        }
        try (Database database = SimulatedDatabase.open(disk, declared())) {
            assertThat(database.explain(ONES).index()).isEmpty();
            Replicas.assertKind(ErrorKind.CORRUPT, () -> database.query(ONES).toList());
            database.put("other", "{\"unusual\":1}");
            assertThat(database.explain(ONES).index()).isEmpty();
            database.put("d101", "{\"unusual\":2}");
            assertThat(database.explain(ONES).index()).isPresent();
            assertThat(database.query(ONES)).hasSize(40);
        }
    }

    @Test
    void aViewKeepsItsIndex() {
        try (Database database = Database.inMemory(declared())) {
            for (int i = 0; i < 100; i++) {
                database.put("d" + i, Map.of("unusual", 1));
            }
            Iterator<Document> documents =
                    database.query(ONES.orderBy("/unusual")).iterator();
            List<String> found = new ArrayList<>();
            for (int i = 0; documents.hasNext(); i++) {
                found.add(documents.next().id());
                database.put("d" + i, Map.of("unusual", 2));
                database.put("e" + i, Map.of("unusual", 1));
            }
            assertThat(found).hasSize(100).allMatch(id -> id.startsWith("d"));
            assertThat(database.query(ONES).map(Document::id)).hasSize(100).allMatch(id -> id.startsWith("e"));
        }
    }

    @Test
    void ofManyIndexesTheOneThatLeavesLeastIsUsed() {
        DatabaseOptions options = DatabaseOptions.builder()
                .indexes(
                        FieldIndex.on("/a"),
                        FieldIndex.on("/a", "/b"),
                        FieldIndex.on("/b").idPrefix("x/"))
                .build();
        try (Database database = Database.inMemory(options)) {
            for (int i = 0; i < 1_000; i++) {
                database.put((i % 2 == 0 ? "x/" : "y/") + i, Map.of("a", i % 10, "b", i % 100));
            }
            explained(database, Query.all().where("/a", Condition.equalTo(3)), "/a", 100, false);
            explained(database, Query.all().where("/a", Condition.equalTo(3)).orderBy("/a"), "/a", 100, false);
            explained(database, Query.all().where("/a", Condition.equalTo(3)).orderBy("/b"), "/a, /b", 100, false);
            explained(
                    database,
                    Query.all().where("/a", Condition.equalTo(3)).where("/b", Condition.range(10, 40)),
                    "/a, /b",
                    30,
                    true);
            explained(
                    database,
                    Query.all().where("/a", Condition.in(List.of(3, 5))).orderBy("/b"),
                    "/a",
                    200,
                    true);
            explained(
                    database,
                    Query.all().where("/b", Condition.equalTo(8)).idPrefix("x/1"),
                    "/b of \"x/\"…",
                    10,
                    false);
            explained(database, Query.all().where("/b", Condition.equalTo(8)), "", 1_000, false);
            explained(database, Query.all().orderBy("/a", "/b").limit(5), "/a, /b", 1_000, false);
            explained(database, Query.all().limit(5), "", 1_000, false);
        }
    }

    private static void explained(Database database, Query query, String index, long candidates, boolean sorts) {
        QueryPlan plan = database.explain(query);
        assertThat(plan.index().map(FieldIndex::toString).orElse(""))
                .as("%s", query)
                .isEqualTo(index);
        assertThat(plan.candidates()).as("%s", query).isEqualTo(candidates);
        assertThat(plan.sorts()).as("%s", query).isEqualTo(sorts);
    }

    /** Two replicas that write, exchange, reopen, compact, lose their checkpoint or a block. How many queries went by an index. */
    private static int history(int seed) {
        RandomQueries random = new RandomQueries(seed);
        DatabaseOptions options = options(random, seed);
        List<MemoryDisk> disks = List.of(new MemoryDisk(), new MemoryDisk());
        int indexed = 0;
        Database one = SimulatedDatabase.open(disks.get(0), options);
        Database other = SimulatedDatabase.open(disks.get(1), options);
        try {
            for (int round = 1; round <= 6; round++) {
                for (int i = random.random.nextInt(25); i > 0; i--) {
                    write(random.random.nextBoolean() ? one : other, random);
                }
                if (random.random.nextInt(3) > 0) {
                    exchange(one, other, random);
                }
                if (random.random.nextInt(4) == 0) {
                    one.compact();
                }
                if (random.random.nextInt(3) == 0) {
                    one.close();
                    options = random.random.nextInt(3) == 0 ? options(random, seed) : options;
                    lose(disks.get(0), other, random, options);
                    one = SimulatedDatabase.open(disks.get(0), options);
                }
                for (int i = 0; i < 4; i++) {
                    indexed += compare(one, random, "seed " + seed + ", round " + round);
                    indexed += compare(other, random, "seed " + seed + ", round " + round);
                }
            }
        } finally {
            one.close();
            other.close();
        }
        return indexed;
    }

    private static DatabaseOptions options(RandomQueries random, int seed) {
        List<FieldIndex> indexes = new ArrayList<>();
        for (int i = 1 + random.random.nextInt(MOST_INDEXES); i > 0; i--) {
            List<String> pointers = Stream.generate(() -> random.one(RandomQueries.FIELDS))
                    .limit(1 + random.random.nextInt(3))
                    .distinct()
                    .toList();
            FieldIndex index = FieldIndex.on(pointers.toArray(new String[0]));
            indexes.add(random.random.nextInt(4) == 0 ? index.idPrefix("a") : index);
        }
        return Script.options(seed).toBuilder()
                .indexes(indexes.toArray(new FieldIndex[0]))
                .build();
    }

    private static void write(Database database, RandomQueries random) {
        int kind = random.random.nextInt(6);
        List<Document> all = kind == 0 ? database.all() : List.of();
        if (!all.isEmpty()) {
            database.delete(random.one(all).id());
        } else if (kind == 1) {
            database.write(batch -> {
                for (int i = 0; i < 5; i++) {
                    batch.put(
                            Document.of(random.id() + "/" + i, random.document().entries()));
                }
            });
        } else {
            database.put(random.id(), random.document().entries());
        }
    }

    private static void exchange(Database one, Database other, RandomQueries random) {
        List<Event> events = Replicas.events(one);
        Replicas.commit(one, Replicas.events(other));
        if (random.random.nextBoolean()) {
            Replicas.commit(other, events);
        }
    }

    /** Takes something from a closed database, and what lacks something is mended. */
    private static void lose(MemoryDisk disk, Database other, RandomQueries random, DatabaseOptions options) {
        switch (random.random.nextInt(4)) {
            case 0 -> disk.delete(CHECKPOINT);
            case 1 -> {
                List<Event> events = Replicas.events(other);
                if (!events.isEmpty()) {
                    byte[] bytes = new byte[random.one(events).block().size()];
                    random.one(events.stream()
                                    .filter(e -> e.block().size() == bytes.length)
                                    .toList())
                            .block()
                            .bytes()
                            .get(bytes);
                    NavigableMap<String, byte[]> files = Disks.bytes(disk);
                    if (files.values().stream().anyMatch(file -> holds(file, bytes))) {
                        Disks.damage(disk, bytes);
                        disk.delete(CHECKPOINT);
                        Database.repair(() -> disk, null, options);
                    }
                }
            }
            default -> {}
        }
    }

    private static boolean holds(byte[] file, byte[] part) {
        for (int i = 0; i + part.length <= file.length; i++) {
            if (Arrays.equals(file, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    private static int compare(Database database, RandomQueries random, String seed) {
        NaiveQuery naive = new NaiveQuery();
        Query query = random.query(naive);
        QueryPlan plan = database.explain(query);
        QueryTest.compare(database, random, query, naive, seed + ", " + plan);
        return plan.index().isPresent() ? 1 : 0;
    }
}
