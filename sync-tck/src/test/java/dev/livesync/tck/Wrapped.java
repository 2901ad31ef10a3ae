package dev.livesync.tck;

import dev.livesync.api.ErrorKind;
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
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Decorators that change nothing; mutants override what they break. */
final class Wrapped {
    private Wrapped() {}

    static class Provider implements TransportProvider {
        final TransportProvider real;

        Provider(TransportProvider real) {
            this.real = real;
        }

        @Override
        public String id() {
            return real.id();
        }

        @Override
        public Set<String> schemes() {
            return real.schemes();
        }

        @Override
        public String localAddress() {
            return real.localAddress();
        }

        @Override
        public Set<TransportFeature> features() {
            return real.features();
        }

        @Override
        public boolean recognizes(Signal offer) {
            return real.recognizes(offer);
        }

        @Override
        public Transport open(TransportContext context) {
            return real.open(context);
        }
    }

    /** A provider whose channels are broken, in whichever shape. */
    static TransportProvider channels(TransportProvider real, Function<Channel, Channel> broken) {
        return new Provider(real) {
            @Override
            public Transport open(TransportContext context) {
                Transport transport = super.open(context);
                return transport instanceof DialingTransport dialing
                        ? new Dialing(dialing) {
                            @Override
                            Channel wrap(Channel channel) {
                                return broken.apply(channel);
                            }
                        }
                        : new Signalling((SignallingTransport) transport) {
                            @Override
                            Channel wrap(Channel channel) {
                                return broken.apply(channel);
                            }
                        };
            }
        };
    }

    /** A provider with broken transports. */
    static TransportProvider dialing(TransportProvider real, Function<DialingTransport, Transport> broken) {
        return opening(real, (context, transport) -> broken.apply(transport));
    }

    /** As {@link #dialing}, where what is broken needs the context. */
    static TransportProvider opening(
            TransportProvider real, BiFunction<TransportContext, DialingTransport, Transport> broken) {
        return new Provider(real) {
            @Override
            public Transport open(TransportContext context) {
                return broken.apply(context, (DialingTransport) super.open(context));
            }
        };
    }

    static TransportProvider signalling(TransportProvider real, Function<SignallingTransport, Transport> broken) {
        return new Provider(real) {
            @Override
            public Transport open(TransportContext context) {
                return broken.apply((SignallingTransport) super.open(context));
            }
        };
    }

    /** A provider that misunderstands its context. */
    static TransportProvider context(TransportProvider real, UnaryOperator<TransportContext> broken) {
        return new Provider(real) {
            @Override
            public Transport open(TransportContext context) {
                return super.open(broken.apply(context));
            }
        };
    }

    static class Context implements TransportContext {
        final TransportContext real;

        Context(TransportContext real) {
            this.real = real;
        }

        @Override
        public Executor executor() {
            return real.executor();
        }

        @Override
        public Scheduler scheduler() {
            return real.scheduler();
        }

        @Override
        public int maxMessageBytes() {
            return real.maxMessageBytes();
        }

        @Override
        public int inboundQueueBytes() {
            return real.inboundQueueBytes();
        }

        @Override
        public Duration connectTimeout() {
            return real.connectTimeout();
        }

        @Override
        public Duration closeTimeout() {
            return real.closeTimeout();
        }
    }

    /** A stage of its own, with another value. */
    static <T, R> CompletableFuture<R> passed(CompletionStage<T> real, Function<T, R> change) {
        return derived(real, change, failure -> failure);
    }

    /** A stage of its own, with another failure. */
    static <T> CompletableFuture<T> failing(CompletionStage<T> real, UnaryOperator<Throwable> change) {
        return derived(real, value -> value, change);
    }

    /** Passes a cancellation on; where that is too late, the channel that nobody waits for any more ends. */
    private static <T, R> CompletableFuture<R> derived(
            CompletionStage<T> real, Function<T, R> value, UnaryOperator<Throwable> failure) {
        CompletableFuture<R> out = new CompletableFuture<>();
        var unused = real.whenComplete((done, failed) -> {
            if (failed != null) {
                out.completeExceptionally(failure.apply(failed));
            } else if (!out.complete(value.apply(done)) && done instanceof Channel channel) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + channel.remote()));
            }
        });
        var unusedAlso = out.whenComplete((done, failed) -> {
            if (out.isCancelled()) {
                real.toCompletableFuture().cancel(true);
            }
        });
        return out;
    }

    static class Dialing implements DialingTransport {
        final DialingTransport real;

        Dialing(DialingTransport real) {
            this.real = real;
        }

        Channel wrap(Channel channel) {
            return channel;
        }

        @Override
        public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
            return real.listen(address, channel -> acceptor.accept(wrap(channel)));
        }

        @Override
        public CompletionStage<Channel> dial(String address) {
            return passed(real.dial(address), this::wrap);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    static class Signalling implements SignallingTransport {
        final SignallingTransport real;

        Signalling(SignallingTransport real) {
            this.real = real;
        }

        Channel wrap(Channel channel) {
            return channel;
        }

        Offer wrap(Offer offer) {
            return new OfferHalf(offer) {
                @Override
                public CompletionStage<Channel> connect(Signal answer) {
                    return passed(super.connect(answer), Signalling.this::wrap);
                }
            };
        }

        Answer wrap(Answer answer) {
            return new AnswerHalf(answer) {
                @Override
                public CompletionStage<Channel> channel() {
                    return passed(super.channel(), Signalling.this::wrap);
                }
            };
        }

        @Override
        public CompletionStage<Offer> offer() {
            return passed(real.offer(), this::wrap);
        }

        @Override
        public CompletionStage<Answer> accept(Signal offer) {
            return passed(real.accept(offer), this::wrap);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    static class OfferHalf implements SignallingTransport.Offer {
        final SignallingTransport.Offer real;

        OfferHalf(SignallingTransport.Offer real) {
            this.real = real;
        }

        @Override
        public Signal signal() {
            return real.signal();
        }

        @Override
        public CompletionStage<Channel> connect(Signal answer) {
            return real.connect(answer);
        }

        @Override
        public void close() {
            real.close();
        }
    }

    static class AnswerHalf implements SignallingTransport.Answer {
        final SignallingTransport.Answer real;

        AnswerHalf(SignallingTransport.Answer real) {
            this.real = real;
        }

        @Override
        public Signal signal() {
            return real.signal();
        }

        @Override
        public CompletionStage<Channel> channel() {
            return real.channel();
        }

        @Override
        public void close() {
            real.close();
        }
    }

    static class End implements Channel {
        final Channel real;

        End(Channel real) {
            this.real = real;
        }

        ChannelListener wrap(ChannelListener listener) {
            return listener;
        }

        @Override
        public void start(ChannelListener listener) {
            real.start(wrap(listener));
        }

        @Override
        public void request(long messages) {
            real.request(messages);
        }

        @Override
        public CompletionStage<Void> send(Message message) {
            return real.send(message);
        }

        @Override
        public int maxMessageBytes() {
            return real.maxMessageBytes();
        }

        @Override
        public Optional<PeerIdentity> peer() {
            return real.peer();
        }

        @Override
        public Optional<byte[]> binding() {
            return real.binding();
        }

        @Override
        public String remote() {
            return real.remote();
        }

        @Override
        public CompletionStage<Void> close() {
            return real.close();
        }

        @Override
        public void abort(SyncException reason) {
            real.abort(reason);
        }
    }

    static class Listener implements ChannelListener {
        final ChannelListener real;

        Listener(ChannelListener real) {
            this.real = real;
        }

        @Override
        public void onMessage(Message message) {
            real.onMessage(message);
        }

        @Override
        public void onClosed(CloseReason reason) {
            real.onClosed(reason);
        }
    }

    /** A channel that reports its end otherwise; null for not at all. */
    static Channel reporting(Channel channel, UnaryOperator<CloseReason> change) {
        return new End(channel) {
            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Listener(listener) {
                    @Override
                    public void onClosed(CloseReason reason) {
                        CloseReason changed = change.apply(reason);
                        if (changed != null) {
                            super.onClosed(changed);
                        }
                    }
                };
            }
        };
    }

    /** A channel that delivers otherwise: it is given the listener with each message. */
    static Channel delivering(Channel channel, BiConsumer<ChannelListener, Message> deliver) {
        return new End(channel) {
            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Listener(listener) {
                    @Override
                    public void onMessage(Message message) {
                        deliver.accept(real, message);
                    }
                };
            }
        };
    }

    /** A channel that sends something else. */
    static Channel sending(Channel channel, Function<Message, Message> change) {
        return new End(channel) {
            @Override
            public CompletionStage<Void> send(Message message) {
                return super.send(change.apply(message));
            }
        };
    }
}
