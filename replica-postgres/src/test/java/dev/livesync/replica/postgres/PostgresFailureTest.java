package dev.livesync.replica.postgres;

import static dev.livesync.replica.postgres.PostgresEvents.ALICE;
import static dev.livesync.replica.postgres.PostgresEvents.commit;
import static dev.livesync.replica.postgres.PostgresEvents.feed;
import static dev.livesync.replica.postgres.PostgresEvents.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of commits and readers when something goes wrong, on a real server. */
@ExtendWith(OnePostgres.class)
class PostgresFailureTest {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final String name = "failure " + NAMES.incrementAndGet();
    private final List<PostgresStore> stores = new ArrayList<>();
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private PostgresStore store;

    @BeforeEach
    void connect() {
        store = store(OnePostgres.server().port(), options());
    }

    @AfterEach
    void close() {
        executor.shutdownNow();
        stores.forEach(PostgresStore::close);
    }

    private static PostgresOptions.Builder options() {
        return PostgresOptions.DEFAULT.toBuilder()
                .pollInterval(Duration.ofMillis(50))
                .pendingBytesPerPeer(1 << 20);
    }

    private PostgresStore store(int port, PostgresOptions.Builder options) {
        PostgresStore opened = PostgresStore.connect(
                OnePostgres.server().url(port), options.poolSize(4).build());
        stores.add(opened);
        return opened;
    }

    private long number(String sql) throws SQLException {
        try (Connection connection = OnePostgres.server().connect();
                PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private static Summary summary(PostgresReplica replica) {
        try (Snapshot snapshot = replica.snapshot()) {
            return snapshot.summary();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCommitWhoseAnswerIsLostTakesPlaceOnce(CuttingProxy.Cut cut) throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(OnePostgres.server().port())) {
            PostgresReplica replica = store(proxy.port(), options()).open(name);
            Cursor from = PostgresEvents.beginning(replica);
            Event first = put("first");
            Event second = put("second", first);
            Event third = put("third", second);
            replica.commit(commit(first));
            proxy.arm(cut);

            CommitResult result = replica.commit(commit(second));

            assertThat(proxy.isArmed()).isFalse();
            assertThat(result.accepted()).containsExactly(second.cid());
            assertThat(replica.commit(commit(second)).accepted()).isEmpty();
            replica.commit(commit(third));
            List<Cid> all = List.of(first.cid(), second.cid(), third.cid());
            assertThat(feed(replica, from)).isEqualTo(all);
            assertThat(number("select count(*) from livesync_commits where db = ?"))
                    .isEqualTo(3);
            assertThat(feed(store.open(name), from)).isEqualTo(all);
        }
    }

    /** What waits in a commit that is tried anew is stored with it, so that another hub completes it. */
    @ParameterizedTest
    @EnumSource
    void whatWaitsInACommitWhoseAnswerIsLostIsThereForOthers(CuttingProxy.Cut cut) throws Exception {
        try (CuttingProxy proxy = new CuttingProxy(OnePostgres.server().port())) {
            PostgresReplica replica = store(proxy.port(), options()).open(name);
            Cursor from = PostgresEvents.beginning(replica);
            Event parent = put("parent");
            Event child = put("child", parent);
            replica.commit(commit(put("other")));
            proxy.arm(cut);

            assertThat(replica.commit(commit(child)).pending()).containsExactly(child.cid());

            assertThat(proxy.isArmed()).isFalse();
            assertThat(summary(replica).pending()).isEqualTo(1);
            assertThat(number("select count(*) from livesync_pending where db = ?"))
                    .isEqualTo(1);
            PostgresReplica another = store.open(name);
            assertThat(another.commit(commit(parent)).accepted()).containsExactly(parent.cid(), child.cid());
            assertThat(summary(another).pending()).isZero();
            await().untilAsserted(
                            () -> assertThat(feed(replica, from)).hasSize(3).endsWith(parent.cid(), child.cid()));
        }
    }

    @Test
    void anEmptyPoolIsAFailureThatSaysSo() throws Exception {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(OnePostgres.server().url());
        config.setMaximumPoolSize(3);
        config.setConnectionTimeout(250);
        try (HikariDataSource pool = new HikariDataSource(config);
                PostgresStore small = PostgresStore.of(pool, options().build())) {
            PostgresReplica replica = small.open(name);
            Event event = put("event");
            AtomicInteger before = new AtomicInteger();
            List<Connection> taken = new ArrayList<>();
            // Who had one, gives it back: then it is taken, too.
            await().untilAsserted(() -> {
                takeAll(pool, taken);
                assertThatThrownBy(() -> replica.commit(commit(put("before " + before.incrementAndGet()))))
                        .isInstanceOfSatisfying(
                                SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
                        .hasMessageContaining("maximumPoolSize");
            });

            for (Connection connection : taken) {
                connection.close();
            }
            assertThat(replica.commit(commit(event)).accepted()).containsExactly(event.cid());
        }
    }

    private static void takeAll(HikariDataSource pool, List<Connection> taken) {
        try {
            while (true) {
                taken.add(pool.getConnection());
            }
        } catch (SQLException e) {
            assertThat(pool.isRunning()).isTrue(); // that was the last
        }
    }

    /** Holds the row of a database's feed, as a hub that has stalled in a transaction. */
    private Connection stall(Duration atMost) throws SQLException {
        Connection connection = OnePostgres.server().connect();
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("set local idle_in_transaction_session_timeout = " + atMost.toMillis());
        }
        FeedRow.lock(connection, name);
        return connection;
    }

    @Test
    void aStalledHubKeepsTheOthersForAWhileAndNoOtherDatabase() throws Exception {
        PostgresReplica replica = store(OnePostgres.server().port(), options().lockTimeout(Duration.ofMillis(100)))
                .open(name);
        PostgresReplica patient = store.open(name);
        PostgresReplica other = store.open(name + " other");
        Event a = put("a");
        Event b = put("b");
        try (Connection stalled = stall(Duration.ofHours(1))) {
            assertThatThrownBy(() -> replica.commit(commit(a)))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
                    .hasMessageContaining("another hub");
            assertThat(other.commit(commit(a)).accepted()).containsExactly(a.cid());
            stalled.rollback();
        }
        try (Connection stalled = stall(Duration.ofMillis(200))) {
            assertThat(patient.commit(commit(b)).accepted()).containsExactly(b.cid());
            assertThatThrownBy(stalled::commit).isInstanceOf(SQLException.class);
        }
        assertThat(summary(patient).blocks()).isEqualTo(1);
    }

    @Test
    void ourOwnTransactionsAreTakenBackWhenWeStall() throws Exception {
        PostgresReplica replica = store.open(name);
        OnePostgres.server().execute("create table if not exists limits_seen(db text, lock text, idle text)");
        OnePostgres.server().execute("""
                create or replace function see_limits() returns trigger language plpgsql as $$ begin
                  insert into limits_seen values (new.db, current_setting('lock_timeout'),
                      current_setting('idle_in_transaction_session_timeout'));
                  return new;
                end $$;
                create trigger see_limits before insert on livesync_commits for each row execute function see_limits();
                """);
        try {
            replica.commit(commit(put("event")));
            assertThat(number("select count(*) from limits_seen where db = ? and lock = '5s' and idle = '5s'"))
                    .isEqualTo(1);
        } finally {
            OnePostgres.server().execute("drop function see_limits() cascade; drop table limits_seen");
        }
    }

    @Test
    void lookingIsEnoughWhereNobodyIsTold() {
        try (PostgresStore deaf =
                PostgresStore.polling(OnePostgres.server().url(), options().build())) {
            PostgresReplica reader = deaf.open(name);
            AtomicInteger woken = new AtomicInteger();
            reader.onChange(woken::incrementAndGet);
            Cursor from = PostgresEvents.beginning(reader);
            Event event = put("event");
            store.open(name).commit(commit(event));

            await().untilAsserted(() -> assertThat(feed(reader, from)).containsExactly(event.cid()));
            await().untilAsserted(() -> assertThat(woken).hasPositiveValue());
        }
    }

    @Test
    void aHubIsToldLongBeforeItLooks() {
        PostgresReplica reader = store(OnePostgres.server().port(), options().pollInterval(Duration.ofMinutes(10)))
                .open(name);
        Cursor from = PostgresEvents.beginning(reader);
        PostgresReplica writer = store.open(name);
        List<Cid> written = new ArrayList<>();
        // The first may come before the other one listens.
        await().untilAsserted(() -> {
            Event event = put("event " + written.size());
            written.add(event.cid());
            writer.commit(commit(event));
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(feed(reader, from)).isEqualTo(written));
        });
    }

    @Test
    void oneThatIsRefusedTakesNothingWithIt() throws Exception {
        PostgresReplica replica = store.open(name);
        Event absent = put("absent");
        Event large = put("large", "x".repeat(1 << 20), absent);
        Block mine = Block.of(Cid.RAW, new byte[] {1, 2, 3});
        Block shared = Block.of(Cid.RAW, new byte[] {4, 5, 6});
        Event good = put("good");
        CompletableFuture<CommitResult> refused;
        List<CompletableFuture<CommitResult>> others = new ArrayList<>();
        try (Connection stalled = stall(Duration.ofHours(1))) {
            // The first waits for the lock; what comes meanwhile shares the next transaction.
            others.add(later(replica, commit(put("first"))));
            awaitBlocked();
            refused = later(replica, new Commit(List.of(mine, shared), List.of(large), ALICE));
            others.add(later(replica, new Commit(List.of(shared), List.of(good), ALICE)));
            others.add(later(replica, commit(put("another"))));
            stalled.rollback();
        }
        for (CompletableFuture<CommitResult> other : others) {
            assertThat(other.get().accepted()).hasSize(1);
        }
        assertThatThrownBy(refused::get)
                .hasCauseInstanceOf(SyncException.class)
                .satisfies(
                        e -> assertThat(((SyncException) e.getCause()).kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED));
        try (Snapshot snapshot = replica.snapshot()) {
            assertThat(snapshot.missing(List.of(mine.cid(), shared.cid(), large.cid(), good.cid())))
                    .containsExactly(mine.cid(), large.cid());
            assertThat(snapshot.summary().blocks()).isEqualTo(4);
            assertThat(number("select count(*) from livesync_blocks where db = ?"))
                    .isEqualTo(4);
        }
    }

    private CompletableFuture<CommitResult> later(PostgresReplica replica, Commit commit) {
        return CompletableFuture.supplyAsync(() -> replica.commit(commit), executor);
    }

    private static void awaitBlocked() {
        await().until(() -> {
            try (Connection connection = OnePostgres.server().connect();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(
                            "select count(*) from pg_stat_activity where wait_event_type = 'Lock'")) {
                row.next();
                return row.getInt(1) > 0;
            }
        });
    }

    @Test
    void tablesOfANewerVersionAreUsedOrRefusedAsTheySay() throws Exception {
        String database = "migrated";
        OnePostgres.server().execute("create database " + database);
        String url = PostgresServer.url(OnePostgres.server().port(), database);
        // Several at once: one makes the tables, and the others find them.
        List<CompletableFuture<PostgresStore>> opened = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            opened.add(CompletableFuture.supplyAsync(
                    () -> PostgresStore.connect(url, options().poolSize(3).build()), executor));
        }
        for (CompletableFuture<PostgresStore> one : opened) {
            stores.add(one.get());
        }
        PostgresOptions options = options().poolSize(3).build();
        change(url, "update livesync_schema set version = 99, oldest = 1");
        PostgresStore.connect(url, options).close();
        change(url, "update livesync_schema set oldest = 99");
        assertThatThrownBy(() -> PostgresStore.connect(url, options))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED))
                .hasMessageContaining("newer LiveSync");
    }

    private static void change(String url, String sql) throws SQLException {
        try (Connection connection = java.sql.DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
