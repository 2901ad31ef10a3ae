package dev.livesync.tck;

import static dev.livesync.tck.TransportMutants.channel;
import static dev.livesync.tck.TransportMutants.context;
import static dev.livesync.tck.TransportMutants.is;
import static dev.livesync.tck.TransportMutants.provider;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.CloseReason.Initiator;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.MutantTransport.Subject;
import dev.livesync.transport.memory.MemoryConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Ends, faults, resources. */
final class EndingMutants {
    private EndingMutants() {}

    private static Channel closing(Channel real, java.util.function.Function<Channel, CompletionStage<Void>> close) {
        return new Wrapped.End(real) {
            @Override
            public CompletionStage<Void> close() {
                return close.apply(real);
            }
        };
    }

    private static Channel onceMore(Channel real) {
        return new Wrapped.End(real) {
            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onClosed(CloseReason reason) {
                        super.onClosed(reason);
                        super.onClosed(reason);
                    }
                };
            }
        };
    }

    /** Closes by an abort and calls it a close, on both sides. */
    private static Channel abrupt(Channel real) {
        return new Wrapped.End(Wrapped.reporting(
                real,
                reason -> reason.failure() != null
                                && "abrupt".equals(reason.failure().getMessage())
                        ? CloseReason.LOCAL
                        : reason.initiator() == Initiator.FAILURE
                                        && String.valueOf(reason.failure().getMessage())
                                                .contains("aborted")
                                ? CloseReason.REMOTE
                                : reason)) {
            @Override
            public CompletionStage<Void> close() {
                super.abort(new SyncException(ErrorKind.CANCELLED, "abrupt"));
                return super.close();
            }
        };
    }

    private static Channel late(Channel real) {
        return new Wrapped.End(real) {
            private boolean closed;

            @Override
            public CompletionStage<Void> close() {
                if (closed) {
                    throw new IllegalStateException("closed before");
                }
                closed = true;
                return super.close();
            }
        };
    }

    private static Channel stubborn(Channel real) {
        return new Wrapped.End(real) {
            private boolean closing;

            @Override
            public CompletionStage<Void> close() {
                closing = true;
                return super.close();
            }

            @Override
            public void abort(SyncException reason) {
                if (!closing) {
                    super.abort(reason);
                }
            }
        };
    }

    private static Channel torn(Channel real) {
        return new Wrapped.End(real) {
            private volatile boolean unbounded;

            @Override
            public void request(long messages) {
                unbounded |= messages == Long.MAX_VALUE;
                super.request(messages);
            }

            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onClosed(CloseReason reason) {
                        if (unbounded && reason.initiator() == Initiator.FAILURE) {
                            super.onMessage(Message.binary(new byte[9_999]));
                        }
                        super.onClosed(reason);
                    }
                };
            }
        };
    }

    private static TransportProvider leaking(TransportProvider real) {
        AtomicInteger channels = new AtomicInteger();
        return Wrapped.channels(real, channel -> {
            if (channels.incrementAndGet() == 6) {
                Thread thread = new Thread(() -> ProviderMutants.sleep(4_000), "leaked");
                thread.setDaemon(true);
                thread.start();
            }
            return channel;
        });
    }

    private static TransportProvider throwing(TransportProvider real) {
        return new Wrapped.Provider(real) {
            @Override
            public Transport open(TransportContext context) {
                return new Wrapped.Dialing((dev.livesync.api.transport.DialingTransport) super.open(context)) {
                    @Override
                    Channel wrap(Channel channel) {
                        return new Wrapped.End(channel) {
                            @Override
                            public void abort(SyncException reason) {
                                super.abort(reason);
                                context.executor().execute(() -> {
                                    throw new IllegalStateException("a task threw");
                                });
                            }
                        };
                    }
                };
            }
        };
    }

    private static TransportProvider crowded(TransportProvider real) {
        AtomicInteger channels = new AtomicInteger();
        return Wrapped.channels(real, channel -> {
            int number = channels.incrementAndGet();
            return new Wrapped.End(channel) {
                @Override
                public CompletionStage<Void> send(Message message) {
                    // The channels before this one have the loop for themselves.
                    return number > 22 ? new CompletableFuture<>() : super.send(message);
                }
            };
        });
    }

    private static TransportProvider closingOnce(TransportProvider real) {
        return Wrapped.dialing(real, transport -> new Wrapped.Dialing(transport) {
            private boolean closed;

            @Override
            public void close() {
                if (closed) {
                    throw new IllegalStateException("closed before");
                }
                closed = true;
                super.close();
            }
        });
    }

    private static CloseReason remote(CloseReason reason) {
        return reason.initiator() == Initiator.FAILURE && is(ErrorKind.DISCONNECTED, reason.failure())
                ? CloseReason.REMOTE
                : reason;
    }

    static List<Mutant<Subject>> all() {
        MemoryConfiguration defaults = MemoryConfiguration.defaults();
        return List.of(
                channel("T7.1", "reports its close twice", EndingMutants::onceMore),
                channel("T7.2", "a close drops what is buffered", EndingMutants::abrupt, "T7.7", "T7.9"),
                channel(
                        "T7.3",
                        "takes a close for an accident",
                        real -> Wrapped.reporting(
                                real,
                                reason -> reason.initiator() == Initiator.REMOTE
                                        ? CloseReason.failed(new SyncException(ErrorKind.DISCONNECTED, "gone"))
                                        : reason)),
                channel(
                        "T7.3",
                        "never signals a remote close",
                        real -> Wrapped.reporting(
                                real, reason -> reason.initiator() == Initiator.REMOTE ? null : reason),
                        "T7.2",
                        "T7.11",
                        "T2.7",
                        "T6.2",
                        "T6.4"),
                channel("T7.6", "close is not idempotent", EndingMutants::late, "T10.2"),
                context("T7.7", "drains for ever", defaults, context -> new Wrapped.Context(context) {
                    @Override
                    public Duration closeTimeout() {
                        return Duration.ofHours(1);
                    }
                }),
                channel(
                        "T7.8",
                        "an abort that closes in order",
                        real -> new Wrapped.End(real) {
                            @Override
                            public void abort(SyncException reason) {
                                var unused = super.close();
                            }
                        },
                        "T2.6",
                        "T6.4"),
                channel("T7.9", "a close can't be cut short", EndingMutants::stubborn),
                provider("T7.11", "a transport that can't be closed twice", EndingMutants::closingOnce, "T10.2"),
                channel(
                        "T7.11",
                        "a closed transport doesn't say so to its channels",
                        real -> Wrapped.reporting(
                                real, reason -> is(ErrorKind.CLOSED, reason.failure()) ? null : reason)),
                channel(
                        "T7.13",
                        "a close is done before it has begun",
                        real -> closing(real, channel -> {
                            Leaks.own(() -> channel.close(), "mutant").start();
                            return CompletableFuture.completedFuture(null);
                        }),
                        "T7.4",
                        "T7.9",
                        "T4.9",
                        "T2.7"),
                channel(
                        "T7.14",
                        "a late request throws",
                        real -> new Wrapped.End(real) {
                            private boolean ended;

                            @Override
                            ChannelListener wrap(ChannelListener listener) {
                                return new Wrapped.Listener(listener) {
                                    @Override
                                    public void onClosed(CloseReason reason) {
                                        ended = true;
                                        super.onClosed(reason);
                                    }
                                };
                            }

                            @Override
                            public void request(long messages) {
                                if (ended) {
                                    throw new IllegalStateException("ended");
                                }
                                super.request(messages);
                            }
                        },
                        "T7.9",
                        "T7.2",
                        "T7.4"),
                channel("T8.1", "takes a cut for a close", real -> Wrapped.reporting(real, EndingMutants::remote)),
                channel(
                        "T8.2",
                        "swallows a failed send",
                        real -> new Wrapped.End(real) {
                            @Override
                            public CompletionStage<Void> send(Message message) {
                                CompletionStage<Void> done = super.send(message);
                                return done.toCompletableFuture().isCompletedExceptionally()
                                                && is(
                                                        ErrorKind.DISCONNECTED,
                                                        done.handle((ok, e) -> e)
                                                                .toCompletableFuture()
                                                                .join())
                                        ? CompletableFuture.completedFuture(null)
                                        : done;
                            }
                        },
                        "T7.14",
                        "T8.6"),
                channel("T8.5", "delivers what had not arrived whole", EndingMutants::torn, "T5.1", "T5.2"),
                provider("T10.1", "leaks a thread", EndingMutants::leaking),
                provider("T10.2", "throws in a task", EndingMutants::throwing),
                provider("T10.3", "one channel waits for another", EndingMutants::crowded));
    }
}
