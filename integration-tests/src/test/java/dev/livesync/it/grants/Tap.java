package dev.livesync.it.grants;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * A transport that keeps a copy of all that this end is sent, as its session reads it. Where the transport's channels have no binding, both
 * ends' taps give them the same one, so that messages aren't sealed.
 */
final class Tap implements TransportProvider {
    private final TransportProvider provider;
    private final Predicate<Message> dropped;
    private final List<Message> heard = new CopyOnWriteArrayList<>();

    /**
     * Wraps a transport.
     *
     * @param provider the real one
     * @param dropped which messages never reach this end
     */
    Tap(TransportProvider provider, Predicate<Message> dropped) {
        this.provider = provider;
        this.dropped = dropped;
    }

    /** All messages so far, each byte as a character. */
    String heard() {
        StringBuilder all = new StringBuilder();
        heard.forEach(message -> all.append(new String(message.payload(), StandardCharsets.ISO_8859_1))
                .append('\n'));
        return all.toString();
    }

    @Override
    public String id() {
        return provider.id();
    }

    @Override
    public Set<String> schemes() {
        return provider.schemes();
    }

    @Override
    public String localAddress() {
        return provider.localAddress();
    }

    @Override
    public Set<TransportFeature> features() {
        return provider.features();
    }

    @Override
    public boolean recognizes(Signal offer) {
        return provider.recognizes(offer);
    }

    @Override
    public Transport open(TransportContext context) {
        Transport transport = provider.open(context);
        return transport instanceof DialingTransport dialling
                ? new TappedDialling(dialling)
                : new TappedSignalling((SignallingTransport) transport);
    }

    private final class TappedDialling implements DialingTransport {
        private final DialingTransport transport;

        TappedDialling(DialingTransport transport) {
            this.transport = transport;
        }

        @Override
        public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
            return transport.listen(address, channel -> acceptor.accept(new TappedChannel(channel)));
        }

        @Override
        public CompletionStage<Channel> dial(String address) {
            return transport.dial(address).thenApply(TappedChannel::new);
        }

        @Override
        public void close() {
            transport.close();
        }
    }

    private final class TappedSignalling implements SignallingTransport {
        private final SignallingTransport transport;

        TappedSignalling(SignallingTransport transport) {
            this.transport = transport;
        }

        @Override
        public CompletionStage<Offer> offer() {
            return transport.offer().thenApply(TappedOffer::new);
        }

        @Override
        public CompletionStage<Answer> accept(Signal offer) {
            return transport.accept(offer).thenApply(TappedAnswer::new);
        }

        @Override
        public void close() {
            transport.close();
        }
    }

    private final class TappedOffer implements SignallingTransport.Offer {
        private final SignallingTransport.Offer offer;

        TappedOffer(SignallingTransport.Offer offer) {
            this.offer = offer;
        }

        @Override
        public Signal signal() {
            return offer.signal();
        }

        @Override
        public CompletionStage<Channel> connect(Signal answer) {
            return offer.connect(answer).thenApply(TappedChannel::new);
        }

        @Override
        public void close() {
            offer.close();
        }
    }

    private final class TappedAnswer implements SignallingTransport.Answer {
        private final SignallingTransport.Answer answer;

        TappedAnswer(SignallingTransport.Answer answer) {
            this.answer = answer;
        }

        @Override
        public Signal signal() {
            return answer.signal();
        }

        @Override
        public CompletionStage<Channel> channel() {
            return answer.channel().thenApply(TappedChannel::new);
        }

        @Override
        public void close() {
            answer.close();
        }
    }

    private final class TappedChannel implements Channel {
        private final Channel channel;

        TappedChannel(Channel channel) {
            this.channel = channel;
        }

        @Override
        public void start(ChannelListener listener) {
            channel.start(new ChannelListener() {
                @Override
                public void onMessage(Message message) {
                    heard.add(message);
                    if (dropped.test(message)) {
                        channel.request(1);
                    } else {
                        listener.onMessage(message);
                    }
                }

                @Override
                public void onClosed(CloseReason reason) {
                    listener.onClosed(reason);
                }
            });
        }

        @Override
        public void request(long messages) {
            channel.request(messages);
        }

        @Override
        public CompletionStage<Void> send(Message message) {
            return channel.send(message);
        }

        @Override
        public int maxMessageBytes() {
            return channel.maxMessageBytes();
        }

        @Override
        public Optional<PeerIdentity> peer() {
            return channel.peer();
        }

        @Override
        public Optional<byte[]> binding() {
            return channel.binding().or(() -> Optional.of(new byte[32]));
        }

        @Override
        public String remote() {
            return channel.remote();
        }

        @Override
        public CompletionStage<Void> close() {
            return channel.close();
        }

        @Override
        public void abort(SyncException reason) {
            channel.abort(reason);
        }
    }
}
