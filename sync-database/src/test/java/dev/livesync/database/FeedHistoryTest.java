package dev.livesync.database;

import static dev.livesync.database.Replicas.PEER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.query.FieldIndex;
import dev.livesync.database.replica.ChangeSource;
import dev.livesync.database.replica.CompletedEvent;
import dev.livesync.database.replica.EventArrival;
import dev.livesync.database.replica.FeedHistory;
import dev.livesync.database.replica.PastView;
import dev.livesync.database.replica.ReadView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is derived from a feed, and what decides on completeness, against an embedded database that was handed the same events. */
@ExtendWith(Quiet.class)
class FeedHistoryTest {
    private static final int SEEDS = 25;

    private static DatabaseOptions options(long seed) {
        return Script.options(seed).toBuilder().indexes(FieldIndex.on("/v")).build();
    }

    /** Every commit in parts, in any order: events stay pending for long, deletes without a root among them. */
    @Test
    void itDecidesAndDerivesWhatTheEmbeddedDatabaseDoes() {
        long first = System.nanoTime();
        for (long seed = first; seed < first + SEEDS; seed++) {
            Random random = new Random(seed);
            try (Database source = Replicas.history(random, 10 + random.nextInt(40));
                    Database db = Database.inMemory(options(seed));
                    FeedHistory deciding = history(db, random);
                    FeedHistory following = history(db, random)) {
                List<Event> events = new ArrayList<>(Replicas.events(source));
                if (random.nextInt(3) > 0) {
                    Collections.shuffle(events, random);
                }
                Map<Cid, Event> waiting = new LinkedHashMap<>();
                for (int from = 0; from < events.size(); ) {
                    int to = Math.min(events.size(), from + 1 + random.nextInt(12));
                    List<Event> part = events.subList(from, to);
                    from = to;
                    List<Cid> accepted = db.replica()
                            .commit(new Commit(List.of(), part, PEER))
                            .accepted();
                    part.forEach(e -> waiting.put(e.cid(), e));
                    waiting.keySet().removeAll(part.stream().map(Event::cid).toList());
                    List<CompletedEvent> decided = deciding.accept(arrivals(waiting.values()), arrivals(part));
                    part.forEach(e -> waiting.put(e.cid(), e));
                    decided.forEach(a -> waiting.remove(a.event()));
                    assertThat(decided.stream().map(CompletedEvent::event).toList())
                            .as("seed " + seed)
                            .containsExactlyInAnyOrderElementsOf(accepted);
                    deciding.publish(ChangeSource.of(PEER));
                    follow(db, following);
                    assertSame(db, deciding, "seed " + seed);
                    assertSame(db, following, "seed " + seed);
                }
                assertThat(waiting).as("seed " + seed).isEmpty();
            }
        }
    }

    private static FeedHistory history(Database db, Random random) {
        return new FeedHistory("test", cid -> block(db, cid), random, List.of(FieldIndex.on("/v")));
    }

    private static Block block(Database db, Cid cid) {
        try (Snapshot snapshot = db.replica().snapshot()) {
            return snapshot.block(cid);
        }
    }

    private static List<EventArrival> arrivals(Iterable<Event> events) {
        List<EventArrival> arrivals = new ArrayList<>();
        events.forEach(e -> arrivals.add(new EventArrival(e, PEER, false)));
        return arrivals;
    }

    private static void follow(Database db, FeedHistory history) {
        try (Snapshot snapshot = db.replica().snapshot()) {
            List<Cid> all = new ArrayList<>();
            snapshot.eventsSince(List.of()).forEachRemaining(all::add);
            for (Cid cid : all.subList(history.size(), all.size())) {
                history.add(new EventArrival(snapshot.event(cid), PEER, false), snapshot.isInterior(cid), true);
            }
        }
        history.publish(ChangeSource.of(PEER));
    }

    private static void assertSame(Database db, FeedHistory history, String as) {
        ReadView expected = SimulatedDatabase.replica(db).view();
        ReadView actual = history.view();
        assertThat(actual.heads()).as(as).isEqualTo(expected.heads());
        assertThat(actual.events()).as(as).isEqualTo(expected.events());
        assertThat(actual.count()).as(as).isEqualTo(expected.count());
        assertThat(documents(actual)).as(as).isEqualTo(documents(expected));
        assertThat(interior(actual)).as(as).isEqualTo(interior(expected));
    }

    private static Set<Cid> interior(ReadView view) {
        PastView past = new PastView(view);
        return past.events().filter(view::isInterior).mapToObj(past::cid).collect(Collectors.toSet());
    }

    private static Map<String, Cid> documents(ReadView view) {
        Map<String, Cid> documents = new LinkedHashMap<>();
        view.documents().mapToObj(view::event).forEach(e -> documents.put(e.key(), e.cid()));
        return documents;
    }
}
