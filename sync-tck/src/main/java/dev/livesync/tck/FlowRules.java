package dev.livesync.tck;

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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/** T5: requesting and sending. */
abstract class FlowRules extends MessageRules {
    FlowRules() {}

    @Rule(value = "T5.1", check = "start() opens the gate; request() lets messages through, and only that")
    void nothingIsDeliveredBeforeARequest() throws Exception {
        Pair pair = connect();
        Probe atNear = probe(pair.near(), 1);
        Probe atFar = probe(pair.far(), 0);
        get(pair.near().send(Message.text("unrequested")));
        get(pair.far().send(Message.text("a round trip later")));
        atNear.await(1);
        never(
                "a message was delivered without a request",
                () -> !atFar.messages().isEmpty());
        atFar.request(1);
        atFar.await(1);
    }

    @Rule(
            value = "T5.2",
            check = "add requests up, without overflow; subtract one for each message",
            needs = {"T5.1", "T4.2"})
    void noMoreIsDeliveredThanRequested() throws Exception {
        Pair pair = connect();
        probe(pair.near(), 1);
        Probe atFar = probe(pair.far(), 2);
        List<Message> sent = texts("m", 10);
        sendAll(pair.near(), sent);
        assertMessages(sent.subList(0, 2), atFar.await(2));
        never(
                "more than the 2 requested messages were delivered",
                () -> atFar.messages().size() > 2);
        atFar.request(1);
        atFar.request(2);
        assertEquals(5, atFar.await(5).size(), "messages delivered after requests of 2, 1 and 2");
        atFar.request(Long.MAX_VALUE);
        atFar.request(Long.MAX_VALUE);
        assertMessages(sent, atFar.await(10));
    }

    @Rule(value = "T5.3", check = "request(n): IllegalArgumentException for n < 1, before anything changes")
    void aRequestOfLessThanOneIsRefused() throws Exception {
        Pair pair = connect();
        probe(pair.near(), 1);
        Probe atFar = probe(pair.far(), 0);
        assertThrows(IllegalArgumentException.class, () -> pair.far().request(0), "request(0)");
        assertThrows(IllegalArgumentException.class, () -> pair.far().request(-1), "request(-1)");
        assertThrows(IllegalArgumentException.class, () -> pair.far().request(Long.MIN_VALUE), "request(MIN_VALUE)");
        atFar.request(1);
        get(pair.near().send(Message.text("the channel goes on")));
        atFar.await(1);
    }

    @Rule(value = "T5.4", check = "start(): IllegalStateException the second time")
    void aChannelIsStartedOnce() throws Exception {
        Pair pair = connect();
        probe(pair.near(), 1);
        Probe atFar = probe(pair.far(), 1);
        Probe second = new Probe(pair.far(), patience().await(), message -> {});
        assertThrows(IllegalStateException.class, () -> pair.far().start(second), "start() a second time");
        get(pair.near().send(Message.text("for the first")));
        atFar.await(1);
        assertEquals(0, second.messages().size(), "messages at the listener that was refused");
    }

    @Rule(
            value = "T5.5",
            check = "keep what arrives before start(), and requests made before it",
            needs = {"T4.3", "T5.2"})
    void whatCameBeforeTheStartIsKept() throws Exception {
        Pair pair = connect();
        Probe atNear = probe(pair.near(), 1);
        List<Message> sent = texts("early ", 10);
        sendAll(pair.near(), sent);
        Probe atFar = idle(pair.far(), message -> {});
        atFar.request(4);
        // One more round trip, so that all of it has arrived.
        get(pair.far().send(Message.text("not started, but open")));
        atNear.await(1);
        pair.far().start(atFar);
        assertMessages(sent.subList(0, 4), atFar.await(4));
        atFar.request(6);
        assertMessages(sent, atFar.await(10));
    }

    @Rule(
            value = "T5.6",
            check = "send() while one is outstanding: IllegalStateException, and the channel goes on",
            needs = "T5.7")
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    void oneSendIsOutstandingAtATime() throws Exception {
        Pair pair = connect();
        Probe atFar = probe(pair.far(), 0);
        probe(pair.near(), 0);
        List<Message> sent = new ArrayList<>();
        CompletableFuture<Void> waiting = fill(pair.near(), sent);
        while (!isRefused(pair.near(), sent)) {
            waiting = fill(pair.near(), sent);
        }
        atFar.request(Long.MAX_VALUE);
        get(waiting);
        get(pair.near().send(Message.text("the last")));
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
            if (isOver(stage, patience().scaled(300))) {
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
    void aSenderWaitsForAReaderThatRequestsNothing() throws Exception {
        Pair pair = connect();
        Probe atFar = probe(pair.far(), 0);
        probe(pair.near(), 0);
        List<Message> sent = new ArrayList<>();
        CompletableFuture<Void> waiting = fill(pair.near(), sent);
        assertEquals(0, atFar.messages().size(), "messages delivered without a request");
        atFar.request(Long.MAX_VALUE);
        get(waiting);
        assertEquals(sent.size(), atFar.await(sent.size()).size(), "messages that arrived");
    }

    @Rule(value = "T5.8", check = "complete every send's stage, also while messages go the other way", needs = "T4.1")
    void aSendCompletesAsLongAsThePeerReads() throws Exception {
        Pair pair = connect();
        probe(pair.near(), Long.MAX_VALUE);
        Probe atFar = probe(pair.far(), Long.MAX_VALUE);
        Message large = Message.binary(new byte[pair.near().maxMessageBytes()]);
        for (int i = 0; i < 60; i++) {
            CompletionStage<Void> one = pair.near().send(large);
            CompletionStage<Void> other = pair.far().send(Message.text("x"));
            assertTrue(isOver(one, patience().await()), "send " + i + " stayed pending although the peer reads");
            get(one);
            get(other);
        }
        atFar.await(60);
    }

    @Rule(
            value = "T5.9",
            check =
                    "bound the inbound queue by TransportContext.inboundQueueBytes, in bytes of payload, not by messages",
            needs = "T5.1")
    @Where(without = TransportFeature.INBOUND_BACKPRESSURE)
    void whatThePeerMaySendUnreadIsHeld() throws Exception {
        int queue = 256 * 1024;
        Transport receiving = open(peerUnder(), limits().inboundQueueBytes(queue));
        Pair pair = connect(near(), receiving);
        Probe atFar = probe(pair.far(), 0);
        probe(pair.near(), 0);
        List<Message> sent = IntStream.range(0, 256)
                .mapToObj(i -> Message.binary(new byte[1024]))
                .toList();
        sendAll(pair.near(), sent);
        never("the channel ended although only inboundQueueBytes wait to be read", atFar::isClosed);
        atFar.request(Long.MAX_VALUE);
        assertEquals(sent.size(), atFar.await(sent.size()).size(), "messages that arrived");
    }

    @Rule(value = "T5.10", check = "close with OVERFLOW when more waits than the queue may hold", needs = "T5.9")
    @Where(without = TransportFeature.INBOUND_BACKPRESSURE)
    void anUnboundedQueueIsNoSubstitute() throws Exception {
        int queue = 128 * 1024;
        Transport receiving = open(peerUnder(), limits().inboundQueueBytes(queue));
        Pair pair = connect(near(), receiving);
        Probe atFar = probe(pair.far(), 0);
        probe(pair.near(), 0);
        Message message = Message.binary(new byte[Math.min(MAX, pair.near().maxMessageBytes())]);
        for (int i = 0; i < 1000 && !atFar.isClosed(); i++) {
            if (!isOver(pair.near().send(message), patience().await())) {
                break;
            }
        }
        CloseReason reason = atFar.awaitClose();
        assertEquals(CloseReason.Initiator.FAILURE, reason.initiator(), "who ended it: " + reason);
        assertEquals(ErrorKind.OVERFLOW, require(reason.failure(), "a failure").kind(), "why it ended");
        assertFalse(atFar.messages().size() > 0, "messages were delivered without a request");
    }

    @Rule(value = "T5.11", check = "null arguments: NullPointerException, and nothing changes")
    void nullsAreRefused() throws Exception {
        Pair pair = connect();
        probe(pair.near(), 1);
        Probe atFar = probe(pair.far(), 1);
        assertThrows(NullPointerException.class, () -> pair.near().send(nothing()), "send(null)");
        get(pair.near().send(Message.text("the channel goes on")));
        atFar.await(1);
    }

    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"}) // null is the point
    private static <T> T nothing() {
        return null;
    }
}
