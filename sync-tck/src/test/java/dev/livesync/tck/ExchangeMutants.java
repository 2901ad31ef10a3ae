package dev.livesync.tck;

import static dev.livesync.tck.TransportMutants.as;
import static dev.livesync.tck.TransportMutants.is;
import static dev.livesync.tck.TransportMutants.signalling;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.MutantTransport.Subject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Offers and answers. */
final class ExchangeMutants {
    private ExchangeMutants() {}

    private static Mutant<Subject> offers(
            String rule, String name, UnaryOperator<SignallingTransport.Offer> broken, String... collateral) {
        return signalling(
                rule,
                name,
                real -> Wrapped.signalling(real, transport -> new Wrapped.Signalling(transport) {
                    @Override
                    Offer wrap(Offer offer) {
                        return broken.apply(offer);
                    }
                }),
                collateral);
    }

    private static TransportProvider hurried(TransportProvider real) {
        return new Wrapped.Provider(real) {
            @Override
            public Transport open(TransportContext context) {
                return new Wrapped.Signalling((SignallingTransport) super.open(context)) {
                    @Override
                    Answer wrap(Answer answer) {
                        var timer = context.scheduler().schedule(context.connectTimeout(), answer::close);
                        var unused = answer.channel().whenComplete((channel, failure) -> timer.cancel());
                        return answer;
                    }
                };
            }
        };
    }

    private static Mutant<Subject> answers(
            String rule, String name, UnaryOperator<SignallingTransport.Answer> broken, String... collateral) {
        return signalling(
                rule,
                name,
                real -> Wrapped.signalling(real, transport -> new Wrapped.Signalling(transport) {
                    @Override
                    Answer wrap(Answer answer) {
                        return broken.apply(answer);
                    }
                }),
                collateral);
    }

    static List<Mutant<Subject>> all() {
        return List.of(
                offers("T3.1", "an offer that changes", offer -> new Wrapped.OfferHalf(offer) {
                    private int asked;

                    @Override
                    public Signal signal() {
                        Map<String, String> fields =
                                new HashMap<>(super.signal().fields());
                        fields.put("asked", Integer.toString(asked++));
                        return new Signal(Signal.Kind.OFFER, fields);
                    }
                }),
                signalling(
                        "T3.2",
                        "calls garbage its own defect",
                        real -> Wrapped.signalling(real, transport -> new Wrapped.Signalling(transport) {
                            @Override
                            public CompletionStage<Answer> accept(Signal offer) {
                                return Wrapped.failing(
                                        super.accept(offer),
                                        e -> is(ErrorKind.MALFORMED, e) ? as(ErrorKind.INTERNAL, e) : e);
                            }
                        })),
                offers("T3.3", "a wrong answer uses the offer up", offer -> new Wrapped.OfferHalf(offer) {
                    @Override
                    public CompletionStage<Channel> connect(Signal answer) {
                        return Wrapped.failing(super.connect(answer), e -> {
                            if (is(ErrorKind.MALFORMED, e)) {
                                super.close();
                            }
                            return e;
                        });
                    }
                }),
                offers(
                        "T3.4",
                        "an offer can be used again",
                        offer -> new Wrapped.OfferHalf(offer) {
                            private CompletionStage<Channel> connected;

                            @Override
                            public CompletionStage<Channel> connect(Signal answer) {
                                if (connected == null) {
                                    connected = super.connect(answer);
                                    if (connected.toCompletableFuture().isCompletedExceptionally()) {
                                        CompletionStage<Channel> failed = connected;
                                        connected = null;
                                        return failed;
                                    }
                                }
                                return connected;
                            }
                        },
                        "T3.7"),
                signalling("T3.5", "an answer that waits as long as a connection may take", ExchangeMutants::hurried),
                answers("T3.5", "an answer that can't be given up", answer -> new Wrapped.AnswerHalf(answer) {
                    @Override
                    public void close() {}
                }),
                signalling(
                        "T3.8",
                        "waits for a way to the peer for ever",
                        real -> Wrapped.context(real, context -> new Wrapped.Context(context) {
                            @Override
                            public Duration connectTimeout() {
                                return Duration.ofHours(1);
                            }
                        })),
                offers("T3.9", "a stage of its own, cancelled alone", offer -> new Wrapped.OfferHalf(offer) {
                    @Override
                    public CompletionStage<Channel> connect(Signal answer) {
                        CompletableFuture<Channel> out = new CompletableFuture<>();
                        var unused = super.connect(answer)
                                .whenCompleteAsync(
                                        (channel, failure) -> {
                                            if (failure == null) {
                                                out.complete(channel);
                                            } else {
                                                out.completeExceptionally(failure);
                                            }
                                        },
                                        CompletableFuture.delayedExecutor(30, TimeUnit.MILLISECONDS));
                        return out;
                    }
                }),
                offers("T3.6", "closing an offer closes its channel", offer -> new Wrapped.OfferHalf(offer) {
                    private volatile Channel channel;

                    @Override
                    public CompletionStage<Channel> connect(Signal answer) {
                        return Wrapped.passed(super.connect(answer), opened -> {
                            channel = opened;
                            return opened;
                        });
                    }

                    @Override
                    public void close() {
                        super.close();
                        if (channel != null) {
                            channel.abort(new SyncException(ErrorKind.CANCELLED, "closed"));
                        }
                    }
                }),
                answers(
                        "T3.7",
                        "a closed transport leaves its exchanges pending",
                        answer -> new Wrapped.AnswerHalf(answer) {
                            private final CompletableFuture<Channel> channel = new CompletableFuture<>();
                            private boolean closed;

                            @Override
                            public CompletionStage<Channel> channel() {
                                var unused = super.channel().whenComplete((opened, failure) -> {
                                    if (failure == null) {
                                        channel.complete(opened);
                                    } else if (closed) {
                                        channel.completeExceptionally(failure);
                                    }
                                });
                                return channel;
                            }

                            @Override
                            public void close() {
                                closed = true;
                                super.close();
                            }
                        }));
    }
}
