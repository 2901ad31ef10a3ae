package dev.livesync.bench.webrtc;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.SignallingTransport.Answer;
import dev.livesync.api.transport.SignallingTransport.Offer;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Through a channel of transport-webrtc, one send after the other as a channel wants it. */
final class OwnCarrier implements Carrier {
    private static final String FIELD = "sdp";

    private final SignallingTransport transport;
    private @Nullable Offer offer;
    private @Nullable CompletionStage<Channel> opening;

    OwnCarrier(SignallingTransport transport) {
        this.transport = transport;
    }

    @Override
    public String offer() throws Exception {
        Offer made = await(transport.offer());
        offer = made;
        return text(made.signal());
    }

    @Override
    public String accept(String text) throws Exception {
        Answer answer = await(transport.accept(new Signal(Signal.Kind.OFFER, Map.of(FIELD, text))));
        opening = answer.channel();
        return text(answer.signal());
    }

    @Override
    public void connect(String answer) throws Exception {
        CompletionStage<Channel> connecting = Objects.requireNonNull(offer, "offered before")
                .connect(new Signal(Signal.Kind.ANSWER, Map.of(FIELD, answer)));
        opening = connecting;
        await(connecting);
    }

    @Override
    public CountDownLatch expect(int messages) throws Exception {
        CountDownLatch left = new CountDownLatch(messages);
        Channel channel = channel();
        channel.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {
                left.countDown();
            }

            @Override
            public void onClosed(CloseReason reason) {
                // Whoever waits for the rest runs out of time.
            }
        });
        channel.request(Long.MAX_VALUE);
        return left;
    }

    @Override
    public void send(int messages, int bytes) throws Exception {
        Channel channel = channel();
        Message message = Message.binary(new byte[bytes]);
        for (int i = 0; i < messages; i++) {
            await(channel.send(message));
        }
    }

    private Channel channel() throws Exception {
        return await(Objects.requireNonNull(opening, "connected before"));
    }

    private static String text(Signal signal) {
        return Objects.requireNonNull(signal.field(FIELD), FIELD);
    }

    private static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(Carriers.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        if (opening != null) {
            opening.thenAccept(Channel::close).toCompletableFuture().join();
        }
    }
}
