package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import dev.livesync.core.handshake.SignalText;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.transport.memory.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole of it between embedded databases, with real threads: among ourselves, and as alphas speak. */
@Timeout(60)
class DatabasesTest {
    enum Dialect {
        OURS,
        /** Two of ours that take each other for alphas, because somebody took our part out of the signals. */
        ALPHA
    }

    private final MemoryNetwork network = new MemoryNetwork();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeInReverse() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        assertThat(network.faults().links()).as("open channels").isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"OURS,true", "OURS,false", "ALPHA,true", "ALPHA,false"})
    void emptyMeetsFull(Dialect dialect, boolean fullOffers) {
        Database full = database();
        Database empty = database();
        for (int i = 0; i < 500; i++) {
            full.put("doc" + i, "{\"n\":" + i + "}");
        }
        full.delete("doc7");
        Session session = fullOffers ? meet(dialect, full, empty) : meet(dialect, empty, full);
        join(session.backlog());
        equal(full, empty);
        assertThat(empty.all()).hasSize(499);
        assertThat(session.peer().isAlpha()).isEqualTo(dialect == Dialect.ALPHA);
    }

    @ParameterizedTest
    @EnumSource
    void divergedEditsOfTheSameDocumentAndDeletes(Dialect dialect) {
        Database a = database();
        Database b = database();
        a.put("shared", "{\"v\":0}");
        a.put("gone", "{\"v\":0}");
        Session first = meet(dialect, a, b);
        join(first.backlog());
        equal(a, b);
        first.close();
        finished(first);
        a.put("shared", "{\"v\":\"a\"}");
        a.delete("gone");
        a.put("only a", "{}");
        b.put("shared", "{\"v\":\"b\"}");
        b.put("only b", "{}");
        join(meet(dialect, b, a).backlog());
        equal(a, b);
        assertThat(ids(a)).containsExactlyInAnyOrder("shared", "only a", "only b");
        b.put("shared", "{\"v\":\"after\"}");
        equal(a, b);
        assertThat(a.get("shared").orElseThrow().json()).contains("after");
    }

    @ParameterizedTest
    @EnumSource
    void liveBothWays(Dialect dialect) {
        Database a = database();
        Database b = database();
        join(meet(dialect, a, b).backlog());
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 60; i++) {
            Database one = random.nextBoolean() ? a : b;
            one.put("doc" + random.nextInt(20), "{\"i\":" + i + "}");
            if (dialect == Dialect.ALPHA) {
                // What an alpha does with concurrent changes is its own affair; here they come one by one.
                equal(a, b);
            }
        }
        equal(a, b);
    }

    @ParameterizedTest
    @EnumSource
    void theOneInTheMiddleRelays(Dialect dialect) {
        Database a = database();
        Database b = database();
        Database c = database();
        a.put("a", "{}");
        c.put("c", "{}");
        join(meet(dialect, a, b).backlog());
        join(meet(Dialect.OURS, b, c).backlog());
        equal(a, b);
        equal(b, c);
        a.put("live", "{\"from\":\"a\"}");
        equal(a, c);
        c.delete("a");
        equal(a, c);
        assertThat(ids(a)).containsExactlyInAnyOrder("c", "live");
    }

    @Test
    void aBatchArrivesAsAWhole() {
        Database a = database();
        Database b = database();
        join(meet(Dialect.OURS, a, b).backlog());
        a.write(batch -> {
            for (int i = 0; i < 1_000; i++) {
                batch.put(Document.of("doc" + i, "{}"));
            }
        });
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            int size = b.all().size();
            assertThat(size).isIn(0, 1_000);
            return size == 1_000;
        });
        equal(a, b);
    }

    @Test
    void aDocumentOfTenMegabytes() {
        Database a = database();
        Database b = database();
        a.put("big", "{\"text\":\"" + "x".repeat(10_000_000) + "\"}");
        join(meet(Dialect.OURS, a, b).backlog());
        equal(a, b);
    }

    @Test
    void aDocumentOverTheLimitIsAnErrorOnBothSides() {
        Database a = database();
        Database b = database();
        a.put("big", "{\"text\":\"" + "x".repeat(200_000) + "\"}");
        CompletableFuture<Session> opened = new CompletableFuture<>();
        Sync left = track(Sync.builder(a)
                .transport(network.provider())
                .listener(new SyncListener() {
                    @Override
                    public void sessionOpened(Session session) {
                        opened.complete(session);
                    }
                })
                .build());
        Sync right = track(Sync.builder(b)
                .transport(network.provider())
                .limits(SyncLimits.builder().maxDocumentBytes(100_000).build())
                .build());
        Session session = join(right.dial(join(left.listen("memory:")).address()));
        for (Session end : List.of(session, join(opened))) {
            assertThat(failure(end.closed()).kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
            assertThat(failure(end.closed())).hasMessageContaining("100000");
        }
        assertThat(b.all()).isEmpty();
    }

    @Test
    void anInterruptedTransferGoesOn() {
        Database a = database();
        Database b = database();
        for (int i = 0; i < 300; i++) {
            a.put("doc" + i, "{\"text\":\"" + "x".repeat(20_000) + "\"}");
        }
        Sync left = sync(a);
        Sync right = sync(b);
        Endpoint endpoint = join(left.listen("memory:"));
        int before = 0;
        for (int cut = 6; cut < 12; cut += 2) {
            int messages = cut;
            network.faults()
                    .onLink(link -> link.cutAfter(dev.livesync.transport.memory.MemoryLink.Side.LISTENER, messages));
            Session session = join(right.dial(endpoint.address()));
            finished(session);
            assertThat(b.all().size()).isGreaterThanOrEqualTo(before);
            before = b.all().size();
        }
        assertThat(before).isPositive();
        network.faults().onLink(link -> {});
        join(join(right.dial(endpoint.address())).backlog());
        equal(a, b);
    }

    @Test
    void manySessionsOnOneDatabase() {
        Database hub = database();
        Sync center = sync(hub);
        Endpoint endpoint = join(center.listen("memory:"));
        List<Database> leaves = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Database leaf = database();
            leaf.put("leaf" + i, "{}");
            leaves.add(leaf);
            join(join(sync(leaf).dial(endpoint.address())).backlog());
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> hub.all().size() == 20);
        hub.put("all", "{}");
        leaves.forEach(leaf -> equal(hub, leaf));
    }

    @Test
    void closingTheDatabaseFirstIsForgiven() {
        Database a = database();
        Database b = Database.inMemory();
        Sync left = sync(a);
        Sync right = sync(b);
        Session session = join(right.dial(join(left.listen("memory:")).address()));
        join(session.backlog());
        b.close();
        a.put("x", "{}");
        assertThat(failure(session.closed()).kind()).isEqualTo(ErrorKind.CLOSED);
        right.close();
    }

    private Session meet(Dialect dialect, Database offering, Database accepting) {
        if (dialect == Dialect.OURS) {
            Sync a = sync(offering);
            Sync b = sync(accepting);
            return join(a.connect(join(b.accept(join(a.offer())))));
        }
        Sync a = track(Sync.builder(offering)
                .transport(network.signalling())
                .allowAlpha(true)
                .build());
        Sync b = track(Sync.builder(accepting)
                .transport(network.signalling())
                .allowAlpha(true)
                .build());
        String offer = stripped(Signal.Kind.OFFER, join(a.offer()));
        return join(a.connect(join(b.accept(offer))));
    }

    private static String stripped(Signal.Kind kind, String text) {
        return SignalText.write(SignalText.read(kind, text, 65_536).signal(), null)
                .text();
    }

    private Database database() {
        return track(Database.inMemory());
    }

    private Sync sync(Database database) {
        return track(Sync.builder(database).transport(network.provider()).build());
    }

    private <T extends AutoCloseable> T track(T closeable) {
        open.add(closeable);
        return closeable;
    }

    private static void equal(Database a, Database b) {
        await().atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(content(b)).isEqualTo(content(a)));
    }

    private static List<String> content(Database database) {
        return database.all().stream()
                .map(d -> d.id() + " " + d.json())
                .sorted()
                .collect(Collectors.toList());
    }

    private static List<String> ids(Database database) {
        return database.all().stream().map(Document::id).toList();
    }

    private static void finished(Session session) {
        await().atMost(Duration.ofSeconds(20)).until(() -> session.closed().isDone());
    }

    private static SyncException failure(CompletableFuture<?> stage) {
        try {
            join(stage);
        } catch (SyncException e) {
            return e;
        }
        throw new AssertionError("it did not fail");
    }

    private static <T> T join(CompletableFuture<T> stage) {
        try {
            return stage.orTimeout(30, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
