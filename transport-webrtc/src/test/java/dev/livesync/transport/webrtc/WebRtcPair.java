package dev.livesync.transport.webrtc;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.SignallingTransport.Answer;
import dev.livesync.api.transport.SignallingTransport.Offer;
import dev.livesync.api.transport.TransportContext;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The two ends of one connection within this process. */
record WebRtcPair(Channel proposer, Channel acceptor) {
    static SignallingTransport open(TransportContext context) {
        return (SignallingTransport) new WebRtcTransportProvider().open(context);
    }

    static WebRtcPair connect(SignallingTransport transport) throws Exception {
        return connect(transport, transport);
    }

    static WebRtcPair connect(SignallingTransport proposer, SignallingTransport acceptor) throws Exception {
        Offer offer = get(proposer.offer());
        Answer answer = get(acceptor.accept(offer.signal()));
        CompletionStage<Channel> connected = offer.connect(answer.signal());
        return new WebRtcPair(get(connected), get(answer.channel()));
    }

    static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
