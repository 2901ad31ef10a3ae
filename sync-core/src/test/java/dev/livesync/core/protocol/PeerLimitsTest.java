package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.car.Limits;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.Document;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Data of exactly each limit of {@code docs/limits.md}, between LiveSync peers and in the alpha's dialect. The paths through files are in
 * {@code sync-cli}.
 */
@Timeout(600)
class PeerLimitsTest {
    private static final Cid SOME_ROOT = Cid.hash(Cid.DAG_CBOR, new byte[] {7});

    /**
     * Data to be sent.
     *
     * @param tooLarge the document that no message of an alpha's carries; empty if all of it arrives
     */
    record Case(String name, List<Event> events, String tooLarge) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> everyDay() {
        return Stream.of(
                new Case("the largest document", List.of(put("large", text(16 << 20))), "large"),
                new Case("the largest document of an alpha's", List.of(put("fits", text(262_144 - 300))), ""),
                new Case("512 levels", List.of(put("deep", deep())), ""),
                new Case("the most values", List.of(put("many", many())), "many"),
                new Case("the longest id", List.of(put("i".repeat((1 << 20) - 200), text(100))), "iii"),
                new Case("the empty id", List.of(put("", text(100))), ""),
                new Case("the most parents", mostParents(), "on top"),
                new Case("the most heads that stay", concurrent(1_000), ""),
                new Case("a head more", concurrent(1_001), ""));
    }

    static Stream<Case> heavy() {
        return Stream.of(
                new Case("the longest batch", written(10_000, 20), ""),
                new Case("the largest batch", written(80, (16 << 20) / 80 - 200), ""));
    }

    @ParameterizedTest
    @MethodSource("everyDay")
    void arrives(Case data) {
        inBothDialects(data);
    }

    @ParameterizedTest
    @MethodSource("heavy")
    @Tag("soak")
    void arrivesToo(Case data) {
        inBothDialects(data);
    }

    @Test
    void whatWaitsForAncestors() {
        whatWaitsForAncestors(1 << 20);
    }

    @Test
    @Tag("soak")
    void whatWaitsForAncestorsByDefault() {
        whatWaitsForAncestors(DatabaseOptions.defaults().pendingBytesPerPeer());
    }

    /** Nothing of it is sent while it is pending, and all of it once it is not. */
    private static void whatWaitsForAncestors(long quota) {
        DatabaseOptions options =
                DatabaseOptions.builder().pendingBytesPerPeer(quota).build();
        Event absent = put("absent", Docs.number(1));
        List<Event> waiting = waiting(absent, quota);
        List<Event> more = waiting(absent, quota + 1);
        Origin peer = new Origin("session", "peer");
        for (boolean alpha : new boolean[] {false, true}) {
            try (TestDb left = new EmbeddedDb(options);
                    TestDb right = new EmbeddedDb(options)) {
                assertThatThrownBy(() -> left.replica().commit(new Commit(List.of(), more, peer)))
                        .extracting("kind")
                        .isEqualTo(ErrorKind.LIMIT_EXCEEDED);
                left.replica().commit(new Commit(List.of(), waiting, peer));
                SessionPair before = alpha ? SessionPair.alpha(left, right) : SessionPair.livesync(left, right);
                before.run();
                assertThat(before.a.failure).isNull();
                assertThat(before.b.failure).isNull();
                assertThat(right.heads()).isEmpty();
                left.replica().commit(new Commit(List.of(), List.of(absent), peer));
                SessionPair after = alpha ? SessionPair.alpha(left, right) : SessionPair.livesync(left, right);
                after.run();
                assertThat(after.a.failure).isNull();
                assertThat(after.b.failure).isNull();
                assertThat(right.documents()).isEqualTo(left.documents()).hasSize(waiting.size() + 1);
            }
        }
    }

    /** Events of so many bytes of quota together, each of which an alpha's message carries. */
    private static List<Event> waiting(Event absent, long bytes) {
        int each = 200_000;
        int around = waiting(absent, "p0000", each).block().size() - each + 256;
        List<Event> events = new ArrayList<>();
        long left = bytes;
        while (left > 0) {
            // The last one makes up the rest; neither it nor any other is short.
            long cost = left >= 2L * (each + around) ? each + around : left > each + around ? left / 2 : left;
            events.add(waiting(absent, "p%04d".formatted(events.size()), (int) cost - around));
            left -= cost;
        }
        return events;
    }

    private static Event waiting(Event absent, String id, int bytes) {
        return Events.put(Keys.ofId(id), Encoded.of(text(bytes)), SOME_ROOT, List.of(absent.cid()));
    }

    private static void inBothDialects(Case data) {
        try (TestDb left = new EmbeddedDb();
                TestDb right = new EmbeddedDb()) {
            commit(left, data.events());
            SessionPair.livesync(left, right).run().assertEqual();
            assertThat(right.documents()).isEqualTo(left.documents()).isNotEmpty();
            right.put("answer", Docs.number(1));
            SessionPair.livesync(left, right).run().assertEqual();
            assertThat(left.heads()).hasSize(1);
        }
        try (TestDb left = new EmbeddedDb();
                TestDb right = new EmbeddedDb()) {
            commit(left, data.events());
            SessionPair pair = SessionPair.alpha(left, right).run();
            if (data.tooLarge().isEmpty()) {
                assertThat(pair.a.failure).isNull();
                assertThat(pair.b.failure).isNull();
                assertThat(right.documents()).isEqualTo(left.documents()).isNotEmpty();
            } else {
                assertThat(pair.a.failure)
                        .hasMessageContaining(data.tooLarge())
                        .extracting("kind")
                        .isEqualTo(ErrorKind.LIMIT_EXCEEDED);
                left.put("goes on", Docs.number(1));
                SessionPair.livesync(left, right).run().assertEqual();
            }
        }
    }

    private static void commit(TestDb db, List<Event> events) {
        db.replica().commit(new Commit(List.of(), events, Origin.LOCAL));
    }

    private static Event put(String id, Value document) {
        return Events.put(Keys.ofId(id), Encoded.of(document), SOME_ROOT, List.of());
    }

    /** A document of so many bytes. */
    private static Value text(int bytes) {
        Value empty = new Value.Mapping(Map.of("t", new Value.Text("x".repeat(70_000))));
        int around = Encoded.of(empty).size() - 70_000;
        Value document = bytes < 70_000
                ? Docs.bytes(bytes)
                : new Value.Mapping(Map.of("t", new Value.Text("x".repeat(bytes - around))));
        assertThat(bytes < 70_000 || Encoded.of(document).size() == bytes).isTrue();
        return document;
    }

    private static Value deep() {
        Value value = new Value.Int(1);
        for (int i = 1; i < Limits.DEFAULT.depth(); i++) {
            value = new Value.Sequence(List.of(value));
        }
        return new Value.Mapping(Map.of("a", value));
    }

    private static Value many() {
        Value last = new Value.Mapping(Map.of());
        for (int around = 4; around > 0; around--) {
            Value more = new Value.Mapping(Map.of(
                    "a", new Value.Sequence(Collections.nCopies(Limits.DEFAULT.items() - around, new Value.Int(1)))));
            try {
                Encoded.of(more, Limits.DEFAULT);
                last = more;
            } catch (dev.livesync.api.SyncException e) {
                return last;
            }
        }
        throw new AssertionError("no limit met");
    }

    private static List<Event> concurrent(int count) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            events.add(put("d" + i, Docs.number(i)));
        }
        return events;
    }

    private static List<Event> mostParents() {
        List<Event> events = concurrent(Limits.DEFAULT.parents());
        events.add(Events.put(
                Keys.ofId("on top"),
                Encoded.of(Docs.number(1)),
                SOME_ROOT,
                events.stream().map(Event::cid).sorted().toList()));
        return events;
    }

    /** A batch as the database writes it. */
    private static List<Event> written(int documents, int bytes) {
        List<Event> events = new ArrayList<>();
        try (Database db = Database.inMemory(DatabaseOptions.defaults())) {
            db.write(batch -> {
                for (int i = 0; i < documents; i++) {
                    batch.put(Document.of("d" + i, Map.of("t", "x".repeat(bytes))));
                }
            });
            try (var snapshot = db.replica().snapshot()) {
                snapshot.eventsSince(List.of()).forEachRemaining(cid -> events.add(snapshot.event(cid)));
            }
        }
        return events;
    }
}
