package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A million events in a database: how long a process takes to have it open, from the feed and from a checkpoint, and what it keeps of it. */
@Tag("soak")
@ExtendWith(OnePostgres.class)
class PostgresLongHistoryTest {
    private static final int EVENTS = Integer.getInteger("livesync.history.events", 1_000_000);
    private static final int BATCH = 1_000;
    private static final String NAME = "long history";

    private static PostgresStore connect() {
        return PostgresStore.connect(
                OnePostgres.server().url(),
                PostgresOptions.DEFAULT.toBuilder().cacheBytes(1 << 20).build());
    }

    /** As a batch of an application's: puts of one document each, one after the other. */
    private static Cid write(PostgresReplica replica) {
        List<Cid> last = List.of();
        Value value = new Value.Mapping(Map.of("text", new Value.Text("x".repeat(174))));
        for (int from = 0; from < EVENTS; from += BATCH) {
            List<Event> events = new ArrayList<>(BATCH);
            for (int n = from; n < Math.min(EVENTS, from + BATCH); n++) {
                Event next = Events.put(
                        Keys.ofId("document-" + n), Encoded.of((Value.Mapping) value), PostgresEvents.TREE, last);
                events.add(next);
                last = List.of(next.cid());
            }
            replica.commit(new Commit(List.of(), events, PostgresEvents.ALICE));
        }
        return last.get(0);
    }

    private static void say(String pattern, Object... arguments) {
        System.out.println("history: " + String.format(Locale.ROOT, pattern, arguments));
    }

    private static double megabytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed() / 1048576.0;
    }

    private static void open(String how, Cid head) {
        double before = megabytes();
        long begun = System.nanoTime();
        try (PostgresStore store = connect()) {
            PostgresReplica replica = store.open(NAME);
            double seconds = (System.nanoTime() - begun) / 1e9;
            say(
                    "%s: %d events, %d of them of a checkpoint, in %.1f s; %.0f bytes an event in the heap",
                    how, EVENTS, replica.keptEvents(), seconds, (megabytes() - before) * 1048576.0 / EVENTS);
            try (Snapshot snapshot = replica.snapshot()) {
                assertThat(snapshot.heads()).containsExactly(head);
                assertThat(snapshot.summary().events()).isEqualTo(EVENTS);
            }
            await().atMost(Duration.ofMinutes(5)).until(() -> replica.keptEvents() > EVENTS / 2);
        }
    }

    @Test
    void aMillionEventsAreOpenedFromTheFeedAndFromACheckpoint() throws Exception {
        Cid head;
        try (PostgresStore store = connect()) {
            long begun = System.nanoTime();
            head = write(store.open(NAME));
            say("%d events written in %.1f s", EVENTS, (System.nanoTime() - begun) / 1e9);
        }
        open("as it was left", head);
        OnePostgres.server().execute("delete from livesync_checkpoints");
        open("from the feed", head);
        OnePostgres.server().execute("vacuum analyze");
        OnePostgres.server().execute("delete from livesync_checkpoints");
        open("from the feed, with the server's statistics", head);
        open("from a checkpoint", head);
    }
}
