package dev.livesync.database;

import static dev.livesync.database.Replicas.OTHER;
import static dev.livesync.database.Replicas.PEER;
import static dev.livesync.database.Replicas.assertKind;
import static dev.livesync.database.Replicas.stored;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.car.Limits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Data of exactly each limit of {@code docs/limits.md}, which is taken, and of one more, which is not. What becomes of the first on its way through
 * files is in {@code sync-cli}, between peers in {@code sync-core}.
 */
@Timeout(300)
class DatabaseLimitsTest {
    private static final int DOCUMENT = 16 << 20;
    private static final int BATCH_BYTES = 16 << 20;
    private static final long PENDING = 64L << 20;
    private static final Cid SOME_ROOT = Cid.hash(Cid.DAG_CBOR, new byte[] {7});

    @TempDir
    private Path root;

    /** A write, and the same with one byte, level or value more. */
    record Case(String name, Consumer<Database> exact, Consumer<Database> more) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> writes() {
        return Stream.of(
                new Case("document", db -> document(db, DOCUMENT), db -> document(db, DOCUMENT + 1)),
                new Case("nesting", db -> db.put("deep", nested(512)), db -> db.put("deep", nested(513))),
                new Case("values", db -> db.put("many", values(1 << 20)), db -> db.put("many", values((1 << 20) + 1))),
                new Case("id", db -> longId(db, 0), db -> longId(db, 1)),
                new Case("events of a batch", db -> documents(db, 10_000), db -> documents(db, 10_001)),
                new Case("bytes of a batch", db -> batch(db, BATCH_BYTES), db -> batch(db, BATCH_BYTES + 1)));
    }

    @ParameterizedTest
    @MethodSource("writes")
    void whatIsWritten(Case data) {
        try (Database db = Database.inMemory()) {
            assertKind(ErrorKind.LIMIT_EXCEEDED, () -> data.more().accept(db));
            assertThat(db.summary().blocks()).as("nothing of it is stored").isZero();
            data.exact().accept(db);
            assertThat(db.summary().events()).isPositive();
            assertThat(db.verify().problems()).isEmpty();
        }
    }

    private static void document(Database db, int bytes) {
        Map<String, String> fields = Map.of("t", "x".repeat(bytes - 8));
        db.put("large", fields);
        assertThat(Encoded.of(db.get("large").orElseThrow().value()).size()).isEqualTo(bytes);
    }

    private static String nested(int levels) {
        return "{\"a\":" + "[".repeat(levels - 1) + "]".repeat(levels - 1) + "}";
    }

    /** So many in all: the object, the list, and what is in it; names do not count. */
    private static String values(int count) {
        return "{\"a\":[" + "1,".repeat(count - 3) + "1]}";
    }

    /** An id that beside the largest document makes the largest block, or one that is so much longer. */
    private static void longId(Database db, int more) {
        Encoded largest = Encoded.of(new Value.Mapping(Map.of("t", new Value.Text("x".repeat(DOCUMENT - 8)))));
        int some = 1_000_000;
        int left = Limits.DEFAULT.blockBytes()
                - Events.put(Keys.ofId("i".repeat(some)), largest, SOME_ROOT, List.of())
                        .block()
                        .size();
        db.put("i".repeat(some + left + more), Map.of("t", "x".repeat(DOCUMENT - 8)));
        assertThat(Replicas.events(db).get(0).block().size()).isEqualTo(Limits.DEFAULT.blockBytes());
    }

    private static void documents(Database db, int count) {
        db.write(batch -> {
            for (int i = 0; i < count; i++) {
                batch.put("d" + i, "{}");
            }
        });
    }

    /** A batch of two events whose blocks have so many bytes together. */
    private static void batch(Database db, int bytes) {
        int around;
        try (Database scratch = Database.inMemory()) {
            batchOf(scratch, 1 << 20, 1 << 20);
            around = Replicas.events(scratch).stream()
                            .mapToInt(e -> e.block().size())
                            .sum()
                    - (2 << 20);
        }
        batchOf(db, 8 << 20, bytes - around - (8 << 20));
    }

    private static void batchOf(Database db, int first, int second) {
        db.write(batch -> batch.put("a", Map.of("t", "x".repeat(first))).put("b", Map.of("t", "x".repeat(second))));
    }

    @Test
    void theParentsThatAreTaken() {
        List<Cid> parents = new ArrayList<>();
        Limits wide = Limits.DEFAULT.toBuilder().parents(10_001).build();
        for (int i = 0; i < 10_001; i++) {
            parents.add(Cid.hash(Cid.DAG_CBOR, new byte[] {(byte) i, (byte) (i >> 8)}));
        }
        parents.sort(null);
        Encoded document = Encoded.of(new Value.Mapping(Map.of()));
        Event exact = Events.encode(Event.Type.PUT, "Ja", document, null, parents.subList(0, 10_000), wide);
        Event more = Events.encode(Event.Type.PUT, "Ja", document, null, parents, wide);
        assertThat(Events.decode(exact.block()).parents()).hasSize(10_000);
        assertKind(ErrorKind.MALFORMED, () -> Events.decode(more.block())).hasMessageContaining("10000");
    }

    @Test
    void theParentsThatAreWrittenAndTheHeadsThatStay() {
        for (int heads : new int[] {1_000, 1_001}) {
            try (Database db = Database.inMemory()) {
                ManyHeadsDatabaseTest.restore(db, ManyHeadsDatabaseTest.concurrent(heads));
                assertThat(db.clock()).as("a restore merges nothing").hasSize(heads);
                db.put("more", "{}");
                assertThat(db.clock()).hasSize(1);
                List<Integer> parents = Replicas.events(db).stream()
                        .map(e -> e.parents().size())
                        .toList();
                assertThat(parents).as("parents of any event").allMatch(n -> n <= 1_000);
                if (heads == 1_000) {
                    assertThat(parents)
                            .as("no merging event")
                            .hasSize(heads + 1)
                            .endsWith(heads);
                } else {
                    assertThat(parents).as("merging events").hasSizeGreaterThan(heads + 1);
                }
            }
        }
    }

    /** Events that wait for an ancestor, of so many bytes of quota together. */
    private static Event[] waiting(Event absent, long bytes) {
        Event[] events = new Event[8];
        int each = (int) (bytes / events.length);
        int around = waiting(absent, "p0", 1 << 17).block().size() - (1 << 17) + 256;
        for (int i = 0; i < events.length; i++) {
            long left = i < events.length - 1 ? each : bytes - (events.length - 1L) * each;
            events[i] = waiting(absent, "p" + i, (int) left - around);
        }
        return events;
    }

    private static Event waiting(Event absent, String id, int text) {
        Value document = new Value.Mapping(Map.of("t", new Value.Text("x".repeat(text))));
        return Events.put(Keys.ofId(id), Encoded.of(document), SOME_ROOT, List.of(absent.cid()));
    }

    @Test
    void whatMayWaitForAncestors() {
        waitForAncestors(1 << 20);
    }

    @Test
    @Tag("soak")
    void whatMayWaitForAncestorsByDefault() {
        assertThat(DatabaseOptions.defaults().pendingBytesPerPeer()).isEqualTo(PENDING);
        waitForAncestors(PENDING);
    }

    private void waitForAncestors(long quota) {
        DatabaseOptions options =
                DatabaseOptions.builder().pendingBytesPerPeer(quota).build();
        Event absent = Replicas.put("absent", "{}");
        Event[] exact = waiting(absent, quota);
        Event[] more = waiting(absent, quota + 1);
        Database db = Database.open(root.resolve("db"), options);
        assertKind(ErrorKind.LIMIT_EXCEEDED, () -> Replicas.commit(db, PEER, more));
        assertThat(stored(db)).as("nothing of it is stored").isEmpty();
        assertThat(Replicas.commit(db, PEER, exact).pending()).hasSize(8);
        db.close();
        try (Database again = Database.open(root.resolve("db"), options)) {
            assertThat(again.verify().problems()).isEmpty();
            assertThat(again.summary().pending()).isEqualTo(8);
            assertThat(again.all()).isEmpty();
            // One more of that peer's takes the place of its oldest; another's has a quota of its own.
            Replicas.commit(again, OTHER, Replicas.put("other", "{}", absent));
            assertThat(again.summary().pending()).isEqualTo(9);
            Replicas.commit(again, PEER, Replicas.put("late", "{}", absent));
            assertThat(again.summary().pending()).isEqualTo(9);
            CommitResult result = Replicas.commit(again, PEER, absent);
            assertThat(result.accepted()).hasSize(10).doesNotContain(exact[0].cid());
            assertThat(Replicas.commit(again, PEER, exact[0]).accepted()).containsExactly(exact[0].cid());
            assertThat(again.verify().problems()).isEmpty();
        }
    }
}
