package dev.livesync.it.hubs;

import static dev.livesync.it.hubs.KeptClient.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No hub does another's work: one of three takes all writes, and what each has read, written and computed for it is counted, by the server for each hub's user and by a relay for its
 * connections. First the others have no sessions, then all have some that read. Bounds are on counts; processor time is printed.
 */
@Tag("soak")
class HubsShareTest {
    private static final int HUBS = 3;
    private static final int EVENTS = Integer.getInteger("livesync.hubs.shared", 20_000);
    private static final int BATCH = 100;
    private static final int READERS = 10;
    /** The next one is due 7,500 events after the last at the earliest; those before a phase count, too. */
    private static final int MOST_CHECKPOINTS = 3;

    private static final String DOCUMENT = "{\"text\":\"" + "x".repeat(174) + "\"}";

    @TempDir
    private Path folder;

    private final List<StoreRelay> relays = new ArrayList<>();

    /**
     * What one hub has cost.
     *
     * @param feed rows of the feed that it has fetched
     * @param blocks rows of blocks that it has fetched beside these
     * @param written rows that it has written, but those of checkpoints
     * @param checkpoints that it has written: one is enough for all, whoever writes it
     * @param pieces bytes of these
     * @param statements that it has sent
     * @param to bytes to the store, but those of checkpoints
     * @param from bytes from the store
     * @param processor of its process, in nanoseconds
     */
    private record Cost(
            long feed,
            long blocks,
            long written,
            long checkpoints,
            long pieces,
            long statements,
            long to,
            long from,
            long processor) {
        Cost minus(Cost before) {
            return new Cost(
                    feed - before.feed,
                    blocks - before.blocks,
                    written - before.written,
                    checkpoints - before.checkpoints,
                    pieces - before.pieces,
                    statements - before.statements,
                    to - before.to,
                    from - before.from,
                    processor - before.processor);
        }
    }

    private static String user(int hub) {
        return "hub" + hub;
    }

    private static long sum(PostgresNodes nodes, int hub, String what, String queries) throws Exception {
        return Long.parseLong(nodes.query(
                1,
                "select coalesce(sum(" + what + "), 0) from pg_stat_statements where userid = '" + user(hub)
                        + "'::regrole and " + queries));
    }

    /** A checkpoint's pieces go with the next one, so they are counted as they come. */
    private static void countPieces(PostgresNodes nodes) throws Exception {
        nodes.query(1, "create table pieces_written (hub name not null, bytes bigint not null)");
        nodes.query(1, "grant insert on pieces_written to public");
        nodes.query(1, """
                create function count_piece() returns trigger language plpgsql as $$
                begin
                  insert into pieces_written values (current_user, length(new.bytes));
                  return new;
                end
                $$""");
        nodes.query(
                1,
                "create trigger count_pieces after insert on livesync_checkpoint_pieces"
                        + " for each row execute function count_piece()");
    }

    private Cost cost(PostgresNodes nodes, HubCluster hubs, int hub) throws Exception {
        long pieces = Long.parseLong(
                nodes.query(1, "select coalesce(sum(bytes), 0) from pieces_written where hub = '" + user(hub) + "'"));
        return new Cost(
                sum(nodes, hub, "rows", "query like '%from livesync_events e left join livesync_blocks%'"),
                sum(nodes, hub, "rows", "query like '%from livesync_blocks b join livesync_commits%'"),
                sum(nodes, hub, "rows", "query ~ '^(insert|update|delete)' and query not like '%livesync_checkpoint%'"),
                sum(nodes, hub, "rows", "query like 'insert into livesync_checkpoints %'"),
                pieces,
                sum(nodes, hub, "calls", "true"),
                relays.get(hub).bytesToStore() - pieces,
                relays.get(hub).bytesFromStore(),
                hubs.process(hub)
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toNanos());
    }

    @Test
    void whoHasNoSessionsOnlyFollows() throws Exception {
        try (PostgresNodes nodes = PostgresNodes.start(Map.of("NODES", "1", "PRELOAD", "pg_stat_statements"))) {
            nodes.query(1, "create extension pg_stat_statements");
            List<String> urls = new ArrayList<>();
            for (int n = 0; n < HUBS; n++) {
                nodes.query(1, "create role " + user(n) + " superuser login");
                relays.add(new StoreRelay(nodes.port(1)));
                urls.add(relays.get(n).url(user(n)));
            }
            try (HubCluster hubs = HubCluster.start(folder, urls, List.of());
                    KeptClient writer = new KeptClient(hubs.address(0))) {
                writer.store("warm");
                countPieces(nodes);
                List<Cost> idle = phase("no sessions at the others", nodes, hubs, writer, 0);
                for (int n = 1; n < HUBS; n++) {
                    assertThat(idle.get(n).blocks())
                            .as("blocks that hub %d has looked for", n)
                            .isZero();
                }
                List<KeptClient> readers = new ArrayList<>();
                try {
                    for (int n = 0; n < HUBS * READERS; n++) {
                        readers.add(new KeptClient(hubs.address(n % HUBS)));
                    }
                    awaitAll(readers, writer);
                    phase(READERS + " sessions at each", nodes, hubs, writer, 1);
                    awaitAll(readers, writer);
                } finally {
                    readers.forEach(KeptClient::close);
                }
            }
        } finally {
            for (StoreRelay relay : relays) {
                relay.close();
            }
        }
    }

    private static void awaitAll(List<KeptClient> readers, KeptClient writer) {
        for (KeptClient reader : readers) {
            await().atMost(LONG).until(() -> reader.database.clock().equals(writer.database.clock()));
        }
    }

    private List<Cost> phase(String what, PostgresNodes nodes, HubCluster hubs, KeptClient writer, int phase)
            throws Exception {
        List<Cost> before = new ArrayList<>();
        awaitFollowed(nodes, 1 + phase * EVENTS);
        for (int n = 0; n < HUBS; n++) {
            before.add(cost(nodes, hubs, n));
        }
        for (int from = 0; from < EVENTS; from += BATCH) {
            int first = from;
            writer.database.write(batch -> {
                for (int n = first; n < first + BATCH; n++) {
                    batch.put(phase + "-" + n, DOCUMENT);
                }
            });
            writer.stored();
        }
        awaitFollowed(nodes, 1 + (phase + 1) * EVENTS);
        List<Cost> spent = new ArrayList<>();
        for (int n = 0; n < HUBS; n++) {
            Cost cost = cost(nodes, hubs, n).minus(before.get(n));
            spent.add(cost);
            System.out.printf(
                    Locale.ROOT,
                    "hubs: %s, hub %d of %d events: fetched %d of the feed and %d blocks, wrote %d rows, %d checkpoints of %d bytes, %d statements;"
                            + " an event: %.0f bytes to the store, %.0f from it, %.0f us of processor time%n",
                    what,
                    n,
                    EVENTS,
                    cost.feed(),
                    cost.blocks(),
                    cost.written(),
                    cost.checkpoints(),
                    cost.pieces(),
                    cost.statements(),
                    (double) cost.to() / EVENTS,
                    (double) cost.from() / EVENTS,
                    cost.processor() / 1e3 / EVENTS);
        }
        Cost first = spent.get(0);
        assertThat(first.feed()).as("what the writing hub has read of its own").isLessThan(EVENTS / 20);
        assertThat(first.written()).as("rows of the writing hub").isGreaterThanOrEqualTo(2L * EVENTS);
        for (int n = 1; n < HUBS; n++) {
            Cost other = spent.get(n);
            assertThat(other.written()).as("rows that hub %d has written", n).isZero();
            assertThat(other.feed())
                    .as("events that hub %d has fetched, each once, however many sessions it has", n)
                    .isBetween((long) EVENTS, EVENTS + EVENTS / 20L);
            assertThat(other.to())
                    .as("bytes from hub %d to the store, beside those of the writing one", n)
                    .isLessThan(first.to() / 3);
        }
        // Two that think of it at the same moment do it for nothing, and three times are two more than there is need
        // for.
        assertThat(spent.stream().mapToLong(Cost::checkpoints).sum())
                .as("checkpoints of %d events, by all hubs", EVENTS)
                .isLessThanOrEqualTo(MOST_CHECKPOINTS);
        System.out.printf(
                Locale.ROOT,
                "hubs: %s, the others : the writing one: %.2f of its processor time, %.2f of its bytes%n",
                what,
                (spent.get(1).processor() + spent.get(2).processor()) / 2.0 / first.processor(),
                (spent.get(1).to()
                                + spent.get(1).from()
                                + spent.get(2).to()
                                + spent.get(2).from())
                        / 2.0
                        / (first.to() + first.from()));
        return spent;
    }

    /** The writing hub may have read nothing: it knows what it has written. */
    private void awaitFollowed(PostgresNodes nodes, int events) {
        for (int n = 1; n < HUBS; n++) {
            int hub = n;
            await("hub " + n + " has followed " + events)
                    .atMost(LONG)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() ->
                            sum(nodes, hub, "rows", "query like '%from livesync_events e left join livesync_blocks%'")
                                    >= events);
        }
    }
}
