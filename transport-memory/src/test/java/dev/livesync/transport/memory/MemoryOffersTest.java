package dev.livesync.transport.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.SignallingTransport.Answer;
import dev.livesync.api.transport.SignallingTransport.Offer;
import dev.livesync.api.transport.TransportProvider;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class MemoryOffersTest {
    private final MemoryNetwork network = new MemoryNetwork();
    private final ManualContext context = new ManualContext(1);
    private final TransportProvider provider = network.signalling();
    private final SignallingTransport proposer = (SignallingTransport) provider.open(context);
    private final SignallingTransport acceptor = (SignallingTransport) provider.open(context);

    private <T> T get(CompletionStage<T> stage) {
        context.settle();
        return stage.toCompletableFuture().join();
    }

    private ErrorKind failure(CompletionStage<?> stage) {
        context.settle();
        CompletableFuture<?> future = stage.toCompletableFuture();
        assertThat(future).isCompletedExceptionally();
        return ((SyncException) future.handle((value, e) -> e).join()).kind();
    }

    private static Signal signal(Signal.Kind kind, String sdp) {
        return new Signal(kind, Map.of("sdp", sdp));
    }

    @Test
    void anOfferAndItsAnswerMakeAChannel() {
        Offer offer = get(proposer.offer());
        assertThat(offer.signal().fields()).containsOnlyKeys("sdp");
        assertThat(offer.signal().kind()).isEqualTo(Signal.Kind.OFFER);
        assertThat(provider.recognizes(offer.signal())).isTrue();

        Answer answer = get(acceptor.accept(offer.signal()));
        assertThat(answer.signal().fields()).containsOnlyKeys("sdp");
        assertThat(answer.channel().toCompletableFuture()).isNotDone();

        Channel a = get(offer.connect(answer.signal()));
        Channel b = get(answer.channel());
        Recorder atA = Recorder.on(a, 10);
        Recorder atB = Recorder.on(b, 10);
        get(a.send(Message.text("to b")));
        get(b.send(Message.text("to a")));
        context.settle();
        assertThat(atA.messages).containsExactly("to a");
        assertThat(atB.messages).containsExactly("to b");

        // Neither half matters once there is a channel.
        offer.close();
        answer.close();
        get(b.close());
        context.settle();
        assertThat(atA.closes).containsExactly(CloseReason.REMOTE);
        assertThat(network.faults().links()).isEmpty();
    }

    @Test
    void aBadAnswerLeavesTheOfferAsItWas() {
        Offer offer = get(proposer.offer());
        Offer other = get(proposer.offer());
        Answer toOther = get(acceptor.accept(other.signal()));
        Answer right = get(acceptor.accept(offer.signal()));

        assertThat(failure(offer.connect(toOther.signal()))).isEqualTo(ErrorKind.MALFORMED);
        assertThat(failure(offer.connect(offer.signal()))).isEqualTo(ErrorKind.MALFORMED);
        assertThat(failure(offer.connect(signal(Signal.Kind.ANSWER, "v=0")))).isEqualTo(ErrorKind.MALFORMED);
        assertThat(failure(offer.connect(new Signal(Signal.Kind.ANSWER, Map.of()))))
                .isEqualTo(ErrorKind.MALFORMED);

        get(offer.connect(right.signal()));
        assertThat(failure(offer.connect(right.signal()))).isEqualTo(ErrorKind.CLOSED);
        get(other.connect(toOther.signal()));
        assertThat(network.faults().links()).hasSize(2);
    }

    @Test
    void garbageIsNoOffer() {
        for (Signal garbage : new Signal[] {
            signal(Signal.Kind.OFFER, ""),
            signal(Signal.Kind.OFFER, "memory-signal offer x"),
            signal(Signal.Kind.OFFER, "memory-signal offer 99999999999999999999"),
            signal(Signal.Kind.ANSWER, "memory-signal offer 1"),
            new Signal(Signal.Kind.OFFER, Map.of("candidate", "memory-signal offer 1"))
        }) {
            assertThat(failure(acceptor.accept(garbage))).isEqualTo(ErrorKind.MALFORMED);
        }
    }

    @Test
    void whoGaveUpCannotBeReached() {
        Offer offer = get(proposer.offer());
        Answer answer = get(acceptor.accept(offer.signal()));
        answer.close();
        answer.close();
        assertThat(failure(answer.channel())).isEqualTo(ErrorKind.CANCELLED);
        assertThat(failure(offer.connect(answer.signal()))).isEqualTo(ErrorKind.UNREACHABLE);

        Offer given = get(proposer.offer());
        given.close();
        assertThat(failure(given.connect(get(acceptor.accept(given.signal())).signal())))
                .isEqualTo(ErrorKind.CLOSED);
    }

    @Test
    void closingAnOfferAbandonsItsConnecting() {
        Offer offer = get(proposer.offer());
        Answer answer = get(acceptor.accept(offer.signal()));
        network.faults().holdDials();
        CompletionStage<Channel> connecting = offer.connect(answer.signal());
        offer.close();
        assertThat(failure(connecting)).isEqualTo(ErrorKind.CANCELLED);
        network.faults().acceptDials();
        context.settle();
        assertThat(network.faults().links()).isEmpty();
    }

    @Test
    void refusalsReachBothSides() {
        Offer offer = get(proposer.offer());
        Answer answer = get(acceptor.accept(offer.signal()));
        network.faults().refuseDials(ErrorKind.UNREACHABLE);
        assertThat(failure(offer.connect(answer.signal()))).isEqualTo(ErrorKind.UNREACHABLE);
        assertThat(failure(answer.channel())).isEqualTo(ErrorKind.UNREACHABLE);
    }

    @Test
    void closingATransportEndsItsExchanges() {
        Offer offer = get(proposer.offer());
        Answer answer = get(acceptor.accept(offer.signal()));
        Channel used = connected();
        Recorder recorder = Recorder.on(used, 1);
        acceptor.close();
        assertThat(failure(answer.channel())).isEqualTo(ErrorKind.CANCELLED);
        assertThat(failure(acceptor.accept(offer.signal()))).isEqualTo(ErrorKind.CLOSED);
        assertThat(failure(acceptor.offer())).isEqualTo(ErrorKind.CLOSED);
        context.settle();
        assertThat(recorder.closed().failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
        proposer.close();
        assertThat(failure(offer.connect(answer.signal()))).isEqualTo(ErrorKind.CLOSED);
    }

    private Channel connected() {
        Offer offer = get(proposer.offer());
        Answer answer = get(acceptor.accept(offer.signal()));
        return get(offer.connect(answer.signal()));
    }
}
