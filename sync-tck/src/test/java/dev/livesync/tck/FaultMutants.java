package dev.livesync.tck;

import static dev.livesync.tck.TransportMutants.channel;
import static dev.livesync.tck.TransportMutants.is;
import static dev.livesync.tck.TransportMutants.provider;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.CloseReason.Initiator;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.MutantTransport.Subject;
import dev.livesync.transport.memory.MemoryNetwork;
import java.io.Closeable;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

/** Broken wires, and what is left behind. */
final class FaultMutants {
    private FaultMutants() {}

    /** A memory network's wire that says whether it stands still. */
    private static final class Watched implements Faults {
        private final Faults real;
        private volatile boolean stalled;

        Watched(Faults real) {
            this.real = real;
        }

        boolean isStalled() {
            return stalled;
        }

        @Override
        public void cut() {
            real.cut();
        }

        @Override
        public void cutSometime(long seed) {
            real.cutSometime(seed);
        }

        @Override
        public void stall() {
            stalled = true;
            real.stall();
        }

        @Override
        public void resume() {
            stalled = false;
            real.resume();
        }

        @Override
        public void close() {
            real.close();
        }
    }

    /** A transport whose channels break something while the wire stands still. */
    private static Mutant<Subject> stalling(
            String rule, String name, BiFunction<Channel, BooleanSupplier, Channel> broken) {
        return Mutant.of(rule, name, () -> {
            MemoryNetwork network = new MemoryNetwork();
            Watched wire = new Watched(new MemoryWire(network));
            TransportProvider provider =
                    Wrapped.channels(network.provider(), channel -> broken.apply(channel, wire::isStalled));
            return new Subject(provider, provider, wire);
        });
    }

    /** A handshake that is under way when its listener closes ends at the acceptor all the same. */
    private static Mutant<Subject> lateAcceptor() {
        return Mutant.of("T2.12", "accepts whose handshake ends after the listener", () -> {
            MemoryNetwork network = new MemoryNetwork();
            Watched wire = new Watched(new MemoryWire(network));
            TransportProvider provider = Wrapped.dialing(network.provider(), real -> new Wrapped.Dialing(real) {
                @Override
                public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                    return Wrapped.passed(super.listen(address, acceptor), listening -> new Listening() {
                        @Override
                        public String address() {
                            return listening.address();
                        }

                        @Override
                        public void close() {
                            boolean underWay = wire.isStalled();
                            listening.close();
                            if (underWay) {
                                Leaks.own(() -> acceptLate(real, acceptor, wire), "mutant")
                                        .start();
                            }
                        }
                    });
                }
            });
            return new Subject(provider, provider, wire);
        });
    }

    private static void acceptLate(DialingTransport real, ChannelAcceptor acceptor, Watched wire) {
        while (wire.isStalled()) {
            LockSupport.parkNanos(100_000);
        }
        var unused = real.listen("memory:", acceptor).thenCompose(other -> real.dial(other.address()));
    }

    private static Channel swallowing(Channel real) {
        return new Wrapped.End(real) {
            private volatile boolean regular;

            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onClosed(CloseReason reason) {
                        regular = reason.failure() == null;
                        super.onClosed(reason);
                    }
                };
            }

            @Override
            public CompletionStage<Void> send(Message message) {
                CompletableFuture<Void> done = super.send(message).toCompletableFuture();
                boolean swallow = !regular
                        && done.isCompletedExceptionally()
                        && is(ErrorKind.DISCONNECTED, done.handle((ok, e) -> e).join());
                return swallow ? CompletableFuture.completedFuture(null) : done;
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
                Thread thread = new Thread(() -> ProviderMutants.sleep(20_000), "leaked");
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
                return new Wrapped.Dialing((DialingTransport) super.open(context)) {
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

    private static CloseReason remote(CloseReason reason) {
        return reason.initiator() == Initiator.FAILURE && is(ErrorKind.DISCONNECTED, reason.failure())
                ? CloseReason.REMOTE
                : reason;
    }

    /** All channels write in turns, and a turn ends when the send is over. */
    private static TransportProvider oneWriter(TransportProvider real) {
        AtomicReference<Channel> writer = new AtomicReference<>();
        AtomicReference<CompletableFuture<Void>> turn = new AtomicReference<>(CompletableFuture.completedFuture(null));
        return Wrapped.channels(real, channel -> new Wrapped.End(channel) {
            @Override
            public CompletionStage<Void> send(Message message) {
                CompletableFuture<Void> before = turn.get();
                if (!before.isDone() && writer.get() != this) {
                    return before.handle((none, failure) -> "its turn").thenCompose(ours -> super.send(message));
                }
                CompletableFuture<Void> sent = super.send(message).toCompletableFuture();
                if (!sent.isDone()) {
                    writer.set(this);
                    turn.set(sent);
                }
                return sent;
            }
        });
    }

    private static TransportProvider timing(TransportProvider real) {
        return Wrapped.opening(real, (context, transport) -> new Wrapped.Dialing(transport) {
            @Override
            public CompletionStage<Channel> dial(String address) {
                context.scheduler().schedule(context.connectTimeout(), () -> {});
                return super.dial(address);
            }
        });
    }

    /** A transport that opens a file for each dial that ends so, or otherwise, and forgets it. */
    private static TransportProvider opensFiles(TransportProvider real, boolean failed) {
        return Wrapped.dialing(real, transport -> new Wrapped.Dialing(transport) {
            private final List<Closeable> open = new CopyOnWriteArrayList<>(); // or the collector would close them

            @Override
            public CompletionStage<Channel> dial(String address) {
                return failed
                        ? Wrapped.failing(super.dial(address), this::opened)
                        : Wrapped.passed(super.dial(address), this::opened);
            }

            private <T> T opened(T result) {
                try {
                    open.add(new FileInputStream(
                            Path.of(System.getProperty("java.home"), "release").toFile()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return result;
            }
        });
    }

    static List<Mutant<Subject>> all() {
        return List.of(
                provider("T10.8", "a channel's end leaves a file open", real -> opensFiles(real, false)),
                provider("T10.8", "a dial that fails leaves a file open", real -> opensFiles(real, true)),
                lateAcceptor(),
                provider("T10.5", "one writer for all channels", FaultMutants::oneWriter),
                provider("T10.6", "remembers every channel", real -> {
                    Map<Channel, Channel> all = new ConcurrentHashMap<>();
                    return Wrapped.channels(real, channel -> all.computeIfAbsent(channel, same -> same));
                }),
                provider("T10.7", "leaves the timer of a dial to itself", FaultMutants::timing),
                channel("T8.1", "takes a cut for a close", real -> Wrapped.reporting(real, FaultMutants::remote)),
                channel("T8.2", "swallows a failed send", FaultMutants::swallowing),
                stalling("T8.3", "a close waits for the peer's goodbye", (real, stalled) -> new Wrapped.End(real) {
                    @Override
                    public CompletionStage<Void> close() {
                        return stalled.getAsBoolean() ? new CompletableFuture<>() : super.close();
                    }
                }),
                stalling(
                        "T8.4",
                        "sends again what a slow wire has not confirmed",
                        (real, stalled) -> new Wrapped.End(real) {
                            @Override
                            public CompletionStage<Void> send(Message message) {
                                CompletionStage<Void> done = super.send(message);
                                return stalled.getAsBoolean() ? done.thenCompose(once -> super.send(message)) : done;
                            }
                        }),
                channel("T8.5", "delivers what had not arrived whole", FaultMutants::torn),
                provider("T10.1", "leaks a thread", FaultMutants::leaking),
                provider("T10.2", "throws in a task", FaultMutants::throwing),
                provider("T10.3", "one channel waits for another", FaultMutants::crowded));
    }
}
