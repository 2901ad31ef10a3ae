package dev.livesync.tck;

import static dev.livesync.tck.Messages.assertMessages;
import static dev.livesync.tck.Messages.texts;
import static dev.livesync.tck.TransportFixture.closing;
import static dev.livesync.tck.TransportFixture.require;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.CloseReason.Initiator;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.tck.internal.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** T7: how it ends. */
interface EndingRules {
    private TransportFixture kit() {
        return TransportFixture.of(this);
    }

    @Rule(value = "T7.1", check = "a flag: onClosed is called once, and nothing after it", needs = "T7.3")
    default void thereIsOneCloseAndItIsLast() throws Exception {
        for (int i = 0; i < 10; i++) {
            Pair pair = kit().connect();
            Probe atFar = kit().probe(pair.far(), 1000);
            Probe atNear = kit().probe(pair.near(), 1000);
            var unused = pair.near().send(Message.text("x"));
            var unusedClosing = pair.near().close();
            pair.near().abort(new SyncException(ErrorKind.CANCELLED, "and at once again"));
            var unusedOther = pair.far().close();
            atFar.awaitClose();
            atNear.awaitClose();
        }
        // The probes have noticed whatever came twice or late.
        kit().never("", () -> false);
    }

    @Rule(
            value = "T7.2",
            check = "close(): write out what was sent before you say goodbye; read out what came before it",
            needs = {"T4.3", "T7.3"})
    default void aCloseLosesNothingThatWasSentBefore() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 1);
        kit().probe(pair.near(), 1);
        List<Message> sent = kit().sendWhileThereIsRoom(pair.near(), texts("m", 40));
        var unused = pair.near().close();
        atFar.request(5);
        atFar.request(100);
        atFar.awaitClose();
        assertMessages(sent, atFar.messages());
    }

    @Rule(value = "T7.3", check = "the CloseReason: LOCAL for who closes, REMOTE for the other; a goodbye on the wire")
    default void bothSidesLearnWhoClosed() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 1);
        Probe atNear = kit().probe(pair.near(), 1);
        var unused = pair.near().close();
        assertEquals(CloseReason.REMOTE, atFar.awaitClose(), "the reason at the peer");
        assertEquals(CloseReason.LOCAL, atNear.awaitClose(), "the reason at the side that closed");
        kit().get(pair.far().close());
    }

    @Rule(
            value = "T7.4",
            check = "close() with a send outstanding: the message goes out first, then the goodbye",
            needs = {"T5.6", "T7.2", "T7.13"})
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    default void theOutstandingSendGoesOutBeforeAClose() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 0);
        kit().probe(pair.near(), 0);
        List<Message> sent = new ArrayList<>();
        CompletableFuture<Void> waiting = kit().fill(pair.near(), sent);
        CompletableFuture<Void> closed = pair.near().close().toCompletableFuture();
        assertFalse(closed.isDone(), "close() was complete before what was sent could go out");
        assertEquals(
                ErrorKind.CLOSED,
                kit().failure(pair.near().send(Message.text("late"))).kind(),
                "a send while the channel closes");
        atFar.request(Long.MAX_VALUE);
        kit().get(waiting);
        kit().get(closed);
        atFar.awaitClose();
        assertMessages(sent, atFar.messages());
    }

    @Rule(
            value = "T7.5",
            check = "read the wire for its end even while nothing is requested, as long as nothing waits",
            needs = "T7.3")
    default void aCloseIsSeenWithoutARequest() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 0);
        kit().probe(pair.near(), 0);
        kit().get(pair.near().close());
        assertEquals(Initiator.REMOTE, atFar.awaitClose().initiator(), "who ended it, at the peer");
    }

    @Rule(
            value = "T7.6",
            check = "close() again, from both sides, and after the end: the same completed stage",
            needs = "T7.3")
    default void closeIsIdempotentAndBothMayCall() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 1);
        Probe atNear = kit().probe(pair.near(), 1);
        var one = pair.near().close();
        var unusedOther = pair.far().close();
        var unusedAgain = pair.near().close();
        kit().get(one);
        kit().get(unusedOther);
        kit().get(unusedAgain);
        kit().get(pair.near().close());
        kit().get(pair.far().close());
        assertNull(atFar.awaitClose().failure(), "the failure, where both closed in order");
        assertNull(atNear.awaitClose().failure(), "the failure, where both closed in order");
    }

    @Rule(
            value = "T7.7",
            check = "the timer for TransportContext.closeTimeout: abort with TIMEOUT when it fires",
            needs = {"T5.7", "T7.8"})
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    default void aCloseThatNobodyReadsBecomesAnAbort() throws Exception {
        Transport hasty = kit().open(
                        kit().under(),
                        kit().limits().closeTimeout(kit().patience().scaled(200)));
        Pair pair = kit().connect(hasty, kit().far());
        kit().probe(pair.far(), 0);
        Probe atNear = kit().probe(pair.near(), 0);
        CompletableFuture<Void> waiting = kit().fill(pair.near(), new ArrayList<>());
        kit().get(pair.near().close());
        CloseReason reason = atNear.awaitClose();
        assertEquals(Initiator.LOCAL, reason.initiator(), "who ended it: " + reason);
        assertEquals(
                ErrorKind.TIMEOUT,
                require(reason.failure(), "a failure in " + reason).kind(),
                "why");
        kit().assertOver(waiting);
    }

    @Rule(value = "T7.8", check = "abort(): report the given reason here, tear the wire down so that the peer notices")
    default void anAbortEndsBothSidesAtOnce() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), Long.MAX_VALUE);
        Probe atNear = kit().probe(pair.near(), 0);
        SyncException reason = new SyncException(ErrorKind.CANCELLED, "enough");
        pair.near().abort(reason);
        CloseReason seen = atNear.awaitClose();
        assertEquals(Initiator.LOCAL, seen.initiator(), "who ended it: " + seen);
        assertSame(reason, seen.failure(), "the reason that was given to abort()");
        CloseReason there = atFar.awaitClose();
        assertTrue(
                there.initiator() != Initiator.LOCAL,
                "the peer of an abort is told LOCAL, as if it had closed itself: " + there);
        if (there.initiator() == Initiator.FAILURE) {
            assertEquals(
                    ErrorKind.DISCONNECTED,
                    require(there.failure(), "a failure").kind(),
                    "what the peer is told");
        }
        kit().get(pair.near().close());
    }

    @Rule(
            value = "T7.9",
            check = "an abort cuts close() short and fails the outstanding send",
            needs = {"T5.7", "T7.8"})
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    default void anAbortCutsACloseShort() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 0);
        Probe atNear = kit().probe(pair.near(), 0);
        CompletableFuture<Void> waiting = kit().fill(pair.near(), new ArrayList<>());
        CompletableFuture<Void> closing = pair.near().close().toCompletableFuture();
        SyncException reason = new SyncException(ErrorKind.CANCELLED, "enough");
        pair.near().abort(reason);
        assertEquals(CloseReason.aborted(reason), atNear.awaitClose(), "the reason at the side that aborted");
        kit().assertOver(waiting);
        kit().get(closing);
        atFar.request(Long.MAX_VALUE);
        atFar.awaitClose();
    }

    @Rule(value = "T7.10", check = "keep the reason until start(), and report it then", needs = "T7.3")
    default void aChannelThatEndsBeforeItsStartSaysSoThen() throws Exception {
        Pair pair = kit().connect();
        kit().get(pair.near().close());
        assertEquals(
                Initiator.LOCAL, kit().probe(pair.near(), 1).awaitClose().initiator(), "who ended it, reported late");
        assertEquals(
                Initiator.REMOTE, kit().probe(pair.far(), 1).awaitClose().initiator(), "who ended it, reported late");
        kit().get(pair.far().close());
    }

    @Rule(
            value = "T7.11",
            check = "Transport.close(): abort all channels with CLOSED, wait for their onClosed, within 5 s",
            needs = "T7.8")
    default void closingATransportEndsAllThatItHas() throws Exception {
        Pair pair = kit().connect();
        Pair unheard = kit().connect();
        Probe atNear = kit().probe(pair.near(), 0);
        Probe atFar = kit().probe(pair.far(), 1);
        kit().probe(unheard.far(), 1);
        assertEndsInTime(kit().near());
        assertEndsInTime(kit().near());
        assertTrue(atNear.isClosed(), "onClosed had not been called when Transport.close returned");
        CloseReason reason = atNear.awaitClose();
        assertEquals(
                ErrorKind.CLOSED,
                require(reason.failure(), "a failure in " + reason).kind(),
                "why");
        atFar.awaitClose();
        assertEquals(
                ErrorKind.CLOSED,
                require(kit().probe(unheard.near(), 1).awaitClose().failure(), "a failure")
                        .kind(),
                "why a channel ended that was not started yet");
    }

    private void assertEndsInTime(Transport transport) throws Exception {
        CompletableFuture<Void> closed = closing(transport);
        // Five seconds whatever the scale: it is the rule's own number. A slow machine gets more.
        Duration time =
                Duration.ofMillis(Math.max(5_000, kit().patience().scaled(5_000).toMillis()));
        assertTrue(kit().isOver(closed, time), "Transport.close did not return in " + time);
        kit().get(closed);
    }

    @Rule(
            value = "T7.12",
            check = "Transport.close() while a listener is busy: give up waiting before five seconds are over",
            needs = "T7.11")
    default void closingATransportWaitsForACallbackButNotForEver() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.far(), 0);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Probe atNear = kit().probe(pair.near(), 1, message -> {
            entered.countDown();
            try {
                leave.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        CompletionStage<Void> sent = pair.far().send(Message.text("x"));
        try {
            assertTrue(entered.await(kit().patience().await().toMillis(), TimeUnit.MILLISECONDS), "the message came");
            assertEndsInTime(kit().near());
        } finally {
            leave.countDown();
        }
        atNear.awaitClose();
        kit().assertOver(sent);
    }

    @Rule(
            value = "T7.12",
            check = "Transport.close() while a listener is busy: wait until its callback has returned",
            needs = "T7.11")
    default void closingATransportWaitsUntilACallbackIsOver() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.far(), 0);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Probe atNear = kit().probe(pair.near(), 1, message -> {
            entered.countDown();
            kit().await(leave);
        });
        CompletionStage<Void> sent = pair.far().send(Message.text("x"));
        CompletableFuture<Void> closed;
        try {
            assertTrue(entered.await(kit().patience().await().toMillis(), TimeUnit.MILLISECONDS), "the message came");
            closed = closing(kit().near());
            kit().never("Transport.close returned while a callback was running", closed::isDone);
        } finally {
            leave.countDown();
        }
        kit().get(closed);
        assertTrue(atNear.isClosed(), "onClosed had not been called when Transport.close returned");
        kit().assertOver(sent);
    }

    @Rule(
            value = "T7.13",
            check = "complete close()'s stage after onClosed has returned; never fail it",
            needs = "T7.3")
    default void closeCompletesAfterTheListenerWasTold() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.far(), 1);
        Probe atNear = kit().probe(pair.near(), 1);
        CompletableFuture<Boolean> told = new CompletableFuture<>();
        var unused = pair.near()
                .close()
                .whenComplete((done, failure) -> told.complete(failure == null && atNear.isClosed()));
        assertTrue(kit().get(told), "close() was complete before onClosed had been called, or failed");
    }

    @Rule(
            value = "T7.14",
            check = "after the end: fail sends with CLOSED or DISCONNECTED, ignore request() and abort()",
            needs = "T7.3")
    default void afterTheEndNothingHappens() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 1);
        Probe atNear = kit().probe(pair.near(), 1);
        kit().get(pair.near().close());
        atFar.awaitClose();
        atNear.awaitClose();
        for (Channel channel : List.of(pair.near(), pair.far())) {
            ErrorKind late = kit().failure(channel.send(Message.text("late"))).kind();
            assertTrue(
                    late == ErrorKind.CLOSED || late == ErrorKind.DISCONNECTED,
                    "a send after the end fails with CLOSED or DISCONNECTED, not " + late);
            channel.request(1);
            channel.abort(new SyncException(ErrorKind.CANCELLED, "much too late"));
        }
    }

    @Rule(
            value = "T7.15",
            check = "close() after the peer's goodbye: drop what nobody will read, and report the end at once",
            needs = {"T5.2", "T7.2", "T7.3", "T7.5"})
    default void aCloseAfterThePeersGoodbyeDropsWhatIsUnread() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 1);
        kit().probe(pair.near(), 1);
        kit().sendWhileThereIsRoom(pair.near(), texts("unread ", 5));
        CompletableFuture<Void> nearClosed = pair.near().close().toCompletableFuture();
        atFar.await(1);
        // There is nothing to wait for that would show that the goodbye has come: it may, within this time, or not.
        kit().never("the end was reported before what was sent", atFar::isClosed);
        CompletableFuture<Void> farClosed = pair.far().close().toCompletableFuture();
        kit().get(farClosed);
        CloseReason reason = atFar.awaitClose();
        assertNull(reason.failure(), "the failure, where both closed in order");
        assertEquals(1, atFar.messages().size(), "messages, where the listener closed instead of reading on");
        kit().get(nearClosed);
    }

    @Rule(
            value = "T7.16",
            check = "the peer's goodbye, or its loss: decide the send that waits for it to read",
            needs = {"T5.7", "T7.3"})
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    default void anOutstandingSendEndsWithThePeersClose() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 0);
        Probe atNear = kit().probe(pair.near(), 1);
        CompletableFuture<Void> waiting = kit().fill(pair.near(), new ArrayList<>());
        CompletableFuture<Void> closed = pair.far().close().toCompletableFuture();
        kit().assertOver(waiting);
        kit().get(closed);
        atFar.awaitClose();
        CloseReason reason = atNear.awaitClose();
        assertTrue(
                reason.initiator() == Initiator.REMOTE
                        || (reason.failure() != null && reason.failure().kind() == ErrorKind.DISCONNECTED),
                "whose send the peer did not read before it closed is told REMOTE or DISCONNECTED, not " + reason);
        kit().get(pair.near().close());
    }

    @Rule(
            value = "T7.17",
            check = "cancel the timer of a connection's opening when it is open, at both ends",
            needs = "T4.1")
    default void noTimerOfItsOpeningEndsAChannel() throws Exception {
        Duration time = kit().patience().scaled(300);
        for (int attempt = 0; ; attempt++) {
            Transport from = kit().open(kit().under(), kit().limits().connectTimeout(time));
            Transport to = kit().open(kit().peerUnder(), kit().limits().connectTimeout(time));
            Pair pair;
            try {
                pair = kit().connect(from, to);
            } catch (SyncException e) {
                if (e.kind() != ErrorKind.TIMEOUT || attempt == 5) {
                    throw e;
                }
                time = time.multipliedBy(2); // too short for this machine today
                continue;
            }
            Probe atFar = kit().probe(pair.far(), 10);
            Probe atNear = kit().probe(pair.near(), 10);
            // The timers that were set before this one have fired when it does, and a little time for what they do.
            kit().get(kit().later(time.plus(kit().patience().scaled(200))));
            kit().get(pair.near().send(Message.text("it lives")));
            kit().get(pair.far().send(Message.text("it lives")));
            assertMessages(List.of(Message.text("it lives")), atFar.await(1));
            assertMessages(List.of(Message.text("it lives")), atNear.await(1));
            return;
        }
    }

    @Rule(
            value = "T7.18",
            check = "close() and abort() in a callback: drop what has arrived, requested or not",
            needs = {"T5.5", "T7.3", "T7.8"})
    default void whoEndsAChannelInACallbackGetsNoMoreMessages() throws Exception {
        for (boolean orderly : new boolean[] {true, false}) {
            Pair pair = kit().connect();
            kit().probe(pair.near(), 1);
            Probe atFar = kit().idle(pair.far(), message -> {
                if (orderly) {
                    var unused = pair.far().close();
                } else {
                    pair.far().abort(new SyncException(ErrorKind.CANCELLED, "enough"));
                }
            });
            kit().sendWhileThereIsRoom(pair.near(), texts("m", 5));
            atFar.request(5);
            pair.far().start(atFar);
            atFar.awaitClose();
            assertEquals(
                    1,
                    atFar.messages().size(),
                    "messages, where the listener called " + (orderly ? "close()" : "abort()") + " in the first");
        }
    }

    @Rule(
            value = "T7.18",
            check = "close() while the last send goes out: deliver nothing meanwhile, and count no requests",
            needs = {"T5.1", "T6.4", "T7.4"})
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    default void whoClosesGetsNoMessagesWhileTheLastSendGoesOut() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 0);
        Probe atNear = kit().probe(pair.near(), 0);
        kit().sendWhileThereIsRoom(pair.far(), texts("unread ", 3));
        CompletableFuture<Void> waiting = kit().fill(pair.near(), new ArrayList<>());
        CompletableFuture<Void> closed = pair.near().close().toCompletableFuture();
        atNear.request(10);
        kit().never(
                        "a message was delivered to a listener that had closed",
                        () -> !atNear.messages().isEmpty());
        atFar.request(Long.MAX_VALUE);
        kit().get(waiting);
        kit().get(closed);
        assertEquals(List.of(), atNear.messages(), "messages of a listener that had closed");
    }
}
