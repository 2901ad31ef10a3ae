package dev.livesync.replica.postgres;

import static dev.livesync.replica.postgres.PostgresEvents.feed;
import static dev.livesync.replica.postgres.PostgresEvents.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Several hubs on one store commit at the same time, and the server is killed among it: against what was acknowledged, and what the events say of themselves. */
@ExtendWith(OnePostgres.class)
class PostgresHubsTest {
    private static final int HUBS = 3;
    private static final int WRITERS = 2;
    private static final int EVENTS = 60;
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final Set<Cid> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<Cid> accepted = ConcurrentHashMap.newKeySet();
    private final Set<Cid> twice = ConcurrentHashMap.newKeySet();

    @Test
    void whatWasAcknowledgedIsInTheFeedOnceAndInOrder() throws Exception {
        long seed = Long.getLong("livesync.postgres.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        run(seed, false);
    }

    @Test
    void whatWasAcknowledgedOutlivesTheServer() throws Exception {
        long seed = Long.getLong("livesync.postgres.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        run(seed, true);
    }

    /** Sessions read next what was committed last, at the hub that has committed it. */
    @Test
    void whatAHubHasCommittedItDoesNotFetch() throws Exception {
        try (PostgresStore store = PostgresStore.connect(OnePostgres.server().url(), PostgresOptions.DEFAULT)) {
            PostgresReplica hub = store.open("own");
            Event event = put("key");
            hub.commit(new Commit(List.of(), List.of(event), PostgresEvents.ALICE));
            OnePostgres.server().execute("delete from livesync_blocks where db = 'own'");
            try (Snapshot snapshot = hub.snapshot()) {
                assertThat(snapshot.block(event.cid())).isEqualTo(event.block());
            }
        }
    }

    private void run(long seed, boolean crash) throws Exception {
        String name = "hubs " + NAMES.incrementAndGet();
        Random random = new Random(seed);
        List<Event> events = history(random);
        Map<Cid, Event> byCid = new HashMap<>();
        events.forEach(e -> byCid.put(e.cid(), e));
        List<PostgresStore> stores = new ArrayList<>();
        ExecutorService executor = Executors.newCachedThreadPool();
        try {
            List<PostgresReplica> hubs = new ArrayList<>();
            for (int i = 0; i < HUBS; i++) {
                PostgresOptions options = PostgresOptions.DEFAULT.toBuilder()
                        .pollInterval(Duration.ofMillis(50))
                        .poolSize(4)
                        .build();
                stores.add(PostgresStore.connect(OnePostgres.server().url(), options));
                hubs.add(stores.get(i).open(name));
            }
            Cursor from = PostgresEvents.beginning(hubs.get(0));
            List<CompletableFuture<Void>> writers = new ArrayList<>();
            for (int i = 0; i < HUBS * WRITERS; i++) {
                PostgresReplica hub = hubs.get(i % HUBS);
                Origin origin = new Origin("session " + i, "peer " + i);
                List<Event> order = new ArrayList<>(events); // each brings all, in an order of its own
                Collections.shuffle(order, new Random(random.nextLong()));
                long pieces = random.nextLong();
                writers.add(CompletableFuture.runAsync(() -> write(hub, origin, order, new Random(pieces)), executor));
            }
            if (crash) {
                await().until(() -> acknowledged.size() > EVENTS / 4);
                OnePostgres.server().crash();
            }
            writers.forEach(CompletableFuture::join);

            List<Cid> feed = feed(hubs.get(0), from);
            assertThat(acknowledged).as("seed %d: acknowledged", seed).hasSameSizeAs(events);
            assertThat(feed)
                    .as("seed %d: the feed", seed)
                    .doesNotHaveDuplicates()
                    .containsAll(acknowledged);
            if (!crash) { // else an answer may have been lost with everything of it durable
                assertThat(accepted).as("seed %d: accepted", seed).containsExactlyInAnyOrderElementsOf(feed);
            }
            assertThat(twice).as("seed %d: accepted twice", seed).isEmpty();
            Set<Cid> before = new HashSet<>();
            for (Cid cid : feed) {
                assertThat(before)
                        .as("seed %d: before %s", seed, cid)
                        .containsAll(byCid.get(cid).parents());
                before.add(cid);
            }
            for (PostgresReplica hub : hubs) {
                await().untilAsserted(() -> assertThat(feed(hub, from))
                        .as("seed %d: another hub", seed)
                        .isEqualTo(feed));
            }
            requireCounts(hubs.get(0), name, events.size());
        } finally {
            executor.shutdownNow();
            stores.forEach(PostgresStore::close);
        }
    }

    /** Counts and positions, as anybody would work them out of the tables. */
    private static void requireCounts(PostgresReplica hub, String name, int events) throws Exception {
        Summary summary;
        try (Snapshot snapshot = hub.snapshot()) {
            summary = snapshot.summary();
        }
        assertThat(summary.events()).isEqualTo(events);
        assertThat(summary.pending()).isZero();
        try (Connection connection = OnePostgres.server().connect();
                PreparedStatement query = connection.prepareStatement(
                        "select (select count(*) from livesync_blocks where db = ?), (select sum(length(bytes)) from"
                                + " livesync_blocks where db = ?), (select max(position) from livesync_events where db = ?),"
                                + " (select count(*) from livesync_events where db = ?), (select count(*) from"
                                + " livesync_pending where db = ?)")) {
            for (int i = 1; i <= 5; i++) {
                query.setString(i, name);
            }
            try (ResultSet row = query.executeQuery()) {
                row.next();
                assertThat(row.getLong(1)).isEqualTo(summary.blocks());
                assertThat(row.getLong(2)).isEqualTo(summary.bytes());
                assertThat(row.getLong(3)).isEqualTo(events);
                assertThat(row.getLong(4)).isEqualTo(events);
                assertThat(row.getLong(5)).isZero();
            }
        }
    }

    private static List<Event> history(Random random) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            Set<Event> parents = new HashSet<>();
            for (int p = random.nextInt(3); p > 0 && !events.isEmpty(); p--) {
                parents.add(events.get(Math.max(0, events.size() - 1 - random.nextInt(8))));
            }
            events.add(put("key" + random.nextInt(10), "value " + i, parents.toArray(new Event[0])));
        }
        return events;
    }

    private void write(PostgresReplica hub, Origin origin, List<Event> order, Random random) {
        for (int at = 0; at < order.size(); ) {
            List<Event> some = order.subList(at, Math.min(order.size(), at + 1 + random.nextInt(5)));
            CommitResult result = commit(hub, new Commit(List.of(), some, origin));
            result.accepted().stream().filter(cid -> !accepted.add(cid)).forEach(twice::add);
            some.forEach(e -> acknowledged.add(e.cid()));
            at += some.size();
        }
    }

    /** As sessions do: what fails is begun again. */
    private static CommitResult commit(PostgresReplica hub, Commit commit) {
        while (true) {
            try {
                return hub.commit(commit);
            } catch (SyncException e) {
                assertThat(e.kind()).as(e.getMessage()).isEqualTo(ErrorKind.STORAGE);
            }
        }
    }
}
