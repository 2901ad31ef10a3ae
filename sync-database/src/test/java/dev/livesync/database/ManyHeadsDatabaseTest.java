package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Snapshot;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Concurrent events by the thousand, as an insider writes them: whatever was committed, everything goes on. */
@Timeout(300)
class ManyHeadsDatabaseTest {
    private static final DatabaseOptions FEW =
            DatabaseOptions.builder().mostHeads(3).build();
    private static final int MOST_PARENTS = 4;

    @TempDir
    private Path directory;

    @Test
    void moreHeadsThanAnEventHasParents() {
        heal(10_001);
    }

    @Test
    @Tag("soak")
    void twoHundredThousand() {
        heal(200_000);
    }

    private void heal(int heads) {
        try (Database db = Database.open(directory)) {
            restore(db, concurrent(heads));
            assertThat(db.clock()).hasSize(heads);
            Map<String, String> before = Replicas.documents(db);
            assertThat(before).hasSize(heads);

            db.put("new", Map.of("n", 1));

            assertThat(db.clock()).hasSize(1);
            before.put("new", "{\"n\":1}");
            assertThat(Replicas.documents(db)).isEqualTo(before);
            assertThat(db.verify().problems()).isEmpty();
        }
        try (Database db = Database.open(directory)) {
            assertThat(db.clock()).hasSize(1);
            assertThat(db.summary().documents()).isEqualTo(heads + 1);
            db.delete("new");
            assertThat(db.summary().documents()).isEqualTo(heads);
        }
    }

    @Test
    void noStageChangesADocument() {
        noStageChangesADocument(new Random().nextLong(), 0, 300);
    }

    /** Found at random once. */
    @Test
    void noStageChangesADocumentOfAHistoryThatFailed() {
        noStageChangesADocument(1_943_234_227_434_752_193L, 114, 115);
    }

    private static void noStageChangesADocument(long seed, int from, int to) {
        for (int round = from; round < to; round++) {
            String name = "seed " + seed + ", round " + round;
            Random random = new Random(seed + round);
            List<Event> history = history(random, 4 + random.nextInt(60));
            try (Database db = Database.inMemory(FEW);
                    Database other = Database.inMemory();
                    Database peer = Database.inMemory(FEW)) {
                restore(db, history);
                restore(other, history);
                Map<String, String> before = Replicas.documents(db);
                assertThat(before).as(name).isEqualTo(Replicas.documents(other));
                if (random.nextBoolean()) {
                    db.put("new", Map.of("n", 1));
                    before.put("new", "{\"n\":1}");
                    assertThat(db.clock()).as(name).hasSize(1);
                } else {
                    // An event without parents may change another document: the window grows, and weights with it. So
                    // what counts is a database that has it too, and merges nothing.
                    Event fresh = Replicas.put("new", "{\"n\":1}");
                    Replicas.commit(db, Replicas.PEER, fresh);
                    restore(other, List.of(fresh));
                    before = Replicas.documents(other);
                    assertThat(before).as(name).containsEntry("new", "{\"n\":1}");
                    assertThat(db.clock()).as(name).hasSizeLessThanOrEqualTo(3);
                }
                assertThat(Replicas.documents(db)).as(name).isEqualTo(before);
                assertThat(db.verify().problems()).as(name).isEmpty();
                restore(peer, Replicas.events(db));
                assertThat(peer.clock()).as(name).isEqualTo(db.clock());
                assertThat(Replicas.documents(peer)).as(name).isEqualTo(before);
                try (Snapshot snapshot = db.replica().snapshot()) {
                    for (Cid head : snapshot.heads()) {
                        Event e = snapshot.event(head);
                        if (!Replicas.isSome(e.root())) {
                            assertThat(snapshot.canonicalTree(List.of(head)).root())
                                    .as(name)
                                    .isEqualTo(e.root());
                        }
                    }
                }
            }
        }
    }

    /** Few documents, so that most are in conflict, and paths of all lengths and numbers lead to them. */
    private static List<Event> history(Random random, int size) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            Event[] parents = new Event[events.isEmpty() ? 0 : random.nextInt(MOST_PARENTS + 1)];
            for (int p = 0; p < parents.length; p++) {
                parents[p] = events.get(random.nextInt(events.size()));
            }
            parents = Arrays.stream(parents).distinct().toArray(Event[]::new);
            String id = "d" + random.nextInt(6);
            events.add(
                    random.nextInt(5) == 0
                            ? Replicas.delete(id, true, parents)
                            : Replicas.put(id, "{\"n\":" + i + "}", parents));
        }
        return events.stream().distinct().toList();
    }

    @Test
    void mergesOfTwoReplicasAreTheSame() {
        List<Event> events = concurrent(50);
        List<Event> shuffled = new ArrayList<>(events);
        Collections.shuffle(shuffled, new Random(1));
        try (Database one = Database.inMemory(FEW);
                Database two = Database.inMemory(FEW)) {
            restore(one, events);
            restore(two, shuffled);
            one.put("new", Map.of("n", 1));
            two.put("new", Map.of("n", 1));
            assertThat(one.clock()).hasSize(1).isEqualTo(two.clock());
        }
    }

    @Test
    void whatAPeerLeavesIsMergedByItself() {
        try (Database db = Database.inMemory(FEW)) {
            CommitResult result =
                    Replicas.commit(db, Replicas.PEER, concurrent(3).toArray(Event[]::new));
            assertThat(result.heads()).hasSize(3).isEqualTo(db.clock());
            result = Replicas.commit(db, Replicas.PEER, Replicas.put("more", "{}"));
            assertThat(db.clock()).hasSize(1);
            assertThat(db.summary().documents()).isEqualTo(4);
            List<Cid> told = new ArrayList<>();
            Replicas.feed(db.replica(), result.cursor(), 100).forEach(c -> told.addAll(c.events()));
            assertThat(told).as("sessions hear of it").endsWith(db.clock().get(0));
        }
    }

    @Test
    void aRefusedWriteMergesNothing() {
        try (Database db = Database.inMemory(FEW)) {
            restore(db, concurrent(20));
            List<Cid> clock = db.clock();
            assertThatThrownBy(() -> db.delete("absent")).hasMessageContaining("absent");
            assertThat(db.clock()).isEqualTo(clock);
            Document read = db.get("d1").orElseThrow();
            db.put(Document.of("d1", Map.of("n", 100)));
            assertThatThrownBy(() -> db.put(read)).isInstanceOf(SyncException.class);
        }
        try (Database db = Database.inMemory(FEW)) {
            restore(db, concurrent(20));
            db.put(db.get("d1").orElseThrow());
            assertThat(db.clock()).hasSize(1);
        }
    }

    @Test
    void aPeerSentPartsOfTheMergeBefore() {
        List<Event> events = concurrent(20);
        List<Event> merge;
        try (Database db = Database.inMemory(FEW)) {
            restore(db, events);
            db.put("new", Map.of("n", 1));
            merge = Replicas.events(db).subList(20, (int) db.summary().events());
        }
        for (int left = 0; left < merge.size(); left++) {
            List<Event> sent = new ArrayList<>(merge);
            Event later = sent.remove(left);
            try (Database db = Database.inMemory(FEW)) {
                restore(db, events);
                restore(db, sent);
                db.put("other", Map.of("n", 2));
                restore(db, List.of(later));
                assertThat(db.summary().pending()).isZero();
                db.put("last", Map.of("n", 3));
                assertThat(db.clock()).hasSize(1);
                assertThat(db.summary().documents()).isEqualTo(23);
                assertThat(db.verify().problems()).isEmpty();
            }
        }
    }

    @Test
    void oneMayAddNoMoreThanItsQuota() {
        DatabaseOptions options = DatabaseOptions.builder().headsPerPeer(10).build();
        try (Database db = Database.inMemory(options)) {
            restore(db, concurrent(100));
            List<Event> more = new ArrayList<>();
            for (int i = 0; i < 11; i++) {
                more.add(Replicas.put("m" + i, "{}"));
            }
            Replicas.commit(db, Replicas.PEER, more.subList(0, 10).toArray(Event[]::new));
            List<Cid> clock = db.clock();
            Replicas.assertKind(ErrorKind.LIMIT_EXCEEDED, () -> Replicas.commit(db, Replicas.PEER, more.get(10)))
                    .hasMessageContaining("peer-1")
                    .hasMessageContaining("headsPerPeer");
            assertThat(db.clock()).isEqualTo(clock);
            Replicas.commit(db, Replicas.OTHER, more.get(10));
            Event on = Replicas.put("m0", "{}", more.get(0), more.get(1));
            Replicas.commit(db, Replicas.PEER, on);
            Replicas.commit(db, Replicas.PEER, Replicas.put("n", "{}"));
            db.put("mine", Map.of());
            Replicas.commit(db, Replicas.PEER, Replicas.put("o", "{}"));
        }
    }

    @Test
    void whatIsMergedByItselfCountsUntilSomebodyBuildsUponIt() {
        DatabaseOptions options = FEW.toBuilder().headsPerPeer(10).build();
        try (Database db = Database.inMemory(options)) {
            Replicas.commit(db, Replicas.PEER, concurrent(10).toArray(Event[]::new));
            assertThat(db.clock()).hasSize(1);
            assertThatThrownBy(() -> Replicas.commit(db, Replicas.PEER, Replicas.put("more", "{}")))
                    .hasMessageContaining("headsPerPeer");
            Event top = Replicas.events(db).get((int) db.summary().events() - 1);
            Replicas.commit(db, Replicas.OTHER, Replicas.put("on", "{}", top));
            Replicas.commit(db, Replicas.PEER, Replicas.put("more", "{}"));
        }
    }

    /** As a restore does: nobody's quota. */
    static void restore(Database db, List<Event> events) {
        db.replica().commit(new Commit(List.of(), events, Origin.LOCAL));
    }

    /** Events without parents, each of a document of its own. */
    static List<Event> concurrent(int count) {
        List<Event> events = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            events.add(Replicas.put("d" + i, "{\"n\":" + i + "}"));
        }
        return events;
    }
}
