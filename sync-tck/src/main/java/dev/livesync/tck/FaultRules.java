package dev.livesync.tck;

import static dev.livesync.tck.Messages.assertBytes;
import static dev.livesync.tck.Messages.assertMessages;
import static dev.livesync.tck.Messages.assertSame;
import static dev.livesync.tck.Messages.mixed;
import static dev.livesync.tck.Messages.random;
import static dev.livesync.tck.Messages.texts;
import static dev.livesync.tck.TransportFixture.dialing;
import static dev.livesync.tck.TransportFixture.most;
import static dev.livesync.tck.TransportFixture.require;
import static dev.livesync.tck.TransportFixture.signalling;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.CloseReason.Initiator;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.tck.internal.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

/** T8: broken wires. */
interface FaultRules {
    private TransportFixture kit() {
        return TransportFixture.of(this);
    }

    @Rule(value = "T8.1", check = "an end of the wire without a goodbye: FAILURE with DISCONNECTED, on both sides")
    default void aBrokenWireIsReportedOnBothSides() throws Exception {
        Pair pair = kit().connectThrough(kit().wire());
        Probe atNear = kit().probe(pair.near(), Long.MAX_VALUE);
        Probe atFar = kit().probe(pair.far(), Long.MAX_VALUE);
        kit().get(pair.near().send(Message.text("open")));
        atFar.await(1);
        kit().wire().cut();
        for (Probe probe : List.of(atNear, atFar)) {
            CloseReason reason = probe.awaitClose();
            assertEquals(Initiator.FAILURE, reason.initiator(), "who ended it: " + reason);
            assertEquals(
                    ErrorKind.DISCONNECTED,
                    require(reason.failure(), "a failure").kind(),
                    "why it ended");
        }
    }

    @Rule(
            value = "T8.2",
            check = "a send that the wire didn't take, or that was waiting: fail its stage",
            needs = "T8.1")
    default void aSendOnABrokenWireFails() throws Exception {
        Pair pair = kit().connectThrough(kit().wire());
        Probe atNear = kit().probe(pair.near(), Long.MAX_VALUE);
        kit().probe(pair.far(), Long.MAX_VALUE);
        kit().wire().cut();
        boolean failed = false;
        long deadline = System.nanoTime() + kit().patience().await().toNanos();
        // Those before the break is noticed may be taken.
        while (!failed && System.nanoTime() < deadline) {
            boolean over = atNear.isClosed();
            CompletionStage<Void> send = pair.near().send(Message.text("into nothing"));
            assertTrue(kit().isOver(send, kit().patience().await()), "a send stayed pending on a broken wire");
            Throwable failure = kit().get(send.handle((done, e) -> e));
            failed = failure != null;
            if (!failed && over) {
                throw new AssertionError("a send succeeded after the channel had reported " + atNear.awaitClose());
            }
            if (failed) {
                ErrorKind kind = ((SyncException) failure).kind();
                assertTrue(
                        kind == ErrorKind.DISCONNECTED || kind == ErrorKind.CLOSED,
                        "a send on a broken wire fails with DISCONNECTED, not " + kind);
            }
            LockSupport.parkNanos(50_000);
        }
        assertTrue(failed, "no send failed on a broken wire");
        atNear.awaitClose();
    }

    @Rule(
            value = "T8.3",
            check = "the timer for closeTimeout runs also when the wire takes nothing and says nothing",
            needs = "T7.8")
    default void aCloseOnASilentWireEnds() throws Exception {
        Transport hasty = kit().open(
                        kit().under(),
                        kit().limits().closeTimeout(kit().patience().scaled(200)));
        Pair pair = kit().connect(hasty, kit().far(), kit().wire());
        kit().probe(pair.far(), 1);
        Probe atNear = kit().probe(pair.near(), 1);
        kit().wire().stall();
        CompletableFuture<Void> closed = pair.near().close().toCompletableFuture();
        assertTrue(kit().isOver(closed, kit().patience().await()), "close() was still pending long after closeTimeout");
        kit().get(closed);
        assertEquals(Initiator.LOCAL, atNear.awaitClose().initiator(), "who ended it");
        kit().wire().resume();
    }

    @Rule(
            value = "T8.4",
            check = "nothing is given up while the wire is only slow: no drop, no second copy",
            needs = "T4.3")
    default void aSlowWireLosesNothing() throws Exception {
        Pair pair = kit().connectThrough(kit().wire());
        kit().probe(pair.near(), 1);
        Probe atFar = kit().probe(pair.far(), Long.MAX_VALUE);
        List<Message> sent = texts("slow ", 20);
        kit().sendAll(pair.near(), sent.subList(0, 10));
        atFar.await(10);
        kit().wire().stall();
        List<CompletionStage<Void>> sends = new ArrayList<>();
        for (Message message : sent.subList(10, 20)) {
            CompletionStage<Void> send = pair.near().send(message);
            sends.add(send);
            if (!kit().isOver(send, kit().patience().silence())) {
                break;
            }
        }
        int sentSoFar = 10 + sends.size();
        kit().wire().resume();
        for (CompletionStage<Void> send : sends) {
            kit().get(send);
        }
        kit().sendAll(pair.near(), sent.subList(sentSoFar, 20));
        assertMessages(sent, atFar.await(20));
    }

    @Rule(
            value = "T8.4",
            check = "nothing is given up while the wire is only slow: no drop, no second copy",
            needs = "T4.3")
    @Tag("soak")
    default void aSlowWireLosesNothingFor200Seeds() throws Exception {
        Pair pair = kit().connectThrough(kit().wire());
        Probe atNear = kit().probe(pair.near(), Long.MAX_VALUE);
        Probe atFar = kit().probe(pair.far(), Long.MAX_VALUE);
        List<Message> toFar = new ArrayList<>();
        List<Message> toNear = new ArrayList<>();
        for (long seed = 1; seed <= TransportFixture.SOAK_SEEDS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            int at = random.nextInt(30);
            List<CompletionStage<Void>> sends = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                if (i == at) {
                    kit().wire().stall();
                }
                Message message = random(random, random.nextInt(Math.min(8_000, most(pair))));
                boolean there = random.nextBoolean();
                CompletionStage<Void> send = (there ? pair.near() : pair.far()).send(message);
                (there ? toFar : toNear).add(message);
                sends.add(send);
                // One that waits is the last: there is one at a time.
                if (i >= at && !kit().isOver(send, Duration.ofMillis(random.nextInt(10)))) {
                    break;
                }
                if (i < at) {
                    kit().get(send);
                }
            }
            kit().wire().resume();
            for (CompletionStage<Void> send : sends) {
                kit().get(send);
            }
            assertEquals(toFar.size(), atFar.await(toFar.size()).size(), "what arrived (seed " + seed + ")");
            assertEquals(toNear.size(), atNear.await(toNear.size()).size(), "what arrived (seed " + seed + ")");
        }
        assertMessages(toFar, atFar.messages());
        assertMessages(toNear, atNear.messages());
        System.out.println("TCK T8.4 (" + kit().subject() + "): " + TransportFixture.SOAK_SEEDS + " stalls, "
                + (toFar.size() + toNear.size()) + " messages arrived in order, none twice");
    }

    @Rule(
            value = "T8.5",
            check = "a message that didn't arrive whole is not delivered; nothing after a gap is",
            needs = {"T4.3", "T8.1"})
    default void whatArrivesBeforeABreakIsABeginning() throws Exception {
        cutEach(1, 3, false);
    }

    @Rule(
            value = "T8.5",
            check = "a message that didn't arrive whole is not delivered; nothing after a gap is",
            needs = {"T4.3", "T8.1"})
    @Tag("soak")
    default void whatArrivesBeforeABreakIsABeginningFor200Seeds() throws Exception {
        int messages = 0;
        for (int seed = 1; seed <= TransportFixture.SOAK_SEEDS; seed += TransportFixture.CUT_AT_ONCE) {
            messages += cutEach(seed, seed + TransportFixture.CUT_AT_ONCE - 1, true);
        }
        System.out.println("TCK T8.5 (" + kit().subject() + "): " + TransportFixture.SOAK_SEEDS + " seeds, " + messages
                + " messages arrived before the breaks, each a beginning of what was sent");
    }

    /** Cuts a wire for each seed, all at once: some wires take long to notice. Returns how many messages arrived. */
    private int cutEach(long first, long last, boolean strictly) throws Exception {
        List<FutureTask<Integer>> cuts = new ArrayList<>();
        for (long seed = first; seed <= last; seed++) {
            Pair pair = connectedUntilCut(seed);
            if (pair != null) {
                Probe atNear = kit().probe(pair.near(), Long.MAX_VALUE);
                Probe atFar = kit().probe(pair.far(), Long.MAX_VALUE);
                long of = seed;
                FutureTask<Integer> cut = new FutureTask<>(() -> sendUntilCut(of, atNear, atFar, strictly));
                cuts.add(cut);
                Leaks.own(cut, "cut").start();
            }
        }
        int arrived = 0;
        for (FutureTask<Integer> cut : cuts) {
            try {
                arrived += cut.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error violated) {
                    throw violated;
                }
                throw e;
            }
        }
        return arrived;
    }

    /** A connection of its own that a seed will cut; null if that happened before it was open. */
    private @Nullable Pair connectedUntilCut(long seed) throws Exception {
        Faults wire = kit().anotherWire();
        wire.cutSometime(seed);
        try {
            return kit().connectApart(wire);
        } catch (SyncException e) {
            return null; // it was cut in the handshake
        } catch (AssertionError e) {
            if (kit().shape() == Where.Shape.DIALLING) {
                return null; // dialled, and cut before it was accepted
            }
            throw e;
        }
    }

    private int sendUntilCut(long seed, Probe atNear, Probe atFar, boolean strictly) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<Message> sent = new ArrayList<>();
        for (int i = 0; i < 2_000 && !atNear.isClosed(); i++) {
            Message message = random(
                    random, random.nextInt(Math.min(8_000, atNear.channel().maxMessageBytes())));
            sent.add(message);
            CompletionStage<Void> send = atNear.channel().send(message);
            assertTrue(kit().isOver(send, kit().patience().await()), "a send stayed pending (seed " + seed + ")");
            if (send.toCompletableFuture().isCompletedExceptionally()) {
                break;
            }
        }
        for (Probe probe : List.of(atNear, atFar)) {
            CloseReason reason = probe.awaitClose();
            if (strictly) {
                assertEquals(Initiator.FAILURE, reason.initiator(), "who ended it (seed " + seed + "): " + reason);
                assertEquals(
                        ErrorKind.DISCONNECTED,
                        require(reason.failure(), "a failure").kind(),
                        "why it ended (seed " + seed + ")");
            }
        }
        List<Message> arrived = atFar.messages();
        assertTrue(arrived.size() <= sent.size(), "more arrived than was sent (seed " + seed + ")");
        for (int i = 0; i < arrived.size(); i++) {
            assertBytes(sent.get(i), arrived.get(i), "message " + i + " (seed " + seed + ")");
        }
        return arrived.size();
    }

    @Rule(
            value = "T8.7",
            check = "reading the wire: a read ends anywhere, in a header or a character too, or holds several messages",
            needs = {"T4.3", "T4.5"})
    default void whateverThePiecesTheMessagesAreWhole() throws Exception {
        for (long seed = 1; seed <= 3; seed++) {
            Faults wire = kit().anotherWire();
            wire.fragment(seed);
            Pair pair = kit().connectThrough(wire);
            Probe atNear = kit().probe(pair.near(), 2);
            Probe atFar = kit().probe(pair.far(), 2);
            List<Message> sent = mixed(new SplittableRandom(seed), 60, most(pair));
            for (Message message : sent) {
                CompletionStage<Void> there = pair.near().send(message);
                CompletionStage<Void> back = pair.far().send(message);
                atNear.request(1);
                atFar.request(1);
                kit().get(there);
                kit().get(back);
            }
            assertSame(sent, atFar.await(sent.size()), "seed " + seed);
            assertSame(sent, atNear.await(sent.size()), "seed " + seed);
        }
    }

    @Rule(
            value = "T8.7",
            check = "reading the wire: a read that ends inside a header or a character, at whatever byte",
            needs = {"T4.3", "T4.5"})
    default void whereverTheWireIsSplitAMessageIsWhole() throws Exception {
        Faults wire = kit().anotherWire();
        Pair pair = kit().connectThrough(wire);
        Probe atNear = kit().probe(pair.near(), Long.MAX_VALUE);
        Probe atFar = kit().probe(pair.far(), Long.MAX_VALUE);
        // Characters of one to four bytes.
        Message message = Message.text("a\u00e9\u20ac\ud83d\ude00\u00df\u4e16\ud83c\udf0d");
        List<Message> sent = new ArrayList<>();
        for (int first = 1; first <= TransportFixture.HEADER + message.size(); first++) {
            wire.splitAfter(first);
            for (Message each : List.of(message, Message.text(""))) {
                CompletionStage<Void> there = pair.near().send(each);
                CompletionStage<Void> back = pair.far().send(each);
                kit().get(there);
                kit().get(back);
                sent.add(each);
            }
            String where = "split after " + first + " bytes";
            assertSame(sent, atFar.await(sent.size()), where);
            assertSame(sent, atNear.await(sent.size()), where);
        }
    }

    @Rule(
            value = "T8.8",
            check =
                    "reading on after a pause: from where it stopped, inside a header too, with all that was read before",
            needs = {"T5.12", "T8.7"})
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    default void aSlowReaderOnAFullWireInOddPiecesMissesNothing() throws Exception {
        Faults wire = kit().anotherWire();
        Pair pair = kit().connectThrough(wire);
        Probe atFar = kit().probe(pair.far(), 0);
        kit().probe(pair.near(), 0);
        List<Message> small = mixed(new SplittableRandom(8), 50, Math.min(2_000, most(pair)));
        List<Message> sent = new ArrayList<>(small);
        wire.fragment(8);
        CompletableFuture<Void> last = kit().sendAside(pair.near(), small);
        boolean room = kit().isOver(last, kit().patience().scaled(500));
        wire.resume();
        if (room) {
            last = kit().fill(pair.near(), sent);
        }
        for (int i = 1; i <= sent.size(); i++) {
            atFar.request(1);
            atFar.await(i);
        }
        kit().get(last);
        wire.fragment(88);
        List<Message> tiny = mixed(new SplittableRandom(88), 250, 12); // a piece ends inside a header as a rule
        CompletableFuture<Void> more = kit().sendAside(pair.near(), tiny);
        for (Message each : tiny) {
            sent.add(each);
            atFar.request(1);
            atFar.await(sent.size());
        }
        kit().get(more);
        assertSame(sent, atFar.messages(), "one at a time");
    }

    @Rule(
            value = "T8.6",
            check = "every stage's failure is a SyncException, unwrapped, with one line for a person",
            needs = {"T4.7", "T7.14"})
    default void failuresAreSyncExceptions() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.far(), 1);
        Probe atNear = kit().probe(pair.near(), 1);
        kit().failure(pair.near().send(Message.binary(new byte[pair.near().maxMessageBytes() + 1])));
        kit().get(pair.near().close());
        atNear.awaitClose();
        kit().failure(pair.near().send(Message.text("late")));
        kit().near().close();
        if (kit().shape() == Where.Shape.DIALLING) {
            kit().failure(dialing(kit().near()).dial(kit().address()));
        } else {
            kit().failure(signalling(kit().near()).offer());
        }
    }
}
