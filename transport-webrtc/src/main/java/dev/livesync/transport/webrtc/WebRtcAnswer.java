package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The acceptor's half of an exchange. It waits without a limit, since people carry the answer. */
final class WebRtcAnswer implements SignallingTransport.Answer {
    private final WebRtcChannel channel;
    private final Signal signal;
    private final CompletableFuture<Channel> connected;

    WebRtcAnswer(WebRtcChannel channel, SessionDescription ours) {
        this.channel = channel;
        this.signal = ours.signal();
        this.connected = Attempts.opening(channel);
    }

    @Override
    public Signal signal() {
        return signal;
    }

    @Override
    public CompletionStage<Channel> channel() {
        return connected;
    }

    @Override
    public void close() {
        channel.abortUnlessOpen(new SyncException(ErrorKind.CANCELLED, "the answer was taken back"));
    }
}
