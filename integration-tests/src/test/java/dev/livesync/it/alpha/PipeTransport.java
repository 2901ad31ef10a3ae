package dev.livesync.it.alpha;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/** Channels to the alphas of a {@link Bench}: to both ends like WebRTC, without its threads and its network. */
final class PipeTransport implements SignallingTransport {
    private final Bench bench;
    private final TransportContext context;
    private final Consumer<Message> sent;

    private PipeTransport(Bench bench, TransportContext context, Consumer<Message> sent) {
        this.sent = sent;
        this.bench = bench;
        this.context = context;
    }

    static TransportProvider provider(Bench bench, Consumer<Message> sent) {
        return new TransportProvider() {
            @Override
            public String id() {
                return "pipe";
            }

            @Override
            public Set<String> schemes() {
                return Set.of();
            }

            @Override
            public Set<TransportFeature> features() {
                return Set.of(TransportFeature.INBOUND_BACKPRESSURE);
            }

            @Override
            public boolean recognizes(Signal offer) {
                return offer.fields().containsKey("sdp");
            }

            @Override
            public Transport open(TransportContext context) {
                return new PipeTransport(bench, context, sent);
            }
        };
    }

    private static String sdp(Signal signal) {
        String sdp = signal.field("sdp");
        if (sdp == null) {
            throw new SyncException(ErrorKind.MALFORMED, "a signal without sdp");
        }
        return sdp;
    }

    @Override
    public CompletionStage<Offer> offer() {
        PipeChannel channel = new PipeChannel(bench, context, sent);
        return CompletableFuture.completedStage(new Offer() {
            @Override
            public Signal signal() {
                return new Signal(Signal.Kind.OFFER, Map.of("sdp", channel.id()));
            }

            @Override
            public CompletionStage<Channel> connect(Signal answer) {
                String text = sdp(answer);
                String alpha = text.substring(0, text.indexOf(' '));
                bench.tellConnected(alpha, channel);
                return CompletableFuture.completedStage(channel);
            }

            @Override
            public void close() {}
        });
    }

    @Override
    public CompletionStage<Answer> accept(Signal offer) {
        PipeChannel channel = new PipeChannel(bench, context, sent);
        String alpha = sdp(offer);
        CompletableFuture<Channel> connected = bench.awaitConnected(alpha, channel);
        return CompletableFuture.completedStage(new Answer() {
            @Override
            public Signal signal() {
                return new Signal(Signal.Kind.ANSWER, Map.of("sdp", channel.id() + " " + alpha));
            }

            @Override
            public CompletionStage<Channel> channel() {
                return connected;
            }

            @Override
            public void close() {
                connected.completeExceptionally(new SyncException(ErrorKind.CANCELLED, "the answer was closed"));
            }
        });
    }

    @Override
    public void close() {}
}
