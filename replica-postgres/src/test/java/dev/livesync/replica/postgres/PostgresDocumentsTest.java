package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two processes' documents on one PostgreSQL, beside an embedded database that gets the same events: all say the same. */
@ExtendWith(OnePostgres.class)
class PostgresDocumentsTest {
    @Test
    void theyAreThoseOfAnEmbeddedDatabase() {
        long seed = Long.getLong("livesync.postgres.seed", new Random().nextLong());
        String as = "seed " + seed;
        Random random = new Random(seed);
        PostgresOptions options = PostgresOptions.DEFAULT.toBuilder()
                .pollInterval(Duration.ofMillis(50))
                .poolSize(4)
                .build();
        try (PostgresStore here = PostgresStore.connect(OnePostgres.server().url(), options);
                PostgresStore there = PostgresStore.connect(OnePostgres.server().url(), options);
                Database embedded = Database.inMemory();
                Database one = Database.over(here.open("documents"));
                Database other = Database.over(there.open("documents"))) {
            List<Event> events = foreign(random);
            for (int from = 0; from < events.size(); ) {
                int to = Math.min(events.size(), from + 1 + random.nextInt(6));
                Database hub = random.nextBoolean() ? one : other;
                hub.replica().commit(new Commit(List.of(), events.subList(from, to), new Origin("s", "p")));
                from = to;
                write(random.nextBoolean() ? one : other, random);
            }
            await(as).atMost(Duration.ofMinutes(2)).untilAsserted(() -> {
                one.write(nothing -> {}); // follows, as each write does first
                other.write(nothing -> {});
                assertThat(one.clock()).isEqualTo(other.clock());
                assertThat(one.summary()).isEqualTo(other.summary());
            });
            embedded.replica().commit(new Commit(List.of(), complete(one.replica()), Origin.LOCAL));
            for (Database face : List.of(one, other)) {
                assertThat(face.clock()).as(as).isEqualTo(embedded.clock());
                assertThat(documents(face)).as(as).isEqualTo(documents(embedded));
                assertThat(conflicts(face)).as(as).isEqualTo(conflicts(embedded));
                assertThat(face.summary().documents())
                        .as(as)
                        .isEqualTo(embedded.summary().documents());
                assertThat(root(face.replica())).as(as).isEqualTo(root(embedded.replica()));
            }
            Cid written = one.put("k0", "{\"last\":true}");
            try (Snapshot snapshot = one.replica().snapshot()) {
                assertThat(snapshot.event(written).root())
                        .as(as)
                        .isEqualTo(snapshot.canonicalTree(List.of(written)).root());
            }
        }
    }

    private static List<Event> foreign(Random random) {
        try (Database a = Database.inMemory();
                Database b = Database.inMemory()) {
            for (int step = 0; step < 16; step++) {
                Database writer = random.nextBoolean() ? a : b;
                write(writer, random);
                if (random.nextInt(4) == 0) {
                    Database from = writer == a ? b : a;
                    writer.replica().commit(new Commit(List.of(), complete(from.replica()), new Origin("s", "p")));
                }
            }
            a.replica().commit(new Commit(List.of(), complete(b.replica()), new Origin("s", "p")));
            List<Event> events = new ArrayList<>(complete(a.replica()));
            Collections.shuffle(events, random);
            return events;
        }
    }

    private static void write(Database db, Random random) {
        switch (random.nextInt(5)) {
            case 0 ->
                db.write(batch -> {
                    for (int i = 0; i < 1 + random.nextInt(4); i++) {
                        batch.put("k" + random.nextInt(6), "{\"b\":" + random.nextInt(1000) + "}");
                    }
                });
            case 1 ->
                db.write(batch -> {
                    for (Document d : db.all()) {
                        batch.put(d.id(), "{}").delete(d.id()); // whether it is still there or not
                    }
                });
            default -> db.put("k" + random.nextInt(6), "{\"v\":" + random.nextInt(1000) + "}");
        }
    }

    private static List<Event> complete(Replica replica) {
        try (Snapshot snapshot = replica.snapshot()) {
            List<Event> events = new ArrayList<>();
            snapshot.eventsSince(List.of()).forEachRemaining(cid -> events.add(snapshot.event(cid)));
            return events;
        }
    }

    private static Cid root(Replica replica) {
        try (Snapshot snapshot = replica.snapshot()) {
            return snapshot.canonicalTree(snapshot.heads()).root();
        }
    }

    private static Map<String, String> documents(Database db) {
        Map<String, String> documents = new TreeMap<>();
        db.forEach(d -> documents.put(d.id(), d.json()));
        return documents;
    }

    private static List<String> conflicts(Database db) {
        return db.history()
                .conflicts()
                .map(c -> c.id() + " " + c.weights() + " "
                        + c.versions().stream().map(v -> v.event()).toList())
                .toList();
    }
}
