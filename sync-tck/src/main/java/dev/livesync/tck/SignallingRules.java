package dev.livesync.tck;

import static dev.livesync.tck.Messages.assertMessages;
import static dev.livesync.tck.TransportFixture.signalling;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport.Answer;
import dev.livesync.api.transport.SignallingTransport.Offer;
import dev.livesync.api.transport.Transport;
import dev.livesync.tck.Where.Shape;
import dev.livesync.tck.internal.Probe;
import dev.livesync.tck.internal.TestContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** T3: offers and answers. */
interface SignallingRules {
    private TransportFixture kit() {
        return TransportFixture.of(this);
    }

    private Answer answerTo(Offer offer) throws Exception {
        return kit().get(signalling(kit().far()).accept(offer.signal()));
    }

    private void assertWorks(Pair pair) throws Exception {
        Probe atFar = kit().probe(pair.far(), 1);
        kit().probe(pair.near(), 1);
        kit().get(pair.near().send(Message.text("hello")));
        assertMessages(List.of(Message.text("hello")), atFar.await(1));
    }

    @Rule(
            value = "T3.1",
            check = "the stages of offer(), accept(), connect() and channel(), and the kinds of the signals")
    @Where(shape = Shape.SIGNALLING)
    default void anOfferAndItsAnswerMakeAChannel() throws Exception {
        Offer offer = kit().get(signalling(kit().near()).offer());
        assertEquals(Signal.Kind.OFFER, offer.signal().kind(), "the kind of an offer's signal");
        assertFalse(offer.signal().fields().isEmpty(), "an offer without fields");
        assertEquals(offer.signal(), offer.signal(), "the offer's signal, asked again");
        Answer answer = answerTo(offer);
        assertEquals(Signal.Kind.ANSWER, answer.signal().kind(), "the kind of an answer's signal");
        assertWorks(new Pair(kit().get(offer.connect(answer.signal())), kit().get(answer.channel())));
    }

    @Rule(value = "T3.2", check = "accept() of garbage: parse everything, fail the stage with MALFORMED, throw nothing")
    @Where(shape = Shape.SIGNALLING)
    default void garbageIsNoOffer() throws Exception {
        Offer offer = kit().get(signalling(kit().near()).offer());
        for (Signal garbage : List.of(
                new Signal(Signal.Kind.OFFER, Map.of()),
                new Signal(Signal.Kind.OFFER, Map.of("sdp", "")),
                new Signal(Signal.Kind.OFFER, Map.of("sdp", "v=0")),
                new Signal(Signal.Kind.OFFER, Map.of("sdp", "\u0000\uffff garbage ".repeat(50))),
                new Signal(Signal.Kind.ANSWER, offer.signal().fields()))) {
            kit().assertFails(ErrorKind.MALFORMED, signalling(kit().far()).accept(garbage), "accept(" + garbage + ")");
        }
        offer.close();
    }

    @Rule(value = "T3.3", check = "Offer.connect(): check the answer before anything is used up")
    @Where(shape = Shape.SIGNALLING)
    default void aWrongAnswerLeavesTheOfferAsItWas() throws Exception {
        Offer offer = kit().get(signalling(kit().near()).offer());
        Answer answer = answerTo(offer);
        for (Signal wrong : List.of(
                new Signal(Signal.Kind.ANSWER, Map.of()),
                new Signal(Signal.Kind.ANSWER, Map.of("sdp", "garbage")),
                new Signal(Signal.Kind.OFFER, offer.signal().fields()))) {
            kit().assertFails(ErrorKind.MALFORMED, offer.connect(wrong), "connect(" + wrong + ")");
        }
        assertWorks(new Pair(kit().get(offer.connect(answer.signal())), kit().get(answer.channel())));
    }

    @Rule(value = "T3.4", check = "Offer.connect() a second time, and after close()")
    @Where(shape = Shape.SIGNALLING)
    default void anOfferIsUsedOnce() throws Exception {
        Offer offer = kit().get(signalling(kit().near()).offer());
        Answer answer = answerTo(offer);
        Pair pair = new Pair(kit().get(offer.connect(answer.signal())), kit().get(answer.channel()));
        SyncException again = kit().failure(offer.connect(answer.signal()));
        assertTrue(
                Set.of(ErrorKind.CLOSED, ErrorKind.INVALID_ARGUMENT).contains(again.kind()),
                "connect() a second time fails with CLOSED or INVALID_ARGUMENT, not " + again.kind());
        assertWorks(pair);
        Offer closed = kit().get(signalling(kit().near()).offer());
        Answer toClosed = answerTo(closed);
        closed.close();
        kit().assertFails(ErrorKind.CLOSED, closed.connect(toClosed.signal()), "connect() after Offer.close()");
        toClosed.close();
    }

    @Rule(value = "T3.5", check = "Answer.close(): fail channel() with CANCELLED, and let go of what was prepared")
    @Where(shape = Shape.SIGNALLING)
    default void anAnswerThatIsGivenUpIsOver() throws Exception {
        Offer offer = kit().get(signalling(kit().near()).offer());
        Answer answer = answerTo(offer);
        assertFalse(
                kit().isOver(answer.channel(), kit().patience().silence()),
                "channel() completed before anybody connected");
        answer.close();
        answer.close();
        kit().assertFails(ErrorKind.CANCELLED, answer.channel(), "channel() after Answer.close()");
        offer.close();
        offer.close();
    }

    @Rule(value = "T3.5", check = "TransportContext.connectTimeout: start it when both signals are there, not before")
    @Where(shape = Shape.SIGNALLING)
    default void peopleTakeLongerThanAConnection() throws Exception {
        Duration time = kit().patience().scaled(200);
        TestContext.ContextLimits hasty = kit().limits().connectTimeout(time);
        Transport from = kit().open(kit().under(), hasty);
        Transport to = kit().open(kit().peerUnder(), hasty);
        Offer offer = kit().get(signalling(from).offer());
        Answer answer = kit().get(signalling(to).accept(offer.signal()));
        kit().get(kit().later(time.plus(time)));
        assertFalse(
                answer.channel().toCompletableFuture().isDone(),
                "channel() was over after " + time + ", the time for a connection, though nobody had connected");
        offer.close();
        answer.close();
    }

    @Rule(value = "T3.6", check = "Offer.close() and Answer.close(): do nothing to a channel that is open")
    @Where(shape = Shape.SIGNALLING)
    default void theHalvesDoNotMatterOnceThereIsAChannel() throws Exception {
        Offer offer = kit().get(signalling(kit().near()).offer());
        Answer answer = answerTo(offer);
        Pair pair = new Pair(kit().get(offer.connect(answer.signal())), kit().get(answer.channel()));
        offer.close();
        answer.close();
        assertWorks(pair);
    }

    @Rule(
            value = "T3.7",
            check = "Transport.close(): end every exchange that is under way; fail what comes after with CLOSED")
    @Where(shape = Shape.SIGNALLING)
    default void aClosedTransportEndsItsExchanges() throws Exception {
        Offer offer = kit().get(signalling(kit().near()).offer());
        Answer answer = answerTo(offer);
        kit().far().close();
        SyncException ended = kit().failure(answer.channel());
        assertTrue(
                Set.of(ErrorKind.CLOSED, ErrorKind.CANCELLED).contains(ended.kind()),
                "channel() of a closed transport fails with CLOSED or CANCELLED, not " + ended.kind());
        kit().assertFails(ErrorKind.CLOSED, signalling(kit().far()).offer(), "offer() after close()");
        kit().assertFails(ErrorKind.CLOSED, signalling(kit().far()).accept(offer.signal()), "accept() after close()");
        kit().near().close();
        kit().assertFails(ErrorKind.CLOSED, offer.connect(answer.signal()), "connect() after Transport.close()");
    }

    @Rule(
            value = "T3.8",
            check = "the timer for TransportContext.connectTimeout, from connect() on: over the handshake too",
            needs = "T3.5")
    @Where(shape = Shape.SIGNALLING)
    default void aConnectionThatIsNotAnsweredEnds() throws Exception {
        Transport hasty = kit().open(
                        kit().under(),
                        kit().limits().connectTimeout(kit().patience().scaled(400)));
        Offer offer = kit().get(signalling(hasty).offer());
        Answer answer = kit().get(signalling(kit().far()).accept(kit().wire().through(offer.signal())));
        Signal answered = kit().wire().through(answer.signal());
        kit().wire().stall();
        CompletionStage<Channel> attempt = offer.connect(answered);
        assertTrue(
                kit().isOver(attempt, kit().patience().await()),
                "connect() was still pending long after connectTimeout");
        if (attempt.toCompletableFuture().isCompletedExceptionally()) {
            ErrorKind kind = kit().failure(attempt).kind();
            assertTrue(
                    Set.of(ErrorKind.TIMEOUT, ErrorKind.UNREACHABLE).contains(kind),
                    "a connect() that nobody answered fails with TIMEOUT or UNREACHABLE, not " + kind);
        } else {
            kit().probe(kit().get(attempt), 0); // no handshake: what there is to connect has been connected
        }
        answer.close();
    }

    @Rule(
            value = "T3.9",
            check = "a stage that is cancelled: close what it would have had, or has had a moment ago, and its timers",
            needs = {"T3.5", "T7.3", "T10.7"})
    @Where(shape = Shape.SIGNALLING)
    default void aStageThatIsCancelledLeavesNothingOpen() throws Exception {
        Pair first = kit().connect(); // whatever a transport sets up once is set up now
        kit().probe(first.near(), 1);
        kit().probe(first.far(), 1);
        kit().get(first.near().close());
        int timers = kit().timers();
        var offering = signalling(kit().near()).offer().toCompletableFuture();
        if (!offering.cancel(true)) {
            kit().get(offering).close();
        }
        Offer offer = kit().get(signalling(kit().near()).offer());
        var accepting = signalling(kit().far()).accept(offer.signal()).toCompletableFuture();
        if (!accepting.cancel(true)) {
            kit().get(accepting).close();
        }
        offer.close();
        // At once, when it is under way, and perhaps when it is just done.
        for (int millis : List.of(0, 5, 40)) {
            cancelledConnect(millis);
        }
        kit().eventually(
                        "no more timers are set than before the stages that were cancelled",
                        () -> kit().timers() <= timers);
    }

    /** Cancels one side's connection; the other has none, or sees it end. */
    private void cancelledConnect(int millis) throws Exception {
        Offer offer = kit().get(signalling(kit().near()).offer());
        Answer answer = answerTo(offer);
        CompletionStage<Channel> there = answer.channel();
        var connecting = offer.connect(answer.signal()).toCompletableFuture();
        kit().get(kit().later(kit().patience().scaled(millis)));
        if (!connecting.cancel(true)) {
            kit().get(connecting).abort(new SyncException(ErrorKind.CANCELLED, "enough"));
        }
        if (kit().isOver(there, kit().patience().silence())) {
            Channel channel = kit().get(there.handle((opened, failure) -> opened));
            if (channel != null) {
                kit().probe(channel, 1).awaitClose();
            }
        }
        offer.close();
        answer.close();
        assertTrue(
                kit().isOver(there, kit().patience().await()),
                "channel() was pending after its connection was cancelled and Answer.close()");
        Channel late = kit().get(there.handle((opened, failure) -> opened));
        if (late != null) {
            late.abort(new SyncException(ErrorKind.CANCELLED, "enough"));
        }
    }
}
