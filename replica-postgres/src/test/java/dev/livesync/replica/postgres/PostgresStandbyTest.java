package dev.livesync.replica.postgres;

import static dev.livesync.replica.postgres.PostgresEvents.commit;
import static dev.livesync.replica.postgres.PostgresEvents.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Snapshot;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Contents are read at a standby that has them, and everything is right whatever it has. */
@ExtendWith(OnePostgres.class)
@Timeout(120)
class PostgresStandbyTest {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final int EVENTS = 20;

    private final String name = "standby " + NAMES.incrementAndGet();
    private final List<Event> events = new ArrayList<>();
    private final List<Block> blocks = new ArrayList<>();

    private static Block block(int n) {
        return Block.of(Cid.RAW, new byte[] {(byte) n, 1, 2, 3});
    }

    private void write(PostgresReplica replica, int number) {
        Event event = put("event " + number);
        Block block = block(number);
        replica.commit(commit(event));
        replica.commit(commit(block));
        events.add(event);
        blocks.add(block);
    }

    private static PostgresStore reading(String url, String reads) {
        return PostgresStore.connect(
                url,
                PostgresOptions.DEFAULT.toBuilder().cacheBytes(0).reads(reads).build());
    }

    /** All that was written, from the store. */
    private void assertReads(PostgresReplica replica) {
        try (Snapshot snapshot = replica.snapshot()) {
            for (Event event : events) {
                assertThat(snapshot.block(event.cid())).isEqualTo(event.block());
            }
            for (Block block : blocks) {
                assertThat(snapshot.block(block.cid())).isEqualTo(block);
            }
            assertThat(snapshot.missing(blocks.stream().map(Block::cid).toList()))
                    .isEmpty();
            assertThat(snapshot.block(block(-1).cid())).isNull();
            assertThat(snapshot.missing(List.of(block(-1).cid())))
                    .containsExactly(block(-1).cid());
        }
    }

    /** How many statements the primary has to answer for it: what is absent is asked for there, and what is missing. */
    private int atPrimary(PostgresReplica replica, TextProxy primary) {
        int before = primary.heard();
        assertReads(replica);
        return primary.heard() - before;
    }

    private static void awaitSeen(PostgresReplica replica, Event event) {
        await().until(() -> {
            try (Snapshot snapshot = replica.snapshot()) {
                return snapshot.heads().contains(event.cid());
            }
        });
    }

    @Test
    void contentsAreReadAtAStandbyThatHasThem() throws Exception {
        try (PostgresServer node = OnePostgres.server().standby();
                TextProxy primary = new TextProxy(OnePostgres.server().port(), name);
                TextProxy standby = new TextProxy(node.port(), name);
                PostgresStore writing =
                        PostgresStore.connect(OnePostgres.server().url(), PostgresOptions.DEFAULT);
                PostgresStore store = reading(primary.url(), standby.url())) {
            PostgresReplica writer = writing.open(name);
            PostgresReplica replica = store.open(name);
            for (int n = 0; n < EVENTS; n++) {
                write(writer, n);
            }
            awaitSeen(replica, events.get(EVENTS - 1));
            awaitBlocks(replica);
            await().until(() -> atPrimary(replica, primary) == 3);
            int before = standby.heard();
            assertThat(atPrimary(replica, primary)).isEqualTo(3);
            assertThat(standby.heard() - before).isGreaterThanOrEqualTo(2 * EVENTS);

            node.execute("select pg_wal_replay_pause()");
            await().until(() -> ask(node, "select pg_get_wal_replay_pause_state() = 'paused'"));
            write(writer, EVENTS);
            awaitSeen(replica, events.get(EVENTS));
            awaitBlocks(replica);
            assertThat(atPrimary(replica, primary)).isGreaterThan(3);

            node.execute("select pg_wal_replay_resume()");
            await().until(() -> atPrimary(replica, primary) == 3);

            node.close();
            assertThat(atPrimary(replica, primary)).isGreaterThanOrEqualTo(2 * EVENTS + 3);
        }
    }

    /** Blocks are no news, so they are seen at the next look. */
    private void awaitBlocks(PostgresReplica replica) {
        await().until(() -> {
            try (Snapshot snapshot = replica.snapshot()) {
                return snapshot.missing(blocks.stream().map(Block::cid).toList())
                        .isEmpty();
            }
        });
    }

    private static boolean ask(PostgresServer node, String sql) throws SQLException {
        try (Connection connection = node.connect();
                PreparedStatement query = connection.prepareStatement(sql);
                ResultSet row = query.executeQuery()) {
            return row.next() && row.getBoolean(1);
        }
    }

    /** As one that was left behind on another branch of history: with as many commits, and none of ours. */
    @Test
    void whatIsReadElsewhereIsNeverTakenForOurs() throws Exception {
        String other = "other_" + NAMES.incrementAndGet();
        OnePostgres.server().execute("create database " + other);
        String there = PostgresServer.url(OnePostgres.server().port(), other);
        try (PostgresStore elsewhere = PostgresStore.connect(there, PostgresOptions.DEFAULT);
                PostgresStore store = reading(OnePostgres.server().url(), there)) {
            PostgresReplica stranger = elsewhere.open(name);
            PostgresReplica replica = store.open(name);
            for (int n = 0; n < EVENTS; n++) {
                stranger.commit(commit(put("theirs " + n)));
                stranger.commit(commit(block(-1)));
                stranger.commit(commit(block(-2 - n)));
                write(replica, n);
            }
            assertReads(replica);
        }
    }
}
