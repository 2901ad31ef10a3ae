package dev.livesync.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

/** T11: what all of it is for, with {@code Sync} and real databases. */
abstract class ScenarioRules extends ResourceRules {
    static final String TAG = "scenario";

    private final List<AutoCloseable> open = new ArrayList<>();

    ScenarioRules() {}

    @Override
    List<RuleViolation> finish() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        return super.finish();
    }

    private Database database() {
        Database database = Database.inMemory();
        open.add(database);
        return database;
    }

    private Sync sync(Database database, TransportProvider provider) {
        Sync sync = Sync.builder(database).transport(provider).build();
        open.add(sync);
        return sync;
    }

    /** Connects two databases; the session is the one of the first. */
    private Session meet(Database here, Database there) throws Exception {
        return meet(sync(here, under()), sync(there, peerUnder()), null);
    }

    private Session meet(Sync here, Sync there, @Nullable Faults wire) throws Exception {
        if (shape() == Where.Shape.SIGNALLING) {
            return get(here.connect(get(there.accept(get(here.offer())))));
        }
        Endpoint endpoint = get(there.listen(address()));
        String at = endpoint.address();
        return get(here.dial(wire == null ? at : wire.through(at)));
    }

    /** The core proves what was signalled: a detour of signals has to begin below it. */
    private TransportProvider detoured(TransportProvider provider, Faults wire) {
        return shape() == Where.Shape.SIGNALLING ? new DetouredProvider(provider, wire) : provider;
    }

    private static List<String> content(Database database) {
        return database.all().stream()
                .map(document -> document.id() + " " + document.json())
                .sorted()
                .collect(Collectors.toList());
    }

    private void assertEqual(Database a, Database b) {
        eventually("both databases are equal", () -> content(a).equals(content(b)));
    }

    private static List<String> ids(Database database) {
        return database.all().stream().map(Document::id).sorted().toList();
    }

    @Rule(
            value = "T11.1",
            check = "the rules above; this is the first time that the whole protocol runs",
            needs = "T4.1")
    @Tag(TAG)
    void anEmptyDatabaseGetsAllOfAFullOne() throws Exception {
        Database full = database();
        Database empty = database();
        full.write(batch -> {
            for (int i = 0; i < 300; i++) {
                batch.put(Document.of("doc" + i, "{\"n\":" + i + "}"));
            }
        });
        get(meet(empty, full).backlog());
        assertEqual(full, empty);
        assertEquals(300, empty.all().size(), "documents");
        Database third = database();
        get(meet(full, third).backlog());
        assertEqual(full, third);
    }

    @Rule(value = "T11.2", check = "the rules above", needs = "T11.1")
    @Tag(TAG)
    void twoDivergedDatabasesBecomeEqual() throws Exception {
        Database a = database();
        Database b = database();
        for (int i = 0; i < 20; i++) {
            a.put("a" + i, "{}");
            b.put("b" + i, "{}");
        }
        get(meet(a, b).backlog());
        assertEqual(a, b);
        assertEquals(40, a.all().size(), "documents");
    }

    @Rule(value = "T11.3", check = "the rules above", needs = "T11.1")
    @Tag(TAG)
    void concurrentEditsOfOneDocumentEndAlike() throws Exception {
        Database a = database();
        Database b = database();
        a.put("shared", "{\"v\":0}");
        Session first = meet(a, b);
        get(first.backlog());
        first.close();
        eventually(
                "the session has ended",
                () -> first.closed().toCompletableFuture().isDone());
        a.put("shared", "{\"v\":\"a\"}");
        b.put("shared", "{\"v\":\"b\"}");
        get(meet(a, b).backlog());
        assertEqual(a, b);
        assertEquals(List.of("shared"), ids(a), "documents");
        b.put("shared", "{\"v\":\"after\"}");
        assertEqual(a, b);
        assertTrue(content(a).get(0).contains("after"), "the last edit won: " + content(a));
    }

    @Rule(value = "T11.4", check = "the rules above", needs = "T11.1")
    @Tag(TAG)
    void aDeleteArrives() throws Exception {
        Database a = database();
        Database b = database();
        a.put("goes", "{}");
        a.put("stays", "{}");
        get(meet(a, b).backlog());
        assertEqual(a, b);
        b.delete("goes");
        assertEqual(a, b);
        assertEquals(List.of("stays"), ids(a), "documents");
    }

    @Rule(value = "T11.5", check = "a message that waits for another to be sent: flush", needs = "T11.1")
    @Tag(TAG)
    void liveUpdatesArriveBothWays() throws Exception {
        Database a = database();
        Database b = database();
        get(meet(a, b).backlog());
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 40; i++) {
            (random.nextBoolean() ? a : b).put("doc" + random.nextInt(15), "{\"i\":" + i + "}");
        }
        assertEqual(a, b);
        a.put("alone", "{}");
        eventually("a single change arrives without another behind it", () -> ids(b).contains("alone"));
    }

    @Rule(value = "T11.6", check = "several channels of one transport at once", needs = "T11.5")
    @Tag(TAG)
    void theOneInTheMiddleRelays() throws Exception {
        Database a = database();
        Database b = database();
        Database c = database();
        Sync middle = sync(b, peerUnder());
        a.put("a", "{}");
        c.put("c", "{}");
        get(meet(sync(a, under()), middle, null).backlog());
        get(meet(sync(c, under()), middle, null).backlog());
        assertEqual(a, c);
        a.put("live", "{\"from\":\"a\"}");
        assertEqual(a, c);
        c.delete("a");
        assertEqual(a, c);
        assertEquals(List.of("c", "live"), ids(b), "documents of the one in the middle");
    }

    @Rule(value = "T11.7", check = "flow control over many full messages", needs = "T11.1")
    @Tag(TAG)
    void largeDataArrives() throws Exception {
        Database a = database();
        Database b = database();
        a.put("big", "{\"text\":\"" + "x".repeat(3_000_000) + "\"}");
        String text = "y".repeat(4_000);
        a.write(batch -> {
            for (int i = 0; i < 500; i++) {
                batch.put(Document.of("doc" + i, "{\"text\":\"" + i + text + "\"}"));
            }
        });
        get(meet(b, a).backlog());
        assertEqual(a, b);
    }

    @Rule(
            value = "T11.8",
            check = "DISCONNECTED has to be reported at both sides, or the core goes on waiting",
            needs = {"T8.1", "T11.1"})
    @Tag(TAG)
    void anInterruptedTransferGoesOn() throws Exception {
        Database a = database();
        Database b = database();
        for (int i = 0; i < 100; i++) {
            a.put("doc" + i, "{\"text\":\"" + "x".repeat(8_000) + "\"}");
        }
        Faults wire = wire();
        int broken = 0;
        for (long seed = 1; seed <= 3; seed++) {
            wire.cutSometime(seed);
            int had = b.all().size();
            Sync here = sync(b, detoured(under(), wire));
            Sync there = sync(a, detoured(peerUnder(), wire));
            try {
                Session session = meet(here, there, wire);
                eventually(
                        "the transfer is broken, or has come through",
                        () -> session.closed().toCompletableFuture().isDone() || session.equal());
                broken += session.closed().toCompletableFuture().isCompletedExceptionally() ? 1 : 0;
            } catch (SyncException e) {
                broken++; // before there was a session
            }
            here.close();
            there.close();
            assertTrue(b.all().size() >= had, "documents were lost by a break");
            wire.resume();
        }
        assertTrue(broken > 0, "none of three transfers was broken: see Faults.cutSometime");
        get(meet(sync(b, detoured(under(), wire)), sync(a, detoured(peerUnder(), wire)), wire)
                .backlog());
        assertEqual(a, b);
    }

    @Rule(
            value = "T11.9",
            check = "nothing in the transport; the core refuses, and the channel has to close for it",
            needs = "T7.8")
    @Tag(TAG)
    void whoCannotProveTheSecretGetsNothing() throws Exception {
        Database a = database();
        Database b = database();
        a.put("confidential", "{}");
        Sync here = sync(a, peerUnder());
        Sync there = sync(b, under());
        CompletionStage<Session> attempt;
        if (shape() == Where.Shape.DIALLING) {
            String address = get(here.listen(address())).address();
            attempt = there.dial(address.substring(0, address.indexOf('#')), "A".repeat(43));
        } else {
            String offer = new String(Base64.getDecoder().decode(get(here.offer())), StandardCharsets.UTF_8);
            String forged = offer.replaceAll("(\"secret\"\\s*:\\s*\")[^\"]*\"", "$1" + "A".repeat(43) + "\"");
            assertTrue(!forged.equals(offer), "the offer has a secret to forge");
            attempt = here.connect(
                    get(there.accept(Base64.getEncoder().encodeToString(forged.getBytes(StandardCharsets.UTF_8)))));
        }
        assertFails(ErrorKind.AUTHENTICATION, attempt, "a session with the wrong secret");
        assertEquals(0, b.all().size(), "documents that reached the stranger");
        assertTrue(here.sessions().isEmpty(), "a session was opened to a stranger");
    }
}
