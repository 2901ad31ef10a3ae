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
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.MutantTransport.Subject;
import dev.livesync.transport.memory.MemoryConfiguration;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Ends. */
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

    /** The reader's end forgets what it has not read when the other says goodbye. */
    private static TransportProvider abrupt(TransportProvider real) {
        Set<String> closing = ConcurrentHashMap.newKeySet();
        return Wrapped.channels(real, channel -> new Wrapped.End(channel) {
            private boolean closes;

            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onMessage(Message message) {
                        if (closes || !closing.contains(remote())) {
                            super.onMessage(message);
                        }
                    }
                };
            }

            @Override
            public CompletionStage<Void> close() {
                closes = true;
                closing.add(remote());
                return super.close();
            }
        });
    }

    private static Channel onceMoreAMessage(Channel real) {
        return new Wrapped.End(real) {
            private final AtomicLong room = new AtomicLong();

            @Override
            public void request(long messages) {
                super.request(messages);
                room.addAndGet(Math.min(messages, 1_000));
            }

            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onMessage(Message message) {
                        room.decrementAndGet();
                        super.onMessage(message);
                    }

                    @Override
                    public void onClosed(CloseReason reason) {
                        super.onClosed(reason);
                        if (reason.initiator() == Initiator.LOCAL && room.get() > 500) {
                            super.onMessage(Message.text("late"));
                        }
                    }
                };
            }
        };
    }

    private static Channel obliging(Channel real) {
        return new Wrapped.End(real) {
            private volatile boolean closing;

            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onClosed(CloseReason reason) {
                        closing = false;
                        super.onClosed(reason);
                    }
                };
            }

            @Override
            public CompletionStage<Void> close() {
                closing = true;
                return super.close();
            }

            @Override
            public CompletionStage<Void> send(Message message) {
                return closing ? CompletableFuture.completedFuture(null) : super.send(message);
            }
        };
    }

    private static Channel inattentive(Channel real) {
        return new Wrapped.End(real) {
            private boolean requested;
            private Runnable held = () -> {};

            @Override
            public void request(long messages) {
                super.request(messages);
                requested = true;
                held.run();
            }

            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onClosed(CloseReason reason) {
                        if (requested || reason.initiator() != Initiator.REMOTE) {
                            super.onClosed(reason);
                        } else {
                            held = () -> super.onClosed(reason);
                        }
                    }
                };
            }
        };
    }

    private static Channel forgetful(Channel real) {
        return new Wrapped.End(real) {
            private CompletionStage<Void> closed = new CompletableFuture<>();

            @Override
            public CompletionStage<Void> close() {
                closed = super.close();
                return closed;
            }

            @Override
            public void start(ChannelListener listener) {
                boolean over = closed.toCompletableFuture().isDone();
                super.start(
                        over
                                ? new Wrapped.Listener(listener) {
                                    @Override
                                    public void onClosed(CloseReason reason) {}
                                }
                                : listener);
            }
        };
    }

    /** Closes the transport when no callback runs, however long that takes, or does not look at all. */
    private static TransportProvider closingBeside(TransportProvider real, boolean waits) {
        AtomicInteger running = new AtomicInteger();
        return Wrapped.dialing(real, transport -> new Wrapped.Dialing(transport) {
            @Override
            Channel wrap(Channel channel) {
                return new Wrapped.End(channel) {
                    @Override
                    ChannelListener wrap(ChannelListener listener) {
                        return new Wrapped.Listener(listener) {
                            @Override
                            public void onMessage(Message message) {
                                running.incrementAndGet();
                                try {
                                    super.onMessage(message);
                                } finally {
                                    running.decrementAndGet();
                                }
                            }
                        };
                    }
                };
            }

            @Override
            public void close() {
                while (waits && running.get() > 0) {
                    LockSupport.parkNanos(1_000_000);
                }
                if (running.get() > 0) {
                    Leaks.own(super::close, "mutant").start();
                } else {
                    super.close();
                }
            }
        });
    }

    /** Does something of its own with what comes after a regular end. */
    private abstract static class Late extends Wrapped.End {
        private volatile boolean over;

        Late(Channel real) {
            super(real);
        }

        boolean isOver() {
            return over;
        }

        @Override
        ChannelListener wrap(ChannelListener listener) {
            return new Wrapped.Listener(listener) {
                @Override
                public void onClosed(CloseReason reason) {
                    over = reason.failure() == null;
                    super.onClosed(reason);
                }
            };
        }
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

    /** After the peer's goodbye it waits for what it has to be read, close or not. */
    private static TransportProvider conscientious(TransportProvider real) {
        Set<String> closing = ConcurrentHashMap.newKeySet();
        return Wrapped.channels(real, channel -> new Wrapped.End(channel) {
            private final AtomicLong left = new AtomicLong();
            private volatile boolean heard;

            @Override
            public void request(long messages) {
                super.request(messages);
                left.addAndGet(Math.min(messages, 1_000_000));
            }

            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onMessage(Message message) {
                        heard = true;
                        left.decrementAndGet();
                        super.onMessage(message);
                    }
                };
            }

            @Override
            public CompletionStage<Void> close() {
                if (!closing.add(remote()) && heard && left.get() == 0) {
                    return new CompletableFuture<>();
                }
                return super.close();
            }
        });
    }

    private static Channel patient(Channel real) {
        return new Wrapped.End(real) {
            @Override
            public CompletionStage<Void> send(Message message) {
                CompletableFuture<Void> sent = super.send(message).toCompletableFuture();
                if (sent.isDone()) {
                    return sent;
                }
                CompletableFuture<Void> told = new CompletableFuture<>();
                var unused = sent.whenComplete((done, failure) -> {
                    if (failure == null) {
                        told.complete(null);
                    } else if (!is(ErrorKind.DISCONNECTED, failure) || failure.getCause() != null) {
                        told.completeExceptionally(failure);
                    }
                });
                return told;
            }
        };
    }

    /** The timer of the opening, short ones only so that other rules' channels live. */
    private static TransportProvider timed(TransportProvider real) {
        return Wrapped.opening(real, (context, transport) -> new Wrapped.Dialing(transport) {
            @Override
            Channel wrap(Channel channel) {
                if (context.connectTimeout().compareTo(Duration.ofSeconds(3)) < 0) {
                    context.scheduler()
                            .schedule(
                                    context.connectTimeout(),
                                    () -> channel.abort(
                                            new SyncException(ErrorKind.TIMEOUT, "the dial took too long")));
                }
                return channel;
            }
        });
    }

    private static Channel dawdling(Channel real) {
        return new Wrapped.End(real) {
            private final AtomicBoolean closing = new AtomicBoolean();

            @Override
            public CompletionStage<Void> send(Message message) {
                return closing.get() ? refused() : super.send(message);
            }

            @Override
            public CompletionStage<Void> close() {
                closing.set(true);
                Executor later = CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS);
                return CompletableFuture.supplyAsync(real::close, later).thenCompose(closed -> closed);
            }
        };
    }

    private static CompletionStage<Void> refused() {
        return CompletableFuture.failedFuture(new SyncException(ErrorKind.CLOSED, "the channel is closed"));
    }

    private static Channel readingOn(TransportContext context, Channel real) {
        return new Wrapped.End(real) {
            private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
            private boolean closing;

            @Override
            public synchronized CompletionStage<Void> send(Message message) {
                if (closing) {
                    return refused();
                }
                last = super.send(message).toCompletableFuture();
                return last;
            }

            @Override
            public synchronized CompletionStage<Void> close() {
                closing = true;
                if (last.isDone()) {
                    return super.close();
                }
                TransportContext.Cancellable timer = context.scheduler()
                        .schedule(
                                context.closeTimeout(),
                                () -> abort(new SyncException(ErrorKind.TIMEOUT, "nobody reads")));
                return last.handle((done, failure) -> {
                            timer.cancel();
                            return real.close();
                        })
                        .thenCompose(closed -> closed);
            }
        };
    }

    static List<Mutant<Subject>> all() {
        MemoryConfiguration defaults = MemoryConfiguration.defaults();
        return List.of(
                provider("T7.15", "a close waits for what nobody will read", EndingMutants::conscientious),
                channel("T7.18", "closes a little later", EndingMutants::dawdling),
                provider(
                        "T7.18",
                        "reads on until its last send is out",
                        real -> PermittedTransports.opening(real, EndingMutants::readingOn)),
                channel("T7.16", "a send waits for a peer that has closed", EndingMutants::patient),
                provider("T7.17", "the timer of a dial ends its channel", EndingMutants::timed),
                channel("T7.1", "reports its close twice", EndingMutants::onceMore),
                channel("T7.1", "delivers after it has closed", EndingMutants::onceMoreAMessage),
                provider("T7.2", "a close drops what is buffered", EndingMutants::abrupt),
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
                        // The transport's close can't report it, either.
                        "T7.11"),
                channel("T7.4", "takes a send while it closes", EndingMutants::obliging),
                channel(
                        "T7.5",
                        "looks for the peer's close only when it is asked for messages",
                        EndingMutants::inattentive),
                channel("T7.6", "close is not idempotent", EndingMutants::late),
                context("T7.7", "drains for ever", defaults, context -> new Wrapped.Context(context) {
                    @Override
                    public Duration closeTimeout() {
                        return Duration.ofHours(1);
                    }
                }),
                channel("T7.8", "an abort that closes in order", real -> new Wrapped.End(real) {
                    @Override
                    public void abort(SyncException reason) {
                        var unused = super.close();
                    }
                }),
                channel("T7.9", "a close can't be cut short", EndingMutants::stubborn),
                channel("T7.10", "forgets an end before the start", EndingMutants::forgetful),
                provider("T7.11", "a transport that can't be closed twice", EndingMutants::closingOnce),
                channel(
                        "T7.11",
                        "a closed transport doesn't say so to its channels",
                        real -> Wrapped.reporting(
                                real, reason -> is(ErrorKind.CLOSED, reason.failure()) ? null : reason)),
                provider("T7.12", "waits for a callback for ever", real -> closingBeside(real, true)),
                provider("T7.12", "does not wait for a callback", real -> closingBeside(real, false)),
                channel(
                        "T7.13",
                        "a close is done before it has begun",
                        real -> closing(real, channel -> {
                            Leaks.own(() -> channel.close(), "mutant").start();
                            return CompletableFuture.completedFuture(null);
                        })),
                channel("T7.14", "a late send fails as a defect", real -> new Late(real) {
                    @Override
                    public CompletionStage<Void> send(Message message) {
                        return isOver()
                                ? CompletableFuture.failedFuture(new SyncException(ErrorKind.INTERNAL, "over"))
                                : super.send(message);
                    }
                }),
                channel(
                        "T7.14",
                        "a late request throws",
                        real -> new Late(real) {
                            @Override
                            public void request(long messages) {
                                if (isOver()) {
                                    throw new IllegalStateException("over");
                                }
                                super.request(messages);
                            }
                        },
                        // It makes its requests when the end is reported.
                        "T7.10"));
    }
}
