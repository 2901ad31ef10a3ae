package dev.livesync.replica.postgres;

import static dev.livesync.replica.postgres.PostgresEvents.commit;
import static dev.livesync.replica.postgres.PostgresEvents.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A hub begins with the history that another one has worked out, if it is that of the feed in every event, and reads all of it otherwise. */
@ExtendWith(OnePostgres.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresHistoryTest {
    /** So many that a checkpoint is due. */
    private static final int KEPT = 3_100;

    private static final int MORE = 30;

    private static final int EVERY = 2_000;

    private static final int BATCH = 200;

    /** Of the feed. */
    private static final int PAGE = 1_000;

    private static final AtomicInteger NAMES = new AtomicInteger();

    private String original = "";
    private List<Cid> feed = List.of();

    /** What everybody has to see. */
    private record Seen(List<Cid> feed, List<Cid> heads, List<Cid> all, long documents, long blocks) {
        static Seen at(PostgresReplica replica, int events) {
            try (Snapshot snapshot = replica.snapshot()) {
                assertThat(snapshot.summary().events()).isEqualTo(events);
                List<Cid> all = new ArrayList<>();
                snapshot.eventsSince(List.of()).forEachRemaining(all::add);
                List<Cid> sorted = all.stream().sorted().toList();
                return new Seen(
                        PostgresEvents.feed(replica, zero(snapshot.cursor())),
                        snapshot.heads(),
                        sorted,
                        snapshot.summary().documents(),
                        snapshot.summary().blocks());
            }
        }

        private static Cursor zero(Cursor any) {
            return new Cursor(any.token().substring(0, any.token().indexOf(':')) + ":0:00000000");
        }
    }

    private static PostgresStore connect() {
        return PostgresStore.keepingEvery(
                EVERY,
                OnePostgres.server().url(),
                PostgresOptions.DEFAULT.toBuilder()
                        .pollInterval(Duration.ofMillis(50))
                        .poolSize(6)
                        .build());
    }

    /** Puts, deletes, batches and merges; many keys, some of them often. */
    private static List<Event> events(long seed, int count) {
        Random random = new Random(seed);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Cid> parents = new ArrayList<>();
            if (i > 0) {
                parents.add(events.get(i - 1).cid());
            }
            int earlier = i - 2 - random.nextInt(5);
            earlier -= isInterior(earlier) ? 1 : 0;
            boolean mayFork = i > 10 && !isInterior(i - 1);
            if (mayFork && random.nextInt(100) == 0) {
                parents.set(0, events.get(earlier).cid());
            } else if (mayFork && random.nextInt(10) == 0) {
                parents.add(events.get(earlier).cid());
            }
            String key = Keys.ofId("key " + (random.nextBoolean() ? random.nextInt(50) : i));
            Cid tree = isInterior(i) ? null : PostgresEvents.TREE;
            Value.Mapping value = new Value.Mapping(Map.of("text", new Value.Text("value " + i)));
            events.add(
                    tree != null && random.nextInt(10) == 0
                            ? Events.delete(key, tree, parents)
                            : Events.put(key, Encoded.of(value), tree, parents));
        }
        return events;
    }

    /** Some begin a batch of two. */
    private static boolean isInterior(int event) {
        return event % 97 == 50;
    }

    private static void commitAll(PostgresReplica replica, List<Event> events) {
        for (int from = 0; from < events.size(); from += BATCH) {
            replica.commit(new Commit(
                    List.of(), events.subList(from, Math.min(events.size(), from + BATCH)), PostgresEvents.ALICE));
        }
    }

    @BeforeAll
    void writeTheHistory() {
        original = "history " + NAMES.incrementAndGet();
        List<Event> events = events(21, KEPT + MORE);
        try (PostgresStore store = connect()) {
            PostgresReplica replica = store.open(original);
            commitAll(replica, events.subList(0, KEPT));
            await().until(() -> replica.keptEvents() > 0 && checkpoints(original) == 1);
            commitAll(replica, events.subList(KEPT, events.size()));
            feed = Seen.at(replica, events.size()).feed();
        }
    }

    @AfterAll
    void forget() {
        feed = List.of();
    }

    private static long number(String sql) throws SQLException {
        try (Connection connection = OnePostgres.server().connect();
                var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static long checkpoints(String database) throws SQLException {
        return number("select count(*) from livesync_checkpoints where db = '" + database + "'");
    }

    /** Another database with the same rows. */
    private String copy() throws SQLException {
        String name = "history " + NAMES.incrementAndGet();
        for (String table : List.of("feed", "commits", "blocks", "events", "checkpoints", "checkpoint_pieces")) {
            OnePostgres.server()
                    .execute("create temporary table copied as select * from livesync_" + table + " where db = '"
                            + original + "'" + (table.equals("checkpoint_pieces") ? " and generation <> 'claim'" : "")
                            + "; update copied set db = '" + name + "'; insert into livesync_" + table
                            + " select * from copied");
        }
        return name;
    }

    private static void forgetCheckpoint(String name) throws SQLException {
        OnePostgres.server().execute("delete from livesync_checkpoints where db = '" + name + "'");
    }

    @Test
    void aHubBeginsWithWhatAnotherOneHasWorkedOut() throws Exception {
        String name = copy();
        Seen read;
        String without = copy();
        forgetCheckpoint(without);
        try (PostgresStore store = connect()) {
            read = Seen.at(store.open(without), KEPT + MORE);
        }
        assertThat(read.feed()).isEqualTo(feed);
        try (PostgresStore store = connect();
                PostgresStore other = connect()) {
            PostgresReplica hub = store.open(name);
            assertThat(hub.keptEvents()).isBetween(EVERY - EVERY / 4, KEPT);
            assertThat(Seen.at(hub, KEPT + MORE)).isEqualTo(read);
            // What goes on from it is decided as anywhere.
            PostgresReplica reader = other.open(without);
            List<Event> next = events(22, 200);
            commitAll(hub, next);
            commitAll(reader, next);
            assertThat(Seen.at(hub, KEPT + MORE + 200)).isEqualTo(Seen.at(reader, KEPT + MORE + 200));
        }
    }

    /** Another hub has said that it is about to write one. */
    private static void claim(String name, String when) throws SQLException {
        OnePostgres.server()
                .execute("insert into livesync_checkpoint_pieces (db, name, generation, piece, hash, bytes, written)"
                        + " values ('" + name + "', '" + HistoryCheckpoints.NAME + "', 'claim', 0, '', '', now() "
                        + when
                        + ") on conflict (db, name, generation, piece) do update set written = excluded.written");
    }

    @Test
    void whileOneHubIsAtItNoOtherWrites() throws Exception {
        String name = copy();
        forgetCheckpoint(name);
        claim(name, "+ interval '1 hour'");
        try (PostgresStore store = connect()) {
            PostgresReplica hub = store.open(name);
            commitAll(hub, List.of(put("one more")));
            assertThat(hub.keptEvents()).isZero();
        } // which ends what it was about to do
        assertThat(checkpoints(name)).isZero();

        claim(name, "- interval '9 seconds'");
        try (PostgresStore store = connect()) {
            store.open(name);
        }
        assertThat(checkpoints(name)).as("it may still be at it").isZero();

        claim(name, "- interval '11 seconds'");
        try (PostgresStore store = connect()) {
            store.open(name);
            await().until(() -> checkpoints(name) == 1);
        }
    }

    /** What may be wrong with a checkpoint. */
    enum Wrong {
        DAMAGED("update livesync_checkpoint_pieces set bytes = set_byte(bytes, 5000, get_byte(bytes, 5000) # 1)"),
        DAMAGED_WITH_A_HASH_THAT_FITS("update livesync_checkpoint_pieces set bytes = set_byte(bytes, 5000,"
                + " get_byte(bytes, 5000) # 1), hash = sha256(set_byte(bytes, 5000, get_byte(bytes, 5000) # 1))"),
        OF_ANOTHER_INCARNATION("update livesync_feed set incarnation = md5('another')"),
        OF_COMMITS_THAT_WERE_LOST("update livesync_commits set attempt = -attempt - 7"),
        OF_AN_EVENT_THAT_WAS_REPLACED(
                "update livesync_events set flags = flags # 2 where position = 1234 and db = (select db from livesync_feed");

        private final String sql;

        Wrong(String sql) {
            this.sql = sql;
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneThatIsWrongIsNotUsed(Wrong wrong) throws Exception {
        String name = copy();
        OnePostgres.server()
                .execute(wrong.sql + " where db = '" + name + "'" + (wrong.sql.contains("(select") ? ")" : ""));
        try (PostgresStore store = connect()) {
            PostgresReplica hub = store.open(name);
            assertThat(Seen.at(hub, KEPT + MORE).feed()).isEqualTo(feed);
            await().untilAsserted(() -> assertThat(hub.keptEvents())
                    .as("one that is right was written")
                    .isEqualTo(KEPT + MORE));
            await().until(() -> checkpoints(name) == 1);
            Event next = put("next");
            assertThat(hub.commit(commit(next)).accepted()).containsExactly(next.cid());
        }
    }

    /** A standby takes over that lacks the last commits, and nothing says so but that they aren't there. */
    @Test
    void oneThatGoesBeyondTheFeedIsNotUsed() throws Exception {
        String name = copy();
        long left = 5;
        String where = " where db = '" + name + "'";
        OnePostgres.server()
                .execute("delete from livesync_commits" + where + " and number > " + left + ";"
                        + " delete from livesync_events" + where + " and position > (select position from"
                        + " livesync_commits" + where + " and number = " + left + ");"
                        + " update livesync_feed f set number = c.number, attempt = c.attempt, position = c.position"
                        + " from livesync_commits c where f.db = '" + name + "' and c.db = f.db and c.number = "
                        + left);
        int events = (int) number("select position from livesync_feed" + where);
        assertThat(events).isLessThan(KEPT);
        try (PostgresStore store = connect()) {
            PostgresReplica hub = store.open(name);
            assertThat(hub.keptEvents()).isZero();
            assertThat(Seen.at(hub, events).feed()).isEqualTo(feed.subList(0, events));
            commitAll(hub, events(21, KEPT + MORE));
            assertThat(Seen.at(hub, KEPT + MORE).all())
                    .isEqualTo(feed.stream().sorted().toList());
        }
    }

    @Test
    void whatWasReadBeforeAConnectionBrokeIsNotReadAgain() throws Exception {
        String name = copy();
        forgetCheckpoint(name);
        AtomicInteger firstPages = new AtomicInteger();
        AtomicInteger pages = new AtomicInteger();
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(OnePostgres.server().url());
        DataSource breaking = proxy(
                DataSource.class,
                source,
                answer -> answer instanceof Connection c ? proxyOf(c, firstPages, pages) : answer);
        try (PostgresStore store = PostgresStore.of(breaking, PostgresOptions.DEFAULT)) {
            assertThat(Seen.at(store.open(name), KEPT + MORE).feed()).isEqualTo(feed);
        }
        assertThat(pages).as("pages that were asked for").hasValueGreaterThan(KEPT / PAGE);
        assertThat(firstPages).as("how often the first one was").hasValue(1);
    }

    /** The third page of events breaks the connection. */
    private static Connection proxyOf(Connection real, AtomicInteger firstPages, AtomicInteger pages) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (self, method, arguments) -> {
                    Object answer = call(real, method, arguments);
                    boolean feed = method.getName().equals("prepareStatement")
                            && ((String) arguments[0]).contains("livesync_events e");
                    return feed ? statement((java.sql.PreparedStatement) answer, real, firstPages, pages) : answer;
                });
    }

    private static java.sql.PreparedStatement statement(
            java.sql.PreparedStatement real, Connection connection, AtomicInteger firstPages, AtomicInteger pages) {
        long[] range = new long[2];
        return (java.sql.PreparedStatement) Proxy.newProxyInstance(
                Connection.class.getClassLoader(),
                new Class<?>[] {java.sql.PreparedStatement.class},
                (self, method, arguments) -> {
                    if (method.getName().equals("setLong") && (Integer) arguments[0] <= 3) {
                        range[(Integer) arguments[0] - 2] = (Long) arguments[1];
                    }
                    if (method.getName().equals("executeQuery") && range[1] - range[0] == PAGE) {
                        firstPages.addAndGet(range[0] == 0 ? 1 : 0);
                        if (pages.incrementAndGet() == 3) {
                            connection.abort(Runnable::run);
                        }
                    }
                    return call(real, method, arguments);
                });
    }

    private static Object call(Object real, java.lang.reflect.Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, T real, UnaryOperator<Object> answer) {
        return type.cast(Proxy.newProxyInstance(
                PostgresHistoryTest.class.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> answer.apply(call(real, method, arguments))));
    }
}
