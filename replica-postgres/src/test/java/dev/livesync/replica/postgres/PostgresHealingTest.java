package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.Endpoint;
import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A backup is restored under running hubs, or a node takes over that lacks a part: peers bring what is missing. */
@ExtendWith(OnePostgres.class)
class PostgresHealingTest {
    private static final List<String> TABLES = List.of("feed", "commits", "blocks", "events", "pending");

    private static PostgresStore store() {
        PostgresOptions options = PostgresOptions.DEFAULT.toBuilder()
                .pollInterval(Duration.ofMillis(50))
                .poolSize(4)
                .build();
        return PostgresStore.connect(OnePostgres.server().url(), options);
    }

    /** Keeps all rows of a database, as a backup does. */
    private static void backUp(String name) throws SQLException {
        for (String table : TABLES) {
            OnePostgres.server()
                    .execute("create table backup_" + table + " as select * from livesync_" + table + " where db = '"
                            + name + "'");
        }
    }

    private static void restore(String name) throws SQLException {
        StringBuilder sql = new StringBuilder("begin;");
        for (String table : TABLES) {
            sql.append("delete from livesync_")
                    .append(table)
                    .append(" where db = '")
                    .append(name)
                    .append("';");
            sql.append("insert into livesync_")
                    .append(table)
                    .append(" select * from backup_")
                    .append(table)
                    .append(";");
        }
        OnePostgres.server().execute(sql + "commit");
        for (String table : TABLES) {
            OnePostgres.server().execute("drop table backup_" + table);
        }
    }

    private static List<Cid> heads(PostgresReplica replica) {
        try (Snapshot snapshot = replica.snapshot()) {
            return snapshot.heads();
        }
    }

    private static Cursor cursor(PostgresReplica replica) {
        try (Snapshot snapshot = replica.snapshot()) {
            return snapshot.cursor();
        }
    }

    @Test
    void peersBringWhatARestoredBackupLacks() throws Exception {
        try (PostgresStore here = store();
                PostgresStore there = store();
                Database peer = Database.inMemory()) {
            PostgresReplica one = here.open("healed");
            PostgresReplica other = there.open("healed");
            try (Sync hub = Sync.builder(one).transport("memory").build();
                    Sync client = Sync.builder(peer).transport("memory").build()) {
                Endpoint endpoint = hub.listen("memory:healed").join();
                Session session = client.dial(endpoint.address()).join();
                peer.put("a", "{}");
                session.delivered().join();
                Cursor old = cursor(one);
                backUp("healed");
                for (int i = 0; i < 20; i++) {
                    peer.put("later " + i, "{}");
                }
                session.delivered().join();
                Cursor lost = cursor(one);
                assertThat(heads(one)).isEqualTo(peer.clock());

                restore("healed");

                for (PostgresReplica replica : List.of(one, other)) {
                    await().untilAsserted(() -> {
                        for (Cursor cursor : List.of(old, lost)) {
                            assertThatThrownBy(() -> replica.changes(cursor, 10))
                                    .isInstanceOfSatisfying(
                                            SyncException.class,
                                            e -> assertThat(e.kind()).isEqualTo(ErrorKind.CURSOR_EXPIRED));
                        }
                    });
                }
                Session again = client.dial(endpoint.address()).join();
                again.awaitEqual().join();
                await().untilAsserted(() -> assertThat(heads(one)).isEqualTo(peer.clock()));
                await().untilAsserted(() -> assertThat(heads(other)).isEqualTo(peer.clock()));
            }
        }
    }

    /** A backup of before there was this database, or a node that lacks all of it: the same name stands for another one now. */
    @Test
    void peersBringADatabaseOfWhichNothingIsLeft() throws Exception {
        try (PostgresStore here = store();
                Database peer = Database.inMemory()) {
            PostgresReplica replica = here.open("gone");
            try (Sync hub = Sync.builder(replica).transport("memory").build();
                    Sync client = Sync.builder(peer).transport("memory").build()) {
                Endpoint endpoint = hub.listen("memory:gone").join();
                KeptPeer kept = client.keep(endpoint.address());
                peer.put("a", "{}");
                kept.connected().join().delivered().join();
                Cursor lost = cursor(replica);
                StringBuilder sql = new StringBuilder("begin;");
                TABLES.forEach(table -> sql.append("delete from livesync_" + table + " where db = 'gone';"));
                OnePostgres.server().execute(sql + "commit");

                await().untilAsserted(() -> assertThatThrownBy(() -> replica.changes(lost, 10))
                        .isInstanceOfSatisfying(
                                SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CURSOR_EXPIRED)));
                await().untilAsserted(() -> assertThat(heads(replica)).isEqualTo(peer.clock()));
                peer.put("b", "{}");
                await().untilAsserted(() -> assertThat(heads(replica)).isEqualTo(peer.clock()));
            }
        }
    }

    @Test
    void aCursorIntoWhatWasLostExpiresThoughNobodyNoticed() throws Exception {
        Cursor lost;
        Cursor kept;
        try (PostgresStore store = store()) {
            PostgresReplica replica = store.open("unnoticed");
            replica.commit(PostgresEvents.commit(PostgresEvents.put("a")));
            kept = cursor(replica);
            backUp("unnoticed");
            replica.commit(PostgresEvents.commit(PostgresEvents.put("b")));
            lost = cursor(replica);
        }
        restore("unnoticed");
        try (PostgresStore store = store()) {
            PostgresReplica replica = store.open("unnoticed");
            assertThatThrownBy(() -> replica.changes(lost, 10)).hasMessageContaining("lost a part of its history");
            replica.commit(PostgresEvents.commit(PostgresEvents.put("c")));
            assertThatThrownBy(() -> replica.changes(lost, 10)).hasMessageContaining("lost a part of its history");
            assertThat(replica.changes(kept, 10).changes()).hasSize(1);
        }
    }

    /** Until a hub has noticed, what it asks for is not damaged but lost. */
    @Test
    void whatWasLostIsNotCalledDamage() throws Exception {
        PostgresOptions late = PostgresOptions.DEFAULT.toBuilder()
                .pollInterval(Duration.ofHours(1))
                .cacheBytes(0)
                .build();
        try (PostgresStore store = PostgresStore.connect(OnePostgres.server().url(), late)) {
            PostgresReplica replica = store.open("late");
            replica.commit(PostgresEvents.commit(PostgresEvents.put("a")));
            List<Cid> kept = heads(replica);
            backUp("late");
            replica.commit(PostgresEvents.commit(PostgresEvents.put("b")));
            try (Snapshot snapshot = replica.snapshot()) {
                restore("late");
                List<Cid> lost = new ArrayList<>(snapshot.heads());
                lost.removeAll(kept);
                assertThatThrownBy(() -> snapshot.block(lost.get(0)))
                        .isInstanceOfSatisfying(
                                SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
                        .hasMessageContaining("database late ")
                        .hasMessageContaining("failover");
                assertThat(snapshot.block(kept.get(0))).isNotNull();
            }
        }
    }
}
