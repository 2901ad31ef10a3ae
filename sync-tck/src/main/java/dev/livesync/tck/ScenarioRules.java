package dev.livesync.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Tag;

/** T11: what all of it is for, with {@code Sync} and real databases. */
interface ScenarioRules {
    private TransportFixture kit() {
        return TransportFixture.of(this);
    }

    private Scenario scenario() {
        return kit().scenario();
    }

    @Rule(
            value = "T11.1",
            check = "the rules above; this is the first time that the whole protocol runs",
            needs = "T4.1")
    @Tag(Scenario.TAG)
    default void anEmptyDatabaseGetsAllOfAFullOne() throws Exception {
        Database full = scenario().database();
        Database empty = scenario().database();
        full.write(batch -> {
            for (int i = 0; i < 300; i++) {
                batch.put(Document.of("doc" + i, "{\"n\":" + i + "}"));
            }
        });
        scenario().inStep(scenario().meet(empty, full));
        scenario().assertEqual(full, empty);
        assertEquals(300, empty.all().size(), "documents");
        Database third = scenario().database();
        scenario().inStep(scenario().meet(full, third));
        scenario().assertEqual(full, third);
    }

    @Rule(value = "T11.2", check = "the rules above", needs = "T11.1")
    @Tag(Scenario.TAG)
    default void twoDivergedDatabasesBecomeEqual() throws Exception {
        Database a = scenario().database();
        Database b = scenario().database();
        for (int i = 0; i < 20; i++) {
            a.put("a" + i, "{}");
            b.put("b" + i, "{}");
        }
        scenario().inStep(scenario().meet(a, b));
        scenario().assertEqual(a, b);
        assertEquals(40, a.all().size(), "documents");
    }

    @Rule(value = "T11.3", check = "the rules above", needs = "T11.1")
    @Tag(Scenario.TAG)
    default void concurrentEditsOfOneDocumentEndAlike() throws Exception {
        Database a = scenario().database();
        Database b = scenario().database();
        a.put("shared", "{\"v\":0}");
        Session first = scenario().meet(a, b);
        scenario().inStep(first);
        first.close();
        kit().eventually(
                        "the session has ended",
                        () -> first.closed().toCompletableFuture().isDone());
        a.put("shared", "{\"v\":\"a\"}");
        b.put("shared", "{\"v\":\"b\"}");
        scenario().inStep(scenario().meet(a, b));
        scenario().assertEqual(a, b);
        assertEquals(List.of("shared"), Scenario.ids(a), "documents");
        b.put("shared", "{\"v\":\"after\"}");
        scenario().assertEqual(a, b);
        assertTrue(Scenario.content(a).get(0).contains("after"), "the last edit won: " + Scenario.content(a));
    }

    @Rule(value = "T11.4", check = "the rules above", needs = "T11.1")
    @Tag(Scenario.TAG)
    default void aDeleteArrives() throws Exception {
        Database a = scenario().database();
        Database b = scenario().database();
        a.put("goes", "{}");
        a.put("stays", "{}");
        scenario().inStep(scenario().meet(a, b));
        scenario().assertEqual(a, b);
        b.delete("goes");
        scenario().assertEqual(a, b);
        assertEquals(List.of("stays"), Scenario.ids(a), "documents");
    }

    @Rule(value = "T11.5", check = "a message that waits for another to be sent: flush", needs = "T11.1")
    @Tag(Scenario.TAG)
    default void liveUpdatesArriveBothWays() throws Exception {
        Database a = scenario().database();
        Database b = scenario().database();
        a.put("before", "{}"); // equal databases would exchange nothing before
        scenario().inStep(scenario().meet(a, b));
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 40; i++) {
            (random.nextBoolean() ? a : b).put("doc" + random.nextInt(15), "{\"i\":" + i + "}");
        }
        scenario().assertEqual(a, b);
        a.put("alone", "{}");
        kit().eventually(
                        "a single change arrives without another behind it",
                        () -> Scenario.ids(b).contains("alone"));
    }

    @Rule(value = "T11.6", check = "several channels of one transport at once", needs = "T11.5")
    @Tag(Scenario.TAG)
    default void theOneInTheMiddleRelays() throws Exception {
        Database a = scenario().database();
        Database b = scenario().database();
        Database c = scenario().database();
        Sync middle = scenario().sync(b, kit().peerUnder());
        a.put("a", "{}");
        c.put("c", "{}");
        scenario().inStep(scenario().meet(scenario().sync(a, kit().under()), middle, null));
        scenario().inStep(scenario().meet(scenario().sync(c, kit().under()), middle, null));
        scenario().assertEqual(a, c);
        a.put("live", "{\"from\":\"a\"}");
        scenario().assertEqual(a, c);
        c.delete("a");
        scenario().assertEqual(a, c);
        assertEquals(List.of("c", "live"), Scenario.ids(b), "documents of the one in the middle");
    }

    @Rule(value = "T11.7", check = "flow control over many full messages", needs = "T11.1")
    @Tag(Scenario.TAG)
    default void largeDataArrives() throws Exception {
        Database a = scenario().database();
        Database b = scenario().database();
        a.put("big", "{\"text\":\"" + "x".repeat(3_000_000) + "\"}");
        String text = "y".repeat(4_000);
        a.write(batch -> {
            for (int i = 0; i < 500; i++) {
                batch.put(Document.of("doc" + i, "{\"text\":\"" + i + text + "\"}"));
            }
        });
        scenario().inStep(scenario().meet(b, a));
        scenario().assertEqual(a, b);
    }

    @Rule(
            value = "T11.8",
            check = "DISCONNECTED has to be reported at both sides, or the core goes on waiting",
            needs = {"T8.1", "T11.1"})
    @Tag(Scenario.TAG)
    default void anInterruptedTransferGoesOn() throws Exception {
        Database a = scenario().database();
        Database b = scenario().database();
        for (int i = 0; i < 100; i++) {
            a.put("doc" + i, "{\"text\":\"" + "x".repeat(8_000) + "\"}");
        }
        Faults wire = kit().wire();
        int broken = 0;
        for (long seed = 1; seed <= 3; seed++) {
            wire.cutSometime(seed);
            int had = b.all().size();
            Sync here = scenario().sync(b, scenario().detoured(kit().under(), wire));
            Sync there = scenario().sync(a, scenario().detoured(kit().peerUnder(), wire));
            try {
                Session session = scenario().meet(here, there, wire);
                kit().eventually(
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
        scenario()
                .inStep(scenario()
                        .meet(
                                scenario().sync(b, scenario().detoured(kit().under(), wire)),
                                scenario().sync(a, scenario().detoured(kit().peerUnder(), wire)),
                                wire));
        scenario().assertEqual(a, b);
    }

    @Rule(
            value = "T11.9",
            check = "nothing in the transport; the core refuses, and the channel has to close for it",
            needs = "T7.8")
    @Tag(Scenario.TAG)
    default void whoCannotProveTheSecretGetsNothing() throws Exception {
        Database a = scenario().database();
        Database b = scenario().database();
        a.put("confidential", "{}");
        Sync here = scenario().sync(a, kit().peerUnder());
        Sync there = scenario().sync(b, kit().under());
        CompletionStage<Session> attempt;
        if (kit().shape() == Where.Shape.DIALLING) {
            String address = kit().get(here.listen(kit().address())).address();
            attempt = there.dial(address.substring(0, address.indexOf('#')), "A".repeat(43));
        } else {
            String offer = new String(Base64.getDecoder().decode(kit().get(here.offer())), StandardCharsets.UTF_8);
            String forged = offer.replaceAll("(\"secret\"\\s*:\\s*\")[^\"]*\"", "$1" + "A".repeat(43) + "\"");
            assertTrue(!forged.equals(offer), "the offer has a secret to forge");
            attempt = here.connect(kit().get(
                            there.accept(Base64.getEncoder().encodeToString(forged.getBytes(StandardCharsets.UTF_8)))));
        }
        kit().assertFails(ErrorKind.AUTHENTICATION, attempt, "a session with the wrong secret");
        assertEquals(0, b.all().size(), "documents that reached the stranger");
        assertTrue(here.sessions().isEmpty(), "a session was opened to a stranger");
    }

    @Rule(
            value = "T11.10",
            check =
                    "Channel.binding() differs from connection to connection, or is that of a key; where there is none, it is empty",
            needs = {"T4.1", "T11.2"})
    @Where(shape = Where.Shape.DIALLING)
    @Tag(Scenario.TAG)
    default void aRelayLearnsNothing() throws Exception {
        Database a = scenario().database();
        Database b = scenario().database();
        a.put("a document at one end", "{\"text\":\"what it says\"}");
        b.put("a document at the other", "{\"text\":\"what that one says\"}");
        String address = kit().get(scenario().sync(b, kit().peerUnder()).listen(kit().address()))
                .address();
        int hash = address.indexOf('#');
        DialingTransport between = TransportFixture.dialing(kit().far());
        MessageRelay relay = new MessageRelay(between, address.substring(0, hash));
        Listening relayed = kit().get(between.listen(kit().address(), relay));
        scenario()
                .inStep(kit().get(scenario().sync(a, kit().under()).dial(relayed.address() + address.substring(hash))));
        scenario().assertEqual(a, b);
        if (relay.isThePeer() && kit().can(TransportFeature.CHANNEL_BINDING) && kit().asksForEncryption()) {
            return; // both have one certificate here
        }
        List<byte[]> secrets = new ArrayList<>();
        for (String text : List.of("a document at", "what it says", "what that one says")) {
            secrets.add(text.getBytes(StandardCharsets.UTF_8));
        }
        for (Cid head : a.clock()) {
            secrets.add(head.toString().getBytes(StandardCharsets.UTF_8));
            byte[] bytes = head.toByteArray();
            secrets.add(Arrays.copyOfRange(bytes, bytes.length - 32, bytes.length));
        }
        for (byte[] message : relay.passed()) {
            for (byte[] secret : secrets) {
                assertFalse(
                        contains(message, secret),
                        () -> "a relay without the secret has read '" + new String(secret, StandardCharsets.ISO_8859_1)
                                + "' in a message");
            }
        }
    }

    private static boolean contains(byte[] message, byte[] part) {
        return new String(message, StandardCharsets.ISO_8859_1).contains(new String(part, StandardCharsets.ISO_8859_1));
    }
}
