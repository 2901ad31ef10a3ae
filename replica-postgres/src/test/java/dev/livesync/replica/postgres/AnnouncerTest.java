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
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.ds.PGSimpleDataSource;

/** What a hub tells others, on a real server. */
@ExtendWith(OnePostgres.class)
class AnnouncerTest {
    /** All tests share a server, and what an ended one was about to say may be said a moment later. */
    private final String mine = " of " + UUID.randomUUID();

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
        try (ResultSet row = statement.executeQuery(
                "select count(*) from pg_stat_activity where wait_event = 'SyncRep' and query like '%waited%'")) {
            row.next();
            return row.getInt(1) == 1;
        }
    }

    private void awaitHeard(Connection listening, String... names) {
        await().untilAsserted(() -> {
            PGNotification[] some = listening.unwrap(PGConnection.class).getNotifications(1);
            for (PGNotification one : some == null ? new PGNotification[0] : some) {
                if (one.getParameter().endsWith(mine)) {
                    heard.add(one.getParameter().replace(mine, ""));
                }
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
                announcer.announce("one" + mine);
                awaitHeard(listening, "one");
                announcer.announce("two" + mine);
                awaitHeard(listening, "one", "two");
            } finally {
                goesOn.set(false);
                standbys("");
                writer.join();
            }
        }
    }

    /** Its clock goes on by a millisecond whenever it is read. */
    @Test
    void newsGoBeforeMessagesThatWereThereFirst() throws Exception {
        AtomicLong clock = new AtomicLong();
        try (TextProxy proxy = new TextProxy(OnePostgres.server().port(), "pg_notify");
                Connection listening = OnePostgres.server().connect();
                Statement listen = listening.createStatement()) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(proxy.url());
            listen.execute("listen " + Announcer.CHANNEL);
            listen.execute("listen " + Announcer.MESSAGES);
            proxy.arm();
            try (Announcer announcer = new Announcer(
                    new Connections(source, SqlDialect.POSTGRESQL),
                    Duration.ofSeconds(1),
                    () -> clock.addAndGet(1_000_000))) {
                announcer.announce("first" + mine);
                await().until(() -> proxy.stalled() == 1);
                var first = announcer.send("much", "much 1" + mine);
                announcer.send("much", "much 2" + mine);
                announcer.send("little", "little 1" + mine);
                announcer.announce("news" + mine);
                proxy.release();
                awaitHeard(listening, "first", "news", "much 1", "little 1", "much 2");
                assertThat(first.toCompletableFuture()).isCompleted();
            }
        }
    }

    @Test
    void messagesGoHoweverManyNewsThereAre() throws Exception {
        try (Announcer announcer = new Announcer(connections(), Duration.ofSeconds(1), System::nanoTime)) {
            CompletableFuture<Void> sent =
                    announcer.send("database", "message" + mine).toCompletableFuture();
            await().until(() -> {
                announcer.announce("news" + mine);
                return sent.isDone();
            });
            CompletableFuture<Void> next =
                    announcer.send("database", "another" + mine).toCompletableFuture();
            await().pollInterval(Duration.ofMillis(1)).until(() -> {
                announcer.announce("news" + mine);
                return next.isDone();
            });
            assertThat(next).isCompletedWithValue(null);
        }
    }

    @Test
    void whatIsDueAtTheEndIsSaid() throws Exception {
        try (Connection listening = OnePostgres.server().connect();
                Statement listen = listening.createStatement()) {
            listen.execute("listen " + Announcer.CHANNEL);
            listen.execute("listen " + Announcer.MESSAGES);
            Announcer announcer = new Announcer(connections(), Duration.ofSeconds(1), System::nanoTime);
            List<CompletableFuture<Void>> sent = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                sent.add(announcer.send("database", "message " + i + mine).toCompletableFuture());
            }
            announcer.close();
            announcer.join();
            assertThat(sent).allMatch(CompletableFuture::isDone);
            assertThat(announcer.send("database", "late" + mine).toCompletableFuture())
                    .isCompletedExceptionally();
            announcer.announce("late" + mine);
            awaitHeard(listening, "message 0", "message 1", "message 2", "message 3", "message 4");
        }
    }
}
