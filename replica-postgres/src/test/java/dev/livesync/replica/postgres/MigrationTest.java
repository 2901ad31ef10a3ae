package dev.livesync.replica.postgres;

import static dev.livesync.replica.postgres.PostgresEvents.commit;
import static dev.livesync.replica.postgres.PostgresEvents.feed;
import static dev.livesync.replica.postgres.PostgresEvents.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Cursor;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Hubs of several versions at the same tables, and tables that change while hubs write. */
@ExtendWith(OnePostgres.class)
class MigrationTest {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final PostgresOptions OPTIONS = PostgresOptions.DEFAULT.toBuilder()
            .pollInterval(Duration.ofMillis(50))
            .poolSize(4)
            .build();

    private static String freshServer() throws SQLException {
        String database = "migration" + NAMES.incrementAndGet();
        OnePostgres.server().execute("create database " + database);
        return PostgresServer.url(OnePostgres.server().port(), database);
    }

    private static int version(String url) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select version from livesync_schema where oldest = 1")) {
            assertThat(row.next()).as("hubs of version 1 may go on").isTrue();
            return row.getInt(1);
        }
    }

    /** Those of before the change write on, see what the others write, and more of them may come. */
    @Test
    void hubsOfBeforeGoOnWhileTheTablesChangeAndAfterwards() throws Exception {
        String url = freshServer();
        List<Cid> written = new CopyOnWriteArrayList<>();
        AtomicBoolean goesOn = new AtomicBoolean(true);
        try (PostgresStore old = PostgresStore.ofVersion(1, url, OPTIONS)) {
            PostgresReplica before = old.open("notes");
            Cursor from = PostgresEvents.beginning(before);
            assertThat(version(url)).isEqualTo(1);
            assertThat(before.peerFrontiers()).isEmpty();
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                Event last = put("first");
                while (goesOn.get()) {
                    before.commit(commit(last));
                    written.add(last.cid());
                    last = put("k" + written.size() % 10, last);
                }
            });
            await().until(() -> written.size() > 20);
            int until = written.size();
            try (PostgresStore fresh = PostgresStore.connect(url, OPTIONS)) {
                assertThat(version(url)).isEqualTo(Schema.VERSION);
                await().until(() -> written.size() > until + 20);
                PostgresReplica after = fresh.open("notes");
                Event beside = put("beside");
                after.commit(commit(beside));
                after.peerFrontiers().orElseThrow().remember(1, List.of(beside.cid()));
                goesOn.set(false);
                writer.join();
                written.add(beside.cid());
                try (PostgresStore restarted = PostgresStore.ofVersion(1, url, OPTIONS)) {
                    for (PostgresReplica hub : List.of(before, after, restarted.open("notes"))) {
                        await().untilAsserted(() -> assertThat(feed(hub, from)).hasSameElementsAs(written));
                    }
                }
                assertThat(version(url)).isEqualTo(Schema.VERSION);
            }
        }
    }

    /** The change waits for nobody's transaction, whatever that has locked, and so stops nobody who would wait behind it. */
    @Test
    void aHubInTheMiddleOfACommitKeepsNobodyFromChangingTheTables() throws Exception {
        String url = freshServer();
        PostgresStore.ofVersion(1, url, OPTIONS).close();
        try (Connection commit = DriverManager.getConnection(url);
                Statement statement = commit.createStatement()) {
            commit.setAutoCommit(false);
            for (String table : List.of("feed", "commits", "blocks", "events", "pending")) {
                statement.execute("lock table livesync_" + table + " in row exclusive mode");
            }
            PostgresStore.connect(url, OPTIONS).close();
            assertThat(version(url)).isEqualTo(Schema.VERSION);
            commit.rollback();
        }
    }

    @Test
    void tablesThatAreForNewerHubsOnlyAreRefused() throws Exception {
        String url = freshServer();
        PostgresStore.connect(url, OPTIONS).close();
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("update livesync_schema set oldest = 2");
        }
        PostgresStore.connect(url, OPTIONS).close();
        assertThatThrownBy(() -> PostgresStore.ofVersion(1, url, OPTIONS))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED))
                .hasMessageContaining(
                        "version " + Schema.VERSION + ", which hubs need version 2 for, and this one knows 1");
    }
}
