package dev.livesync.replica.postgres;

import static dev.livesync.replica.postgres.PostgresEvents.commit;
import static dev.livesync.replica.postgres.PostgresEvents.feed;
import static dev.livesync.replica.postgres.PostgresEvents.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Broadcast;
import dev.livesync.api.replica.BroadcastListener;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.Database;
import dev.livesync.presence.PresenceEntry;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.ds.PGSimpleDataSource;

/** What is shown at one hub is shown at the others, over a real server. */
@ExtendWith(OnePostgres.class)
class PostgresPresenceTest {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final String name = "presence " + NAMES.incrementAndGet();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final PostgresStore here = store();
    private final PostgresStore there = store();
    private final Sync one =
            add(Sync.builder(here.open(name)).transport("memory").build());
    private final Sync two =
            add(Sync.builder(there.open(name)).transport("memory").build());

    /** All that is said to hubs, as anybody may hear it. */
    private final List<String> said = Collections.synchronizedList(new ArrayList<>());

    private Connection ear;

    private static PostgresOptions options() {
        return PostgresOptions.DEFAULT.toBuilder()
                .pollInterval(Duration.ofMillis(50))
                .poolSize(4)
                .build();
    }

    private PostgresStore store() {
        return add(PostgresStore.connect(OnePostgres.server().url(), options()));
    }

    private <T extends AutoCloseable> T add(T opened) {
        open.add(0, opened);
        return opened;
    }

    @BeforeEach
    void listen() throws SQLException {
        ear = add(OnePostgres.server().connect());
        try (Statement listen = ear.createStatement()) {
            listen.execute("listen " + Announcer.MESSAGES);
        }
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private List<String> said() throws SQLException {
        try (Statement any = ear.createStatement()) {
            any.execute("select 1");
        }
        PGNotification[] some = ear.unwrap(PGConnection.class).getNotifications();
        for (PGNotification each : some == null ? new PGNotification[0] : some) {
            if (each.getParameter().endsWith(" " + name)) {
                said.add(each.getParameter());
            }
        }
        return List.copyOf(said);
    }

    private Sync client(Sync hub) {
        Sync client =
                add(Sync.builder(add(Database.inMemory())).transport("memory").build());
        dial(client, hub);
        return client;
    }

    private static Session dial(Sync from, Sync to) {
        Endpoint endpoint =
                to.listen("memory:presence-" + NAMES.incrementAndGet()).join();
        return from.dial(endpoint.address()).join();
    }

    private static Map<String, Object> others(Sync sync) {
        return sync.presence().entries().stream()
                .filter(entry -> !entry.own())
                .collect(Collectors.toMap(PresenceEntry::key, PresenceEntry::value));
    }

    private static void awaitOthers(Sync sync, Map<String, Object> shown) {
        await().untilAsserted(() -> assertThat(others(sync)).isEqualTo(shown));
    }

    @Test
    void clientsOfDifferentHubsSeeEachOther() throws Exception {
        Sync ada = client(one);
        Sync bob = client(two);
        assertThat(said()).as("where nothing is shown").isEmpty();
        ada.presence().set("cursor", Map.of("x", 1));
        awaitOthers(bob, Map.of("cursor", Map.of("x", 1L)));
        ada.presence().set("cursor", "here");
        bob.presence().set("typing", true);
        awaitOthers(bob, Map.of("cursor", "here"));
        awaitOthers(ada, Map.of("typing", true));
        ada.presence().remove("cursor");
        awaitOthers(bob, Map.of());

        // The largest there is, of all keys, is more than one message.
        for (int i = 0; i < 16; i++) {
            ada.presence().set("k" + i, "v".repeat(2_045));
        }
        await().untilAsserted(() -> assertThat(others(bob)).hasSize(16));
        ada.close();
        awaitOthers(bob, Map.of());

        Sync eve =
                add(Sync.builder(add(Database.inMemory())).transport("memory").build());
        Session cut = dial(eve, one);
        eve.presence().set("name", "Eve");
        awaitOthers(bob, Map.of("name", "Eve"));
        cut.abort();
        awaitOthers(bob, Map.of()); // after two seconds
    }

    /** Its sessions end, and what it has said last gets through before its store is closed. */
    @Test
    void aHubThatIsClosedSaysSoBeforeItGoes() {
        Sync bob = client(two);
        one.presence().set("hub", 1);
        awaitOthers(bob, Map.of("hub", 1L));
        one.close();
        here.close();
        await().atMost(Duration.ofSeconds(8))
                .untilAsserted(() -> assertThat(others(bob)).isEmpty());
    }

    @Test
    void aThousandValuesAreFewNotifications() throws Exception {
        Sync ada = client(one);
        Sync bob = client(two);
        ada.presence().set("cursor", 0);
        awaitOthers(bob, Map.of("cursor", 0L));
        int before = said().size();
        long begun = System.nanoTime();
        for (int i = 1; i <= 1_000; i++) {
            ada.presence().set("cursor", i);
        }
        awaitOthers(bob, Map.of("cursor", 1_000L));
        long seconds = 1 + (System.nanoTime() - begun) / 1_000_000_000L;
        // Twenty a second, what the other one says meanwhile, and a refresh or two.
        assertThat(said().size() - before).isBetween(1, (int) (2 * (20 * seconds + 2)));
        assertThat(said())
                .allSatisfy(payload -> assertThat(payload.getBytes(StandardCharsets.UTF_8).length)
                        .isLessThan(8_000));
    }

    private static int terminateListeners() throws SQLException {
        try (Connection connection = OnePostgres.server().connect();
                PreparedStatement terminate = connection.prepareStatement(
                        "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'livesync' and query like '%listen livesync%'");
                ResultSet row = terminate.executeQuery()) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void aListenerWhoseConnectionIsKilledListensAgainAndAsksForWhatItHasMissed() throws Exception {
        Sync ada = client(one);
        Sync bob = client(two);
        ada.presence().set("cursor", 0);
        awaitOthers(bob, Map.of("cursor", 0L));
        await().until(() -> terminateListeners() >= 2);
        ada.presence().set("cursor", 1);
        awaitOthers(bob, Map.of("cursor", 1L));
        awaitOthers(ada, Map.of());
        bob.presence().set("typing", true);
        awaitOthers(ada, Map.of("typing", true));
    }

    private static void say(String payload) throws SQLException {
        try (Connection connection = OnePostgres.server().connect();
                PreparedStatement notify =
                        connection.prepareStatement("select pg_notify('" + Announcer.MESSAGES + "', ?)")) {
            notify.setString(1, payload);
            notify.execute();
        }
    }

    /** Whoever may connect may say anything. */
    @Test
    void garbageDoesNothing() throws Exception {
        Sync ada = client(one);
        Sync bob = client(two);
        ada.presence().set("cursor", 0);
        awaitOthers(bob, Map.of("cursor", 0L));
        for (String payload : List.of(
                "",
                " ",
                name,
                " " + name,
                "!§$% " + name,
                "AAAA " + name,
                "AQIDBAUGBwgJ/w== " + name,
                "x".repeat(7_999))) {
            say(payload);
        }
        PostgresReplica other = here.open(name + " other");
        Cursor from = PostgresEvents.beginning(other);
        Event event = put("news");
        there.open(name + " other").commit(commit(event));
        await().untilAsserted(() -> assertThat(feed(other, from)).containsExactly(event.cid()));
        ada.presence().set("cursor", 1);
        awaitOthers(bob, Map.of("cursor", 1L));
    }

    /** Two databases, one of which is not open at the other hub; and two that have the same one open in a process. */
    @Test
    void messagesGoToThoseWhoHaveTheirDatabaseOpen() throws Exception {
        Broadcast from = here.open(name).broadcast().orElseThrow();
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        Subscription ended = there.open(name).broadcast().orElseThrow().subscribe(hearing(heard, "ended "));
        ended.close();
        there.open(name).broadcast().orElseThrow().subscribe(hearing(heard, "there "));
        from.subscribe(hearing(heard, "here "));
        PostgresReplica alone = here.open(name + " alone");
        Broadcast unheard = alone.broadcast().orElseThrow();
        for (int i = 0; i < 3; i++) {
            unheard.send(new byte[] {1}).toCompletableFuture().join();
            from.send(("m" + i).getBytes(StandardCharsets.US_ASCII))
                    .toCompletableFuture()
                    .join();
        }
        byte[] longest = new byte[from.maxMessageBytes()];
        from.send(longest).toCompletableFuture().join();
        await().untilAsserted(() -> assertThat(heard)
                .containsExactlyInAnyOrder(
                        "there m0",
                        "there m1",
                        "there m2",
                        "there " + longest.length,
                        "here m0",
                        "here m1",
                        "here m2",
                        "here " + longest.length));
        assertThat(failureOf(from.send(new byte[longest.length + 1]).toCompletableFuture()))
                .isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        alone.close();
        assertThat(failureOf(unheard.send(new byte[] {1}).toCompletableFuture()))
                .isEqualTo(ErrorKind.CLOSED);
        try (PostgresStore deaf = PostgresStore.polling(OnePostgres.server().url(), options())) {
            assertThat(deaf.open(name).broadcast()).isEmpty();
        }
    }

    private static BroadcastListener hearing(List<String> heard, String prefix) {
        return new BroadcastListener() {
            @Override
            public void received(byte[] message) {
                heard.add(prefix
                        + (message.length > 9
                                ? Integer.toString(message.length)
                                : new String(message, StandardCharsets.US_ASCII)));
                throw new IllegalStateException("a listener that is broken");
            }

            @Override
            public void missed() {}
        };
    }

    private static ErrorKind failureOf(CompletableFuture<Void> sent) {
        return ((SyncException) catchThrowable(sent::join).getCause()).kind();
    }

    /** A name of 200 characters that take four bytes each leaves less room, and enough. */
    @Test
    void theLongestMessageOfTheLongestNameIsTaken() {
        String longName = "\uD83D\uDE00".repeat(100);
        Broadcast broadcast = here.open(longName).broadcast().orElseThrow();
        assertThat(broadcast.maxMessageBytes()).isBetween(4_096, 6_000);
        broadcast
                .send(new byte[broadcast.maxMessageBytes()])
                .toCompletableFuture()
                .join();
    }

    /** A network that went silent under a connection is noticed by asking. */
    @Test
    void aConnectionThatDoesNotAnswerIsReplaced() throws Exception {
        AtomicLong time = new AtomicLong();
        AtomicInteger missed = new AtomicInteger();
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        String emptyQuery = "Q\0\0\0\5\0";
        try (TextProxy proxy = new TextProxy(OnePostgres.server().port(), emptyQuery)) {
            PGSimpleDataSource source = new PGSimpleDataSource();
            source.setUrl(proxy.url());
            StoreListener listener = new StoreListener(
                    new Connections(source, SqlDialect.POSTGRESQL),
                    Duration.ofMillis(20),
                    time::get,
                    new StoreListener.Hearing() {
                        @Override
                        public void look(Collection<String> databases) {}

                        @Override
                        public void received(String payload) {
                            heard.add(payload);
                        }

                        @Override
                        public void missed() {
                            missed.incrementAndGet();
                        }
                    });
            try {
                listener.start();
                await().until(() -> missed.get() == 1);
                time.addAndGet(Duration.ofSeconds(11).toNanos());
                await().until(() -> proxy.heard() == 1); // it asks, and is answered
                proxy.arm();
                time.addAndGet(Duration.ofSeconds(11).toNanos());
                await().until(() -> missed.get() == 2);
                say("x " + name);
                await().until(() -> heard.contains("x " + name));
            } finally {
                listener.close();
                listener.join();
            }
        }
    }
}
