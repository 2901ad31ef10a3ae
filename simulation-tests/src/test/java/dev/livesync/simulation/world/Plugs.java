package dev.livesync.simulation.world;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A machine's connections, which can all be pulled at once: what a killed process leaves is no goodbye. */
final class Plugs {
    private final UnaryOperator<Channel> wire;
    private final List<Channel> channels = new ArrayList<>();
    private final List<Listening> listenings = new ArrayList<>();
    private @Nullable TransportContext context;

    /** Of channels, as somebody makes them. */
    Plugs(UnaryOperator<Channel> wire) {
        this.wire = wire;
    }

    void pull() {
        List.copyOf(listenings).forEach(Listening::close);
        listenings.clear();
        List<Channel> all = List.copyOf(channels);
        channels.clear();
        all.forEach(channel -> channel.abort(new SyncException(ErrorKind.DISCONNECTED, "the machine has stopped")));
    }

    /** What the transports were opened with; null before. */
    @Nullable
    TransportContext context() {
        return context;
    }

    /** The same transport, with plugs. */
    TransportProvider of(TransportProvider provider) {
        return new Plugged(provider);
    }

    private Channel plug(Channel channel) {
        channels.add(channel);
        return wire.apply(channel);
    }

    private CompletionStage<Channel> plugged(CompletionStage<Channel> stage) {
        CompletableFuture<Channel> result = new CompletableFuture<>();
        var unused = stage.whenComplete((channel, failure) -> {
            if (channel == null) {
                result.completeExceptionally(failure);
            } else if (!result.complete(plug(channel))) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for it"));
            }
        });
        var unusedEnd = result.whenComplete((channel, failure) -> {
            if (result.isCancelled()) {
                stage.toCompletableFuture().cancel(false);
            }
        });
        return result;
    }

    private final class Plugged implements TransportProvider {
        private final TransportProvider provider;

        Plugged(TransportProvider provider) {
            this.provider = provider;
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
        public boolean recognizes(Signal offer) {
            return provider.recognizes(offer);
        }

        @Override
        public Set<TransportFeature> features() {
            return provider.features();
        }

        @Override
        public Transport open(TransportContext opened) {
            context = opened;
            Transport transport = provider.open(opened);
            return transport instanceof DialingTransport dialing
                    ? new Dialing(dialing)
                    : new Signalling((SignallingTransport) transport);
        }
    }

    private final class Dialing implements DialingTransport {
        private final DialingTransport transport;

        Dialing(DialingTransport transport) {
            this.transport = transport;
        }

        @Override
        public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
            return transport
                    .listen(address, channel -> acceptor.accept(plug(channel)))
                    .whenComplete((listening, failure) -> {
                        if (listening != null) {
                            listenings.add(listening);
                        }
                    });
        }

        @Override
        public CompletionStage<Channel> dial(String address) {
            return plugged(transport.dial(address));
        }

        @Override
        public void close() {
            transport.close();
        }
    }

    private final class Signalling implements SignallingTransport {
        private final SignallingTransport transport;

        Signalling(SignallingTransport transport) {
            this.transport = transport;
        }

        @Override
        public CompletionStage<Offer> offer() {
            return transport.offer().thenApply(offer -> new Offer() {
                @Override
                public Signal signal() {
                    return offer.signal();
                }

                @Override
                public CompletionStage<Channel> connect(Signal answer) {
                    return plugged(offer.connect(answer));
                }

                @Override
                public void close() {
                    offer.close();
                }
            });
        }

        @Override
        public CompletionStage<Answer> accept(Signal signal) {
            return transport.accept(signal).thenApply(answer -> new Answer() {
                @Override
                public Signal signal() {
                    return answer.signal();
                }

                @Override
                public CompletionStage<Channel> channel() {
                    return plugged(answer.channel());
                }

                @Override
                public void close() {
                    answer.close();
                }
            });
        }

        @Override
        public void close() {
            transport.close();
        }
    }
}
