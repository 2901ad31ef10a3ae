package dev.livesync.tck;

import static dev.livesync.tck.TransportMutants.channel;
import static dev.livesync.tck.TransportMutants.context;
import static dev.livesync.tck.TransportMutants.provider;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.tck.MutantTransport.Subject;
import dev.livesync.transport.memory.MemoryConfiguration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Requesting and sending. */
final class FlowMutants {
    private FlowMutants() {}

    private static Channel eager(Channel real) {
        return new Wrapped.End(real) {
            @Override
            public void start(ChannelListener listener) {
                super.start(listener);
                super.request(1);
            }
        };
    }

    private static Channel generous(Channel real) {
        return new Wrapped.End(real) {
            @Override
            public void request(long messages) {
                super.request(messages);
                super.request(1_000_000);
            }
        };
    }

    private static Channel queueing(Channel real, boolean admits) {
        return new Wrapped.End(real) {
            private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

            @Override
            public synchronized CompletionStage<Void> send(Message message) {
                if (last.isDone()) {
                    last = super.send(message).toCompletableFuture();
                } else {
                    last = last.thenCompose(done -> super.send(message).toCompletableFuture());
                }
                return admits || last.isCompletedExceptionally() ? last : CompletableFuture.completedFuture(null);
            }
        };
    }

    private static Channel forgetting(Channel real) {
        return new Wrapped.End(real) {
            private int large;

            @Override
            public CompletionStage<Void> send(Message message) {
                CompletionStage<Void> done = super.send(message);
                return message.size() == maxMessageBytes() && ++large == 50 ? new CompletableFuture<>() : done;
            }
        };
    }

    private static Channel dropping(Channel real) {
        return new Wrapped.End(real) {
            private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

            @Override
            public synchronized CompletionStage<Void> send(Message message) {
                boolean empty = message != null && message.size() == 0;
                if (empty && !last.isDone()) {
                    return CompletableFuture.completedFuture(null); // and that was it
                }
                CompletableFuture<Void> sent = super.send(message).toCompletableFuture();
                if (!empty) {
                    return sent;
                }
                last = sent;
                return sent.isCompletedExceptionally() ? sent : CompletableFuture.completedFuture(null);
            }
        };
    }

    /** Adds a request to what it has read before: another thread's, meanwhile, is lost. */
    private static Channel racing(Channel real) {
        return new Wrapped.End(real) {
            private final AtomicBoolean adding = new AtomicBoolean();

            @Override
            public void request(long messages) {
                if (messages != 1) {
                    super.request(messages);
                } else if (adding.compareAndSet(false, true)) {
                    LockSupport.parkNanos(1_000);
                    super.request(messages);
                    adding.set(false);
                }
            }
        };
    }

    /** Notes that more was requested in a callback, and not how often. */
    private static Channel noting(Channel real) {
        return new Wrapped.End(real) {
            private volatile Thread inside;
            private boolean noted;

            @Override
            public void request(long messages) {
                boolean mine = inside == Thread.currentThread();
                if (!mine || !noted || messages != 1) {
                    super.request(messages);
                }
                noted |= mine;
            }

            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onMessage(Message message) {
                        noted = false;
                        inside = Thread.currentThread();
                        try {
                            super.onMessage(message);
                        } finally {
                            inside = null;
                        }
                    }
                };
            }
        };
    }

    private static Channel narrow(Channel real) {
        return new Wrapped.End(real) {
            @Override
            public void request(long messages) {
                if (messages < 1 || messages == Long.MAX_VALUE || (int) messages > 0) {
                    super.request(messages);
                }
            }
        };
    }

    private static Channel lenient(Channel real) {
        return new Wrapped.End(real) {
            private int empty;

            @Override
            public CompletionStage<Void> send(Message message) {
                return message != null && message.size() == 0 && ++empty > 10_000
                        ? CompletableFuture.completedFuture(null)
                        : super.send(message);
            }
        };
    }

    static List<Mutant<Subject>> all() {
        MemoryConfiguration unpressed = MemoryConfiguration.withoutBackpressure();
        return List.of(
                channel("T5.15", "keeps empty messages without end, and none of them gets lost", HoardingChannel::new),
                channel("T5.13", "two threads' requests at once count as one", FlowMutants::racing),
                channel("T5.13", "requests in one callback count as one", FlowMutants::noting),
                channel("T5.13", "a count of 32 bits", FlowMutants::narrow),
                provider(
                        "T5.14",
                        "empty messages cost nothing",
                        unpressed,
                        real -> Wrapped.channels(real, FlowMutants::lenient)),
                channel("T5.1", "delivers before it is asked to", FlowMutants::eager),
                channel("T5.2", "ignores requests after the first", FlowMutants::generous),
                channel("T5.3", "takes a request for nothing", real -> new Wrapped.End(real) {
                    @Override
                    public void request(long messages) {
                        super.request(Math.max(1, messages));
                    }
                }),
                channel("T5.4", "can be started twice", real -> new Wrapped.End(real) {
                    private boolean started;

                    @Override
                    public void start(ChannelListener listener) {
                        if (!started) {
                            started = true;
                            super.start(listener);
                        }
                    }
                }),
                channel("T5.5", "forgets requests made before the start", real -> new Wrapped.End(real) {
                    private boolean started;

                    @Override
                    public void start(ChannelListener listener) {
                        started = true;
                        super.start(listener);
                    }

                    @Override
                    public void request(long messages) {
                        if (started) {
                            super.request(messages);
                        }
                    }
                }),
                channel("T5.6", "takes a send beside another", real -> queueing(real, true)),
                channel("T5.7", "sends are done at once", real -> queueing(real, false)),
                provider("T5.7", "claims backpressure and has none", unpressed, real -> new Wrapped.Provider(real) {
                    @Override
                    public Set<TransportFeature> features() {
                        return Set.of(TransportFeature.INBOUND_BACKPRESSURE);
                    }
                }),
                channel("T5.8", "forgets to complete a send", FlowMutants::forgetting),
                context(
                        "T5.9",
                        "an inbound queue that is too short",
                        unpressed,
                        context -> new Wrapped.Context(context) {
                            @Override
                            public int inboundQueueBytes() {
                                return super.inboundQueueBytes() / 4 * 3;
                            }
                        }),
                context("T5.10", "an inbound queue without end", unpressed, context -> new Wrapped.Context(context) {
                    @Override
                    public int inboundQueueBytes() {
                        return Integer.MAX_VALUE;
                    }
                }),
                channel("T5.12", "calls an empty message sent while the wire is full", FlowMutants::dropping),
                channel("T5.11", "takes null for a failure of the wire", real -> new Wrapped.End(real) {
                    @Override
                    public CompletionStage<Void> send(Message message) {
                        return message == null
                                ? CompletableFuture.failedFuture(new SyncException(ErrorKind.INTERNAL, "null"))
                                : super.send(message);
                    }
                }));
    }
}
