package dev.livesync.tck;

import static dev.livesync.tck.Messages.assertMessages;
import static dev.livesync.tck.Messages.texts;
import static dev.livesync.tck.TransportFixture.require;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.tck.internal.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** T6: callbacks. What they break is noticed by the probe in every test; here it is provoked. */
interface CallbackRules {
    private TransportFixture kit() {
        return TransportFixture.of(this);
    }

    @Rule(
            value = "T6.1",
            check = "one callback of a channel at a time: a flag or a queue per channel, not a lock",
            needs = "T4.3")
    default void callbacksAreSerialWhoeverCalls() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.near(), 1000);
        int count = 1000;
        Probe atFar = kit().probe(pair.far(), 1, message -> {
            pair.far().request(1);
            if (message.payload().length % 16 == 3) {
                LockSupport.parkNanos(1_000); // a little time for another callback to come
            }
        });
        // The probe must know of what the reaction requests, too.
        atFar.request(count);
        AtomicBoolean done = new AtomicBoolean();
        List<Thread> requesters = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Thread thread = Leaks.own(
                    () -> {
                        while (!done.get()) {
                            atFar.request(1);
                            Thread.onSpinWait();
                        }
                    },
                    "requester");
            thread.start();
            requesters.add(thread);
        }
        try {
            kit().sendAll(pair.near(), texts("m", count));
            assertMessages(texts("m", count), atFar.await(count));
        } finally {
            done.set(true);
            for (Thread thread : requesters) {
                thread.join();
            }
        }
    }

    @Rule(
            value = "T6.2",
            check = "request(), send() and close() inside a callback: leave a task, start no callback",
            needs = "T6.1")
    default void callsFromInsideACallbackStartNoOther() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.near(), 100);
        List<String> events = new ArrayList<>();
        CountDownLatch bothSent = new CountDownLatch(1);
        Probe atFar = kit().probe(pair.far(), 2, message -> {
            events.add("in");
            kit().await(bothSent);
            pair.far().request(5);
            var unused = events.size() == 1
                    ? pair.far().send(Message.text("answer")) // may be outstanding for as long as it likes
                    : pair.far().close();
            events.add("out");
        });
        CompletionStage<Void> first = pair.near().send(Message.text("first"));
        boolean room = kit().isOver(first, kit().patience().silence()); // or the callback has to return first
        if (!room) {
            bothSent.countDown();
            kit().get(first);
        }
        // The answer to this may be the end, before the send is over.
        var unused = pair.near().send(Message.text("second"));
        bothSent.countDown();
        assertEquals(CloseReason.LOCAL, atFar.awaitClose(), "the reason of a close() inside a callback");
        assertEquals(List.of("in", "out", "in", "out"), events, "what happened inside callbacks");
    }

    @Rule(
            value = "T6.3",
            check = "catch what onMessage throws: end this channel with INTERNAL; the loop goes on",
            needs = "T4.1")
    default void aListenerThatThrowsLosesItsChannelAndNoOther() throws Exception {
        losesItsChannelAndNoOther(message -> {
            throw new IllegalStateException("on purpose");
        });
    }

    private void losesItsChannelAndNoOther(Consumer<Message> throwing) throws Exception {
        Pair good = kit().connect();
        Pair bad = kit().connect();
        Probe atGood = kit().probe(good.far(), 10);
        kit().probe(good.near(), 10);
        Probe atPeer = kit().probe(bad.near(), 10);
        Probe atBad = kit().probe(bad.far(), 10, throwing);
        CompletionStage<Void> boom = bad.near().send(Message.text("boom"));
        CloseReason reason = atBad.awaitClose();
        assertEquals(
                ErrorKind.INTERNAL,
                require(reason.failure(), "a failure in " + reason).kind(),
                "why the channel of the listener that threw has ended");
        atPeer.awaitClose();
        kit().assertOver(boom);
        kit().get(bad.far().close());
        kit().get(good.near().send(Message.text("still here")));
        assertMessages(List.of(Message.text("still here")), atGood.await(1));
    }

    @Rule(
            value = "T6.4",
            check = "send(), request(), close() and abort(): leave the work to the wire's thread",
            needs = "T5.1")
    default void noMethodBlocks() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.far(), 0);
        kit().probe(pair.near(), 0);
        CompletableFuture<Integer> calls = Leaks.call("caller", () -> callAll(pair));
        assertTrue(
                kit().isOver(calls, kit().patience().await()),
                "a call of send(), request() or close() did not return while the peer reads nothing");
        kit().get(calls);
        pair.near().abort(new SyncException(ErrorKind.CANCELLED, "enough"));
    }

    private int callAll(Pair pair) {
        Message message = Message.binary(new byte[Math.min(16_384, pair.near().maxMessageBytes())]);
        int calls = 0;
        while (calls < 600) {
            boolean room = pair.near().send(message).toCompletableFuture().isDone();
            pair.near().request(1);
            calls++;
            if (!room) {
                break; // it waits, as it may: without blocking
            }
        }
        var unused = pair.near().close();
        return calls;
    }

    @Rule(
            value = "T6.3",
            check = "catch Throwable around onMessage: an Error ends the channel with INTERNAL as well",
            needs = "T4.1")
    default void aListenerThatThrowsAnErrorLosesItsChannelToo() throws Exception {
        losesItsChannelAndNoOther(message -> {
            throw new NoClassDefFoundError("on purpose");
        });
    }

    @Rule(
            value = "T6.6",
            check = "catch what onClosed throws: complete close()'s stage, forget the channel, go on",
            needs = {"T7.3", "T7.6", "T7.13"})
    default void anOnClosedThatThrowsHarmsNobody() throws Exception {
        Pair good = kit().connect();
        Probe atGood = kit().probe(good.far(), 10);
        kit().probe(good.near(), 10);
        for (Throwable thrown : List.of(new IllegalStateException("on purpose"), new AssertionError("on purpose"))) {
            Pair bad = kit().connect();
            Probe atNear = throwing(bad.near(), thrown);
            Probe atFar = throwing(bad.far(), thrown);
            kit().get(bad.near().close());
            atNear.awaitClose();
            atFar.awaitClose();
            kit().get(bad.far().close());
            kit().get(bad.near().close());
        }
        kit().get(good.near().send(Message.text("still here")));
        assertMessages(List.of(Message.text("still here")), atGood.await(1));
    }

    private Probe throwing(Channel channel, Throwable thrown) {
        Probe probe = kit().idle(channel, message -> {});
        channel.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {
                probe.onMessage(message);
            }

            @Override
            public void onClosed(CloseReason reason) {
                probe.onClosed(reason);
                if (thrown instanceof Error error) {
                    throw error;
                }
                throw (RuntimeException) thrown;
            }
        });
        probe.request(1);
        return probe;
    }

    @Rule(
            value = "T6.7",
            check = "no method waits, so none has a reason to look at the interrupt flag, or to clear it",
            needs = {"T4.1", "T7.2", "T7.3"})
    default void anInterruptedThreadMayCallAndStaysInterrupted() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 10);
        Probe atNear = kit().probe(pair.near(), 0);
        Pair aborted = kit().connect();
        Probe atAborted = kit().probe(aborted.near(), 0);
        kit().probe(aborted.far(), 1);
        CompletableFuture<CompletionStage<Void>> closed = new CompletableFuture<>();
        CompletableFuture<List<String>> cleared = Leaks.call("interrupted", () -> {
            List<String> calls = new ArrayList<>();
            interrupted("request()", calls, () -> atNear.request(1));
            interrupted("send()", calls, () -> {
                var unused = pair.near().send(Message.text("interrupted"));
            });
            interrupted("close()", calls, () -> closed.complete(pair.near().close()));
            interrupted("abort()", calls, () -> aborted.near().abort(new SyncException(ErrorKind.CANCELLED, "enough")));
            return calls;
        });
        assertEquals(List.of(), kit().get(cleared), "the calls that cleared their thread's interrupt flag");
        assertMessages(List.of(Message.text("interrupted")), atFar.await(1));
        kit().get(kit().get(closed));
        assertEquals(CloseReason.LOCAL, atNear.awaitClose(), "the reason of an interrupted thread's close()");
        atAborted.awaitClose();
    }

    private static void interrupted(String name, List<String> cleared, Runnable call) {
        Thread.currentThread().interrupt();
        call.run();
        if (!Thread.interrupted()) {
            cleared.add(name);
        }
    }
}
