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
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.MutantTransport.Subject;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryNetwork;
import dev.livesync.transport.support.Handover;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Unusual transports that keep every rule, each made of the memory transport and one freedom that the specification leaves. What
 * fails for one of them is a rule that asks for too much.
 */
final class PermittedTransports {
    private static final Duration A_LITTLE = Duration.ofMillis(3);

    private PermittedTransports() {}

    static List<Mutant<Subject>> all() {
        MemoryConfiguration usual = MemoryConfiguration.defaults();
        MemoryConfiguration unpressed = MemoryConfiguration.withoutBackpressure();
        return List.of(
                dialling("T5.7", "a send is done when its message was read", usual, RendezvousChannel::provider),
                dialling(
                        "T5.7",
                        "room for one message",
                        usual.toBuilder().buffer(1, 1).build(),
                        UnaryOperator.identity()),
                dialling(
                        "T5.8",
                        "a send is done late, and fails if the end comes first",
                        unpressed,
                        real -> opening(real, LateSends::new)),
                signalling(
                        "T5.8", "a send of a signalling transport is done late", real -> opening(real, LateSends::new)),
                dialling(
                        "T10.4",
                        "a thread of its own for each callback",
                        usual,
                        real -> Wrapped.context(real, PermittedTransports::manyThreads)),
                dialling(
                        "T10.4",
                        "one callback at a time, whatever the channel",
                        usual,
                        real -> Wrapped.context(real, PermittedTransports::oneAfterTheOther)),
                dialling("T2.6", "a dial is done when the acceptor has returned", usual, DialAfterAccept::provider),
                dialling("T2.1", "the acceptor is called after the dial is done", usual, AcceptAfterDial::provider),
                signalling("T3.1", "every stage of an exchange is done late", PermittedTransports::lateExchanges),
                Mutant.of("T8.1", "a break is noticed late", () -> {
                    MemoryNetwork network = new MemoryNetwork();
                    TransportProvider provider = network.provider(unpressed);
                    return new Subject(provider, provider, new LateCut(new MemoryWire(network)));
                }),
                dialling("T7.1", "an end is told late", usual, real -> Wrapped.channels(real, slowToEnd())),
                dialling(
                        "T7.8",
                        "an abort by the peer looks like its goodbye",
                        usual,
                        real -> Wrapped.channels(real, PermittedTransports::polite)),
                dialling(
                        "T7.14",
                        "every send after the end is told DISCONNECTED",
                        usual,
                        real -> Wrapped.channels(real, PermittedTransports::disconnected)),
                dialling(
                        "T4.9",
                        "the smallest maximum, and room for many such messages",
                        usual.toBuilder()
                                .maxMessageBytes(1024)
                                .buffer(100_000, 4 << 20)
                                .build(),
                        UnaryOperator.identity()),
                oneSided(
                        "T4.9",
                        "the near side sends less than the far one",
                        real -> Wrapped.channels(real, PermittedTransports::small)),
                dialling(
                        "T5.10",
                        "a queue of more than it must hold",
                        unpressed,
                        real -> Wrapped.context(real, PermittedTransports::roomy)));
    }

    private static Mutant<Subject> dialling(
            String rule, String name, MemoryConfiguration configuration, UnaryOperator<TransportProvider> unusual) {
        return TransportMutants.provider(rule, name, configuration, unusual);
    }

    private static Mutant<Subject> signalling(String rule, String name, UnaryOperator<TransportProvider> unusual) {
        return TransportMutants.signalling(rule, name, unusual);
    }

    /** Whose peer is as usual. */
    private static Mutant<Subject> oneSided(String rule, String name, UnaryOperator<TransportProvider> unusual) {
        return Mutant.of(rule, name, () -> {
            MemoryNetwork network = new MemoryNetwork();
            return new Subject(unusual.apply(network.provider()), network.provider(), new MemoryWire(network));
        });
    }

    /** Channels that need their transport's context. */
    static TransportProvider opening(TransportProvider real, ContextChannel unusual) {
        return new Wrapped.Provider(real) {
            @Override
            public Transport open(TransportContext context) {
                return Wrapped.channels(real, channel -> unusual.of(context, channel))
                        .open(context);
            }
        };
    }

    /** Makes a channel unusual. */
    interface ContextChannel {
        Channel of(TransportContext context, Channel real);
    }

    /** A send's stage waits a little on another thread. Meanwhile the answer may have come, or the end: then the send fails. */
    private static final class LateSends extends Wrapped.End {
        private static final int WAITING = 3;

        private final TransportContext context;
        private CompletableFuture<Void> outstanding = CompletableFuture.completedFuture(null);
        private int sent;
        private boolean closing;

        LateSends(TransportContext context, Channel real) {
            super(real);
            this.context = context;
        }

        @Override
        public synchronized CompletionStage<Void> send(Message message) {
            if (message != null && !closing && !outstanding.isDone()) {
                throw new IllegalStateException("the send before has not completed");
            }
            CompletableFuture<Void> sending = super.send(message).toCompletableFuture();
            if (sending.isCompletedExceptionally()) {
                return sending;
            }
            CompletableFuture<Void> late = new CompletableFuture<>();
            outstanding = late;
            boolean wait = sent++ < WAITING;
            var unused = sending.whenCompleteAsync(
                    (done, failure) -> {
                        if (failure != null) {
                            late.completeExceptionally(failure);
                        } else if (wait) {
                            var unusedTimer = context.scheduler().schedule(A_LITTLE, () -> late.complete(null));
                        } else {
                            late.complete(null);
                        }
                    },
                    task -> Handover.to(context.executor(), task));
            return late;
        }

        @Override
        public CompletionStage<Void> close() {
            synchronized (this) {
                closing = true;
            }
            return super.close();
        }

        private synchronized void ended(CloseReason reason) {
            if (!reason.equals(CloseReason.LOCAL)) {
                outstanding.completeExceptionally(
                        new SyncException(ErrorKind.DISCONNECTED, remote() + " has gone", reason.failure()));
            }
        }

        @Override
        ChannelListener wrap(ChannelListener listener) {
            return new Wrapped.Listener(listener) {
                @Override
                public void onClosed(CloseReason reason) {
                    ended(reason);
                    super.onClosed(reason);
                }
            };
        }
    }

    private static TransportContext manyThreads(TransportContext context) {
        AtomicInteger count = new AtomicInteger();
        return executing(
                context,
                task -> Leaks.own(task, "callback " + count.incrementAndGet()).start());
    }

    private static TransportContext oneAfterTheOther(TransportContext context) {
        Deque<Runnable> tasks = new ArrayDeque<>();
        AtomicBoolean running = new AtomicBoolean();
        return executing(context, task -> {
            synchronized (tasks) {
                tasks.add(task);
                if (running.getAndSet(true)) {
                    return;
                }
            }
            Handover.to(context.executor(), () -> {
                while (true) {
                    Runnable next;
                    synchronized (tasks) {
                        next = tasks.poll();
                        if (next == null) {
                            running.set(false);
                            return;
                        }
                    }
                    next.run();
                }
            });
        });
    }

    private static TransportContext executing(TransportContext context, Executor executor) {
        return new Wrapped.Context(context) {
            @Override
            public Executor executor() {
                return executor;
            }
        };
    }

    private static TransportContext roomy(TransportContext context) {
        return new Wrapped.Context(context) {
            @Override
            public int inboundQueueBytes() {
                return super.inboundQueueBytes() / 2 * 3;
            }
        };
    }

    /** The channel of a dial whose acceptor throws is not handed over at all: as where an HTTP upgrade is answered last. */
    private static final class DialAfterAccept extends Wrapped.Dialing {
        private final TransportContext context;
        /** Whether the acceptor took the channel, by its name, which both ends have. */
        private final Map<String, Boolean> accepted;

        private DialAfterAccept(TransportContext context, DialingTransport real, Map<String, Boolean> accepted) {
            super(real);
            this.context = context;
            this.accepted = accepted;
        }

        static TransportProvider provider(TransportProvider real) {
            Map<String, Boolean> accepted = new ConcurrentHashMap<>();
            return Wrapped.opening(real, (context, transport) -> new DialAfterAccept(context, transport, accepted));
        }

        @Override
        public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
            return super.listen(address, channel -> {
                boolean taken = false;
                try {
                    acceptor.accept(channel);
                    taken = true;
                } finally {
                    accepted.put(channel.remote(), taken);
                }
            });
        }

        @Override
        public CompletionStage<Channel> dial(String address) {
            CompletableFuture<Channel> real = super.dial(address).toCompletableFuture();
            CompletableFuture<Channel> out = new CompletableFuture<>();
            var unused = real.whenComplete((channel, failure) -> {
                if (failure != null) {
                    out.completeExceptionally(failure);
                } else {
                    answer(channel, out, 100);
                }
            });
            return cancelling(out, real);
        }

        private void answer(Channel channel, CompletableFuture<Channel> out, int patience) {
            Boolean taken = accepted.remove(channel.remote());
            if (taken == null && patience > 0) {
                var unused = context.scheduler().schedule(A_LITTLE, () -> answer(channel, out, patience - 1));
            } else if (Boolean.TRUE.equals(taken)) {
                handOver(channel, out);
            } else {
                SyncException refused = new SyncException(ErrorKind.REFUSED, channel.remote() + " was not accepted");
                channel.abort(refused);
                out.completeExceptionally(refused);
            }
        }
    }

    private static void handOver(Channel channel, CompletableFuture<Channel> out) {
        if (!out.complete(channel)) {
            channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + channel.remote()));
        }
    }

    private static <T> CompletableFuture<T> cancelling(CompletableFuture<T> out, CompletionStage<T> real) {
        var unused = out.whenComplete((done, failure) -> {
            if (out.isCancelled()) {
                real.toCompletableFuture().cancel(true);
            }
        });
        return out;
    }

    /** Whoever dialled may send, close and forget before the other side hears of it. */
    private static final class AcceptAfterDial extends Wrapped.Dialing {
        private final TransportContext context;
        private final List<Runnable> closers = new CopyOnWriteArrayList<>();

        private AcceptAfterDial(TransportContext context, DialingTransport real) {
            super(real);
            this.context = context;
        }

        static TransportProvider provider(TransportProvider real) {
            return Wrapped.opening(real, AcceptAfterDial::new);
        }

        @Override
        public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
            Object lock = new Object();
            AtomicBoolean closed = new AtomicBoolean();
            Runnable closer = () -> {
                synchronized (lock) {
                    closed.set(true);
                }
            };
            closers.add(closer);
            return Wrapped.passed(
                    super.listen(address, channel -> {
                        var unused = context.scheduler().schedule(A_LITTLE, () -> {
                            synchronized (lock) {
                                accept(channel, closed.get() ? AcceptAfterDial::refuse : acceptor);
                            }
                        });
                    }),
                    listening -> new Listening() {
                        @Override
                        public String address() {
                            return listening.address();
                        }

                        @Override
                        public void close() {
                            closer.run();
                            listening.close();
                        }
                    });
        }

        private static void refuse(Channel channel) {
            throw new IllegalStateException("nobody listens any more");
        }

        private static void accept(Channel channel, ChannelAcceptor acceptor) {
            try {
                acceptor.accept(channel);
            } catch (RuntimeException e) {
                channel.abort(new SyncException(ErrorKind.INTERNAL, "not accepted: " + e, e));
            }
        }

        @Override
        public void close() {
            closers.forEach(Runnable::run);
            super.close();
        }
    }

    private static TransportProvider lateExchanges(TransportProvider real) {
        return new Wrapped.Provider(real) {
            @Override
            public Transport open(TransportContext context) {
                return new Wrapped.Signalling((SignallingTransport) super.open(context)) {
                    @Override
                    Offer wrap(Offer offer) {
                        return new Wrapped.OfferHalf(offer) {
                            @Override
                            public CompletionStage<Channel> connect(Signal answer) {
                                return late(context, super.connect(answer));
                            }
                        };
                    }

                    @Override
                    public CompletionStage<Offer> offer() {
                        return late(context, super.offer());
                    }

                    @Override
                    public CompletionStage<Answer> accept(Signal offer) {
                        return late(context, super.accept(offer));
                    }
                };
            }
        };
    }

    private static <T> CompletionStage<T> late(TransportContext context, CompletionStage<T> real) {
        CompletableFuture<T> out = new CompletableFuture<>();
        var unused = real.whenComplete((done, failure) -> {
            var unusedTimer = context.scheduler().schedule(A_LITTLE, () -> {
                if (failure != null) {
                    out.completeExceptionally(failure);
                } else if (done instanceof Channel channel && out.isCancelled()) {
                    channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + channel.remote()));
                } else {
                    out.complete(done);
                }
            });
        });
        return cancelling(out, real);
    }

    /** The first few of a provider's: a kit that opens hundreds would take too long. */
    private static Function<Channel, Channel> slowToEnd() {
        AtomicInteger slow = new AtomicInteger();
        return channel -> Wrapped.reporting(channel, reason -> {
            if (slow.getAndIncrement() < 6) {
                LockSupport.parkNanos(50_000_000);
            }
            return reason;
        });
    }

    /** A wire on which nothing passes from the cut on, while neither side has noticed. */
    private record LateCut(MemoryWire real) implements Faults {
        @Override
        public void cut() {
            real.stall();
            var unused = CompletableFuture.runAsync(
                    real::cut, CompletableFuture.delayedExecutor(300, TimeUnit.MILLISECONDS));
        }

        @Override
        public void cutSometime(long seed) {
            real.cutSometime(seed);
        }

        @Override
        public void stall() {
            real.stall();
        }

        @Override
        public void resume() {
            real.resume();
        }

        @Override
        public void close() {
            real.close();
        }
    }

    private static Channel polite(Channel real) {
        return Wrapped.reporting(
                real,
                reason -> reason.initiator() == CloseReason.Initiator.FAILURE
                                && String.valueOf(reason.failure()).contains("the peer aborted it")
                        ? CloseReason.REMOTE
                        : reason);
    }

    private static Channel disconnected(Channel real) {
        return new Wrapped.End(real) {
            private final AtomicBoolean over = new AtomicBoolean();

            @Override
            public CompletionStage<Void> send(Message message) {
                CompletionStage<Void> sent = super.send(message);
                return over.get() ? Wrapped.failing(sent, failure -> told(failure)) : sent;
            }

            private Throwable told(Throwable failure) {
                return TransportMutants.is(ErrorKind.CLOSED, failure)
                        ? TransportMutants.as(ErrorKind.DISCONNECTED, failure)
                        : failure;
            }

            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onClosed(CloseReason reason) {
                        over.set(true);
                        super.onClosed(reason);
                    }
                };
            }
        };
    }

    private static Channel small(Channel real) {
        return new Wrapped.End(real) {
            @Override
            public int maxMessageBytes() {
                return 1024;
            }

            @Override
            public CompletionStage<Void> send(Message message) {
                return message != null && message.size() > 1024
                        ? CompletableFuture.failedFuture(new SyncException(
                                ErrorKind.LIMIT_EXCEEDED, message + " is over the limit of 1024 bytes"))
                        : super.send(message);
            }
        };
    }
}
