package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.ds.PGSimpleDataSource;

/** What a hub tells others, on a real server. */
@ExtendWith(OnePostgres.class)
class AnnouncerTest {
    private final List<String> heard = new ArrayList<>();

    private static Connections connections() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(OnePostgres.server().url());
        return new Connections(source, SqlDialect.POSTGRESQL);
    }

    private static void standbys(String names) throws SQLException {
        OnePostgres.server().execute("alter system set synchronous_standby_names = '" + names + "'");
        OnePostgres.server().execute("select pg_reload_conf()");
    }

    /** Writes until it is told to end, which takes until nobody waits for a standby any more. */
    private static void write(AtomicBoolean goesOn) {
        try (Connection connection = OnePostgres.server().connect();
                Statement statement = connection.createStatement()) {
            statement.execute("create table waited(n integer)");
            while (goesOn.get()) {
                statement.execute("insert into waited values (1)");
            }
            statement.execute("drop table waited");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean writerWaits(Statement statement) throws SQLException {
        try (ResultSet row =
                statement.executeQuery("select count(*) from pg_stat_activity where wait_event = 'SyncRep'")) {
            row.next();
            return row.getInt(1) == 1;
        }
    }

    private void awaitHeard(Connection listening, String... names) {
        await().untilAsserted(() -> {
            PGNotification[] some = listening.unwrap(PGConnection.class).getNotifications(1);
            for (PGNotification one : some == null ? new PGNotification[0] : some) {
                heard.add(one.getParameter());
            }
            assertThat(heard).containsExactly(names);
        });
    }

    /** Its transaction has a lock of the whole server, which must not be held for as long as a disk or a standby takes. */
    @Test
    void nobodyWaitsForAStandbyWithTheLockOfNotifications() throws Exception {
        try (Connection listening = OnePostgres.server().connect();
                Statement listen = listening.createStatement();
                Announcer announcer = new Announcer(connections(), Duration.ofSeconds(1), System::nanoTime)) {
            listen.execute("listen " + Announcer.CHANNEL);
            standbys("nobody");
            AtomicBoolean goesOn = new AtomicBoolean(true);
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> write(goesOn));
            try {
                await().until(() -> writerWaits(listen));
                announcer.announce("one");
                awaitHeard(listening, "one");
                announcer.announce("two");
                awaitHeard(listening, "one", "two");
            } finally {
                goesOn.set(false);
                standbys("");
                writer.join();
            }
        }
    }
}
