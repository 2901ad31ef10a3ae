package dev.livesync.tck;

import static dev.livesync.tck.Messages.assertMessages;
import static dev.livesync.tck.Messages.assertSame;
import static dev.livesync.tck.Messages.texts;
import static dev.livesync.tck.TransportFixture.FLOOD;
import static dev.livesync.tck.TransportFixture.FLOOD_OF_EMPTY;
import static dev.livesync.tck.TransportFixture.MAX;
import static dev.livesync.tck.TransportFixture.require;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
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
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;

/** T5: requesting and sending. */
interface FlowRules {
    private TransportFixture kit() {
        return TransportFixture.of(this);
    }

    @Rule(value = "T5.1", check = "start() opens the gate; request() lets messages through, and only that")
    default void nothingIsDeliveredBeforeARequest() throws Exception {
        Pair pair = kit().connect();
        Probe atNear = kit().probe(pair.near(), 1);
        Probe atFar = kit().probe(pair.far(), 0);
        CompletionStage<Void> unrequested = pair.near().send(Message.text("unrequested"));
        kit().get(pair.far().send(Message.text("a round trip later")));
        atNear.await(1);
        kit().never(
                        "a message was delivered without a request",
                        () -> !atFar.messages().isEmpty());
        atFar.request(1);
        atFar.await(1);
        kit().get(unrequested);
    }

    @Rule(
            value = "T5.2",
            check = "add requests up, without overflow; subtract one for each message",
            needs = {"T5.1", "T4.2"})
    default void noMoreIsDeliveredThanRequested() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.near(), 1);
        Probe atFar = kit().probe(pair.far(), 2);
        List<Message> sent = texts("m", 10);
        CompletableFuture<Void> sending = kit().sendAside(pair.near(), sent);
        assertMessages(sent.subList(0, 2), atFar.await(2));
        kit().never(
                        "more than the 2 requested messages were delivered",
                        () -> atFar.messages().size() > 2);
        atFar.request(1);
        atFar.request(2);
        assertEquals(5, atFar.await(5).size(), "messages delivered after requests of 2, 1 and 2");
        atFar.request(Long.MAX_VALUE);
        atFar.request(Long.MAX_VALUE);
        assertMessages(sent, atFar.await(10));
        kit().get(sending);
    }

    @Rule(value = "T5.3", check = "request(n): IllegalArgumentException for n < 1, before anything changes")
    default void aRequestOfLessThanOneIsRefused() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.near(), 1);
        Probe atFar = kit().probe(pair.far(), 0);
        assertThrows(IllegalArgumentException.class, () -> pair.far().request(0), "request(0)");
        assertThrows(IllegalArgumentException.class, () -> pair.far().request(-1), "request(-1)");
        assertThrows(IllegalArgumentException.class, () -> pair.far().request(Long.MIN_VALUE), "request(MIN_VALUE)");
        atFar.request(1);
        kit().get(pair.near().send(Message.text("the channel goes on")));
        atFar.await(1);
    }

    @Rule(value = "T5.4", check = "start(): IllegalStateException the second time")
    default void aChannelIsStartedOnce() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.near(), 1);
        Probe atFar = kit().probe(pair.far(), 1);
        Probe second = new Probe(pair.far(), kit().patience().await(), message -> {});
        assertThrows(IllegalStateException.class, () -> pair.far().start(second), "start() a second time");
        kit().get(pair.near().send(Message.text("for the first")));
        atFar.await(1);
        assertEquals(0, second.messages().size(), "messages at the listener that was refused");
    }

    @Rule(
            value = "T5.5",
            check = "keep what arrives before start(), and requests made before it",
            needs = {"T4.3", "T5.2"})
    default void whatCameBeforeTheStartIsKept() throws Exception {
        Pair pair = kit().connect();
        Probe atNear = kit().probe(pair.near(), 1);
        List<Message> sent = texts("early ", 10);
        CompletableFuture<Void> sending = kit().sendAside(pair.near(), sent);
        boolean unused = kit().isOver(sending, kit().patience().silence()); // unless there is no room before the start
        Probe atFar = kit().idle(pair.far(), message -> {});
        atFar.request(4);
        // One more round trip, so that all of it has arrived.
        kit().get(pair.far().send(Message.text("not started, but open")));
        atNear.await(1);
        pair.far().start(atFar);
        assertMessages(sent.subList(0, 4), atFar.await(4));
        atFar.request(6);
        assertMessages(sent, atFar.await(10));
        kit().get(sending);
    }

    @Rule(
            value = "T5.6",
            check = "send() while one is outstanding: IllegalStateException, and the channel goes on",
            needs = "T5.7")
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    default void oneSendIsOutstandingAtATime() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 0);
        kit().probe(pair.near(), 0);
        List<Message> sent = new ArrayList<>();
        CompletableFuture<Void> waiting = kit().fill(pair.near(), sent);
        while (!isRefused(pair.near(), sent)) {
            waiting = kit().fill(pair.near(), sent);
        }
        atFar.request(Long.MAX_VALUE);
        kit().get(waiting);
        kit().get(pair.near().send(Message.text("the last")));
        sent.add(Message.text("the last"));
        assertMessages(sent, atFar.await(sent.size()));
    }

    /** Whether a send beside another is refused; false if the other was over by then. */
    private boolean isRefused(Channel channel, List<Message> sent) throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            Message message = Message.text("one too many");
            CompletionStage<Void> stage;
            try {
                stage = channel.send(message);
            } catch (IllegalStateException e) {
                return true;
            }
            sent.add(message);
            if (!kit().waits(stage)) {
                return false; // there was room after all
            }
        }
        throw new AssertionError("send() was called beside an outstanding one and took it");
    }

    @Rule(
            value = "T5.7",
            check =
                    "stop reading from the wire while nothing is requested and some bytes wait; a send completes only when"
                            + " there is room for the next",
            needs = "T5.1")
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    default void aSenderWaitsForAReaderThatRequestsNothing() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 0);
        kit().probe(pair.near(), 0);
        List<Message> sent = new ArrayList<>();
        CompletableFuture<Void> waiting = kit().fill(pair.near(), sent);
        assertEquals(0, atFar.messages().size(), "messages delivered without a request");
        atFar.request(Long.MAX_VALUE);
        kit().get(waiting);
        assertEquals(sent.size(), atFar.await(sent.size()).size(), "messages that arrived");
    }

    @Rule(value = "T5.8", check = "complete every send's stage, also while messages go the other way", needs = "T4.1")
    default void aSendCompletesAsLongAsThePeerReads() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.near(), Long.MAX_VALUE);
        Probe atFar = kit().probe(pair.far(), Long.MAX_VALUE);
        Message large = Message.binary(new byte[pair.near().maxMessageBytes()]);
        for (int i = 0; i < 60; i++) {
            CompletionStage<Void> one = pair.near().send(large);
            CompletionStage<Void> other = pair.far().send(Message.text("x"));
            assertTrue(
                    kit().isOver(one, kit().patience().await()),
                    "send " + i + " stayed pending although the peer reads");
            kit().get(one);
            kit().get(other);
        }
        atFar.await(60);
    }

    @Rule(
            value = "T5.9",
            check =
                    "bound the inbound queue by TransportContext.inboundQueueBytes, in bytes of payload, not by messages",
            needs = "T5.1")
    @Where(without = TransportFeature.INBOUND_BACKPRESSURE)
    default void whatThePeerMaySendUnreadIsHeld() throws Exception {
        int queue = 256 * 1024;
        Transport receiving = kit().open(kit().peerUnder(), kit().limits().inboundQueueBytes(queue));
        Pair pair = kit().connect(kit().near(), receiving);
        Probe atFar = kit().probe(pair.far(), 0);
        kit().probe(pair.near(), 0);
        List<Message> sent = IntStream.range(0, 256)
                .mapToObj(i -> Message.binary(new byte[1024]))
                .toList();
        kit().sendAll(pair.near(), sent);
        kit().never("the channel ended although only inboundQueueBytes wait to be read", atFar::isClosed);
        atFar.request(Long.MAX_VALUE);
        assertEquals(sent.size(), atFar.await(sent.size()).size(), "messages that arrived");
    }

    @Rule(value = "T5.10", check = "close with OVERFLOW when more waits than the queue may hold", needs = "T5.9")
    @Where(without = TransportFeature.INBOUND_BACKPRESSURE)
    default void anUnboundedQueueIsNoSubstitute() throws Exception {
        int queue = 128 * 1024;
        Transport receiving = kit().open(kit().peerUnder(), kit().limits().inboundQueueBytes(queue));
        Pair pair = kit().connect(kit().near(), receiving);
        Probe atFar = kit().probe(pair.far(), 0);
        kit().probe(pair.near(), 0);
        Message message = Message.binary(new byte[Math.min(MAX, pair.near().maxMessageBytes())]);
        for (long taken = 0; taken < FLOOD && !atFar.isClosed(); taken += message.size()) {
            if (!kit().isOver(pair.near().send(message), kit().patience().await())) {
                break;
            }
        }
        CloseReason reason = atFar.awaitClose();
        assertEquals(CloseReason.Initiator.FAILURE, reason.initiator(), "who ended it: " + reason);
        assertEquals(ErrorKind.OVERFLOW, require(reason.failure(), "a failure").kind(), "why it ended");
        assertFalse(atFar.messages().size() > 0, "messages were delivered without a request");
    }

    @Rule(value = "T5.11", check = "null arguments: NullPointerException, and nothing changes")
    default void nullsAreRefused() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.near(), 1);
        Probe atFar = kit().probe(pair.far(), 1);
        assertThrows(NullPointerException.class, () -> pair.near().send(nothing()), "send(null)");
        kit().get(pair.near().send(Message.text("the channel goes on")));
        atFar.await(1);
    }

    @Rule(
            value = "T5.12",
            check =
                    "send() on a full wire: done is what was written, header and all, also of a message without payload",
            needs = {"T4.3", "T4.5", "T5.7"})
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    default void whatIsSmallIsNotLostOnAFullWire() throws Exception {
        SplittableRandom random = new SplittableRandom(12);
        int room = Integer.MAX_VALUE;
        for (int round = 0; round < 4; round++) {
            Pair pair = kit().connect();
            Probe atFar = kit().probe(pair.far(), 0);
            kit().probe(pair.near(), 0);
            List<Message> sent = new ArrayList<>();
            CompletableFuture<Void> last = kit().fill(pair.near(), sent, room);
            if (last.isDone()) {
                kit().get(last);
                last = fillWithSmall(pair.near(), sent, random);
            } else {
                room = Math.max(1, sent.size() - 1); // the first round finds out how much there is room for
            }
            atFar.request(3);
            atFar.request(Long.MAX_VALUE);
            kit().get(last);
            sent.add(Message.text("the last"));
            kit().get(pair.near().send(Message.text("the last")));
            assertSame(sent, atFar.await(sent.size()), "round " + round);
        }
    }

    /** Uses up what room there is, until a send waits or there were many. */
    private CompletableFuture<Void> fillWithSmall(Channel channel, List<Message> sent, SplittableRandom random)
            throws InterruptedException {
        CompletableFuture<Void> stage = CompletableFuture.completedFuture(null);
        for (int i = 0; i < 50_000 && !kit().waits(stage); i++) {
            Message message = Message.text("x".repeat(Math.max(0, random.nextInt(8) - 5)));
            sent.add(message);
            stage = channel.send(message).toCompletableFuture();
        }
        return stage;
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // null is the point
    private static <T> T nothing() {
        return null;
    }

    @Rule(
            value = "T5.13",
            check = "request(): one count of 64 bits, changed by one thread at a time, wherever the call comes from",
            needs = {"T5.2", "T6.1"})
    default void requestsAreCountedExactly() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.near(), 1);
        CompletableFuture<Probe> self = new CompletableFuture<>();
        Probe atFar = kit().probe(pair.far(), 0, message -> {
            if (Messages.show(List.of(message)).get(0).startsWith("two more")) {
                self.join().request(1);
                self.join().request(1);
            }
        });
        self.complete(atFar);
        int threads = 4;
        int each = 50;
        requestAtOnce(atFar, threads, each);
        int count = threads * each;
        List<Message> sent = new ArrayList<>(texts("two more ", count));
        sent.addAll(texts("m", 2 * count));
        CompletableFuture<Void> sending = kit().sendAside(pair.near(), sent);
        assertMessages(sent, atFar.await(3 * count));
        kit().get(sending);
        // Nothing is left over, and nothing is lost where the count is larger than an int.
        sending = kit().sendAside(pair.near(), texts("rest ", 40));
        kit().never(
                        "a message came that no request allowed",
                        () -> atFar.messages().size() > 3 * count);
        atFar.request(1L << 32);
        sent.addAll(texts("rest ", 40));
        assertMessages(sent, atFar.await(sent.size()));
        kit().get(sending);
        atFar.request(Long.MAX_VALUE);
        atFar.request(1);
        atFar.request(Long.MAX_VALUE);
        kit().get(pair.near().send(Message.text("the last")));
        atFar.await(sent.size() + 1);
    }

    private void requestAtOnce(Probe probe, int threads, int each) throws Exception {
        CyclicBarrier together = new CyclicBarrier(threads);
        List<CompletableFuture<Void>> requesters = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            requesters.add(Leaks.call("requester", () -> {
                together.await();
                for (int n = 0; n < each; n++) {
                    probe.request(1);
                }
                return null;
            }));
        }
        for (CompletableFuture<Void> requester : requesters) {
            kit().get(requester);
        }
    }

    @Rule(
            value = "T5.14",
            check = "what bounds the inbound queue: count messages too, an empty one has no bytes",
            needs = {"T5.9", "T5.10"})
    @Where(without = TransportFeature.INBOUND_BACKPRESSURE)
    default void emptyMessagesFillTheQueueToo() throws Exception {
        int queue = 16 * 1024;
        Transport receiving =
                kit().open(kit().peerUnder(), kit().limits(8 * 1024).inboundQueueBytes(queue));
        Pair pair = kit().connect(kit().near(), receiving);
        Probe atFar = kit().probe(pair.far(), 0);
        kit().probe(pair.near(), 0);
        for (int i = 0; i < 2 * queue && !atFar.isClosed(); i++) {
            if (!kit().isOver(
                            pair.near().send(Message.text("")), kit().patience().await())) {
                break;
            }
        }
        CloseReason reason = atFar.awaitClose();
        assertEquals(
                ErrorKind.OVERFLOW,
                require(reason.failure(), "a failure").kind(),
                "why a channel ended that had to hold more than " + queue + " empty messages");
    }

    @Rule(
            value = "T5.15",
            check = "when reading pauses: by messages too, an empty one has no bytes",
            needs = {"T5.7", "T5.12"})
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    default void aFloodOfEmptyMessagesComesToWait() throws Exception {
        floodWithEmptyMessages(kit().patience().scaled(300));
    }

    @Rule(
            value = "T5.15",
            check = "when reading pauses: by messages too, an empty one has no bytes",
            needs = {"T5.7", "T5.12"})
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    @Tag("soak")
    default void aFloodOfEmptyMessagesComesToWaitHoweverLongItTakes() throws Exception {
        floodWithEmptyMessages(Duration.ofDays(1));
    }

    /** An operating system may take hundreds of thousands, which takes time: then that is all there is to see. */
    private void floodWithEmptyMessages(Duration time) throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 0);
        kit().probe(pair.near(), 0);
        Message empty = Message.text("");
        long deadline = System.nanoTime() + time.toNanos();
        int sent = 0;
        CompletionStage<Void> last;
        boolean room;
        do {
            last = pair.near().send(empty);
            sent++;
            room = last.toCompletableFuture().isDone() || !kit().waits(last);
        } while (room && sent < FLOOD_OF_EMPTY && System.nanoTime() < deadline);
        assertTrue(sent < FLOOD_OF_EMPTY, sent + " empty messages were taken with nobody reading");
        assertEquals(List.of(), atFar.messages(), "messages delivered without a request");
        atFar.request(sent);
        kit().get(last);
        for (int arrived = 0; arrived < sent; arrived = atFar.count()) {
            int before = arrived;
            kit().eventually(
                            "after " + before + " of " + sent + " empty messages one more",
                            () -> atFar.count() > before);
        }
    }
}
