package dev.livesync.transport.webrtc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.SignallingTransport.Answer;
import dev.livesync.api.transport.SignallingTransport.Offer;
import dev.livesync.tck.internal.Probe;
import dev.livesync.tck.internal.TestContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Offers and answers that are bad, foreign, replayed or late. */
class SignalsTest {
    private final TestContext context = new TestContext(1 << 20, Duration.ofSeconds(3), Duration.ofSeconds(5));
    private final SignallingTransport transport = WebRtcPair.open(context);
    private final WebRtcTransportProvider provider = new WebRtcTransportProvider();

    @AfterEach
    void close() {
        transport.close();
        assertThat(context.escaped()).isEmpty();
        context.close();
    }

    private static SyncException failure(CompletionStage<?> stage) {
        try {
            Object value = stage.toCompletableFuture()
                    .orTimeout(60, java.util.concurrent.TimeUnit.SECONDS)
                    .join();
            throw new AssertionError("it succeeded: " + value);
        } catch (CompletionException e) {
            return (SyncException) e.getCause();
        }
    }

    private static Signal signal(Signal.Kind kind, String sdp) {
        return new Signal(kind, Map.of("sdp", sdp));
    }

    private static Signal edited(Signal signal, String pattern, String replacement) {
        String edited = signal.field("sdp").replaceAll(pattern, replacement);
        assertThat(edited).isNotEqualTo(signal.field("sdp"));
        return signal(signal.kind(), edited);
    }

    @Test
    void badAndForeignAnswersAreRefusedAndTheRightOneStillConnects() throws Exception {
        Offer offer = WebRtcPair.get(transport.offer());
        Offer other = WebRtcPair.get(transport.offer());
        Signal toOther = WebRtcPair.get(transport.accept(other.signal())).signal();
        Answer right = WebRtcPair.get(transport.accept(offer.signal()));
        assertThat(offer.signal().fields()).containsOnlyKeys("sdp");
        assertThat(provider.recognizes(offer.signal())).isTrue();
        assertThat(provider.recognizes(right.signal())).isFalse();

        assertThat(failure(offer.connect(toOther)).kind()).isEqualTo(ErrorKind.MALFORMED);
        assertThat(failure(offer.connect(toOther))).hasMessageContaining("another offer");
        for (Signal bad : List.of(
                signal(Signal.Kind.ANSWER, offer.signal().field("sdp")),
                right.signal().kind() == Signal.Kind.ANSWER
                        ? signal(Signal.Kind.OFFER, right.signal().field("sdp"))
                        : offer.signal(),
                new Signal(Signal.Kind.ANSWER, Map.of()),
                signal(Signal.Kind.ANSWER, ""),
                signal(Signal.Kind.ANSWER, "v=0\r\n"),
                edited(right.signal(), "a=fingerprint:[^\r]*\r\n", ""),
                edited(right.signal(), "m=application.*", "m=audio 9 UDP/TLS/RTP/SAVPF 111"),
                edited(right.signal(), "$", "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"),
                edited(right.signal(), "a=ice-pwd:.*", "a=ice-pwd:short"),
                // Passes our look, but not libwebrtc's.
                edited(right.signal(), "a=sctp-port:5000", "a=sctp-port:x"))) {
            assertThat(failure(offer.connect(bad)).kind())
                    .as("of %s", bad.fields())
                    .isEqualTo(ErrorKind.MALFORMED);
        }

        Channel channel = WebRtcPair.get(offer.connect(right.signal()));
        assertThat(failure(offer.connect(right.signal())).kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT);
        Probe at = Probe.on(WebRtcPair.get(right.channel()), 1);
        WebRtcPair.get(channel.send(Message.text("hello")));
        at.await(1);

        // Neither half matters once there is a channel.
        offer.close();
        right.close();
        assertThat(failure(offer.connect(right.signal())).kind()).isEqualTo(ErrorKind.CLOSED);
        assertThat(at.isClosed()).isFalse();
    }

    @Test
    void anAnswerIsOfNoUseToALaterOffer() throws Exception {
        Offer first = WebRtcPair.get(transport.offer());
        Answer answer = WebRtcPair.get(transport.accept(first.signal()));
        Channel used = WebRtcPair.get(first.connect(answer.signal()));
        WebRtcPair.get(used.close());
        Offer second = WebRtcPair.get(transport.offer());
        SyncException refused = failure(second.connect(answer.signal()));
        assertThat(refused.kind()).isEqualTo(ErrorKind.MALFORMED);
        assertThat(refused).hasMessageContaining("another offer");
    }

    @Test
    void aReplayedAnswerWhoseWriterHasGoneFindsNobody() throws Exception {
        Offer offer = WebRtcPair.get(transport.offer());
        Answer answer = WebRtcPair.get(transport.accept(offer.signal()));
        Signal replayed = answer.signal();
        answer.close();
        assertThat(failure(answer.channel()).kind()).isEqualTo(ErrorKind.CANCELLED);
        SyncException unreachable = failure(offer.connect(replayed));
        assertThat(unreachable.kind()).isIn(ErrorKind.TIMEOUT, ErrorKind.UNREACHABLE);
    }

    @Test
    void anAnswerWithSomebodyElsesFingerprintMakesNoChannel() throws Exception {
        Offer offer = WebRtcPair.get(transport.offer());
        Answer answer = WebRtcPair.get(transport.accept(offer.signal()));
        String other = SessionDescriptionTest.fingerprintOf(
                WebRtcPair.get(transport.offer()).signal());
        SyncException refused =
                failure(offer.connect(edited(answer.signal(), "a=fingerprint:.*", "a=fingerprint:sha-256 " + other)));
        assertThat(refused.kind()).isIn(ErrorKind.UNREACHABLE, ErrorKind.TIMEOUT);
    }

    @Test
    void badOffersAreRefused() throws Exception {
        Offer offer = WebRtcPair.get(transport.offer());
        for (Signal bad : List.of(
                new Signal(Signal.Kind.OFFER, Map.of()),
                new Signal(Signal.Kind.ANSWER, offer.signal().fields()),
                signal(Signal.Kind.OFFER, "memory-signal offer 1"),
                signal(Signal.Kind.OFFER, "v=0\r\nx".repeat(20_000)),
                edited(offer.signal(), "$", "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"),
                edited(offer.signal(), "$", "a=fingerprint:sha-256 " + "00:".repeat(31) + "01\r\n"),
                edited(offer.signal(), "a=max-message-size:.*", "a=max-message-size:100"),
                edited(offer.signal(), "a=sctp-port:5000", "a=sctp-port:x"))) {
            assertThat(failure(transport.accept(bad)).kind())
                    .as("of %s", bad.fields())
                    .isEqualTo(ErrorKind.MALFORMED);
        }
    }

    @Test
    void aPeerThatDoesNotSayWhatItTakesGets64KiB() throws Exception {
        Offer offer = WebRtcPair.get(transport.offer());
        Answer answer = WebRtcPair.get(transport.accept(edited(offer.signal(), "a=max-message-size:.*\r\n", "")));
        WebRtcPair.get(offer.connect(answer.signal()));
        Channel acceptor = WebRtcPair.get(answer.channel());
        assertThat(acceptor.maxMessageBytes()).isEqualTo(65_536);
        assertThat(failure(acceptor.send(Message.binary(new byte[65_537]))).kind())
                .isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        WebRtcPair.get(acceptor.send(Message.binary(new byte[65_536])));
    }

    @Test
    void aPeerGetsNoMoreThanItSaysItTakes() throws Exception {
        Offer offer = WebRtcPair.get(transport.offer());
        Answer answer = WebRtcPair.get(transport.accept(offer.signal()));
        Channel proposer = WebRtcPair.get(offer.connect(edited(answer.signal(), "size:262144", "size:70000")));
        assertThat(proposer.maxMessageBytes()).isEqualTo(70_000);
        Probe at = Probe.on(WebRtcPair.get(answer.channel()), 10);
        assertThat(failure(proposer.send(Message.binary(new byte[70_001]))).kind())
                .isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        WebRtcPair.get(proposer.send(Message.binary(new byte[70_000])));
        assertThat(at.await(1)).hasSize(1);
    }

    @Test
    void whatIsCancelledOrClosedFailsAndLeavesNothing() throws Exception {
        CompletionStage<Offer> cancelled = transport.offer();
        cancelled.toCompletableFuture().cancel(false);
        Offer closed = WebRtcPair.get(transport.offer());
        Answer toClosed = WebRtcPair.get(transport.accept(closed.signal()));
        closed.close();
        assertThat(failure(closed.connect(toClosed.signal())).kind()).isEqualTo(ErrorKind.CLOSED);

        Offer open = WebRtcPair.get(transport.offer());
        Answer answer = WebRtcPair.get(transport.accept(open.signal()));
        CompletionStage<Channel> connecting = open.connect(answer.signal());
        transport.close();
        assertThat(connecting.toCompletableFuture()).isDone();
        assertThat(failure(transport.offer()).kind()).isEqualTo(ErrorKind.CLOSED);
        assertThat(failure(transport.accept(open.signal())).kind()).isEqualTo(ErrorKind.CLOSED);
    }
}
