package dev.livesync.core.multiplex;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.FailedFutures;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The transport of one database: channels over connections that others use, too. Closing it ends what is this database's. */
final class NamedTransport implements DialingTransport {
    /** The time limit of the whole close. */
    private static final Duration PATIENCE = Duration.ofMillis(2_500);

    private final ConnectionPool pool;
    private final String name;
    private final TransportContext context;
    private final Set<NamedChannel> channels = new LinkedHashSet<>();
    private final Set<CompletableFuture<?>> pending = new LinkedHashSet<>();
    private final Set<Listening> listenings = new LinkedHashSet<>();
    private boolean closed;

    NamedTransport(ConnectionPool pool, String name, TransportContext context) {
        this.pool = pool;
        this.name = name;
        this.context = context;
    }

    @Override
    public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(acceptor, "acceptor");
        CompletableFuture<Listening> listen;
        try {
            requireOpen();
            listen = pool.listen(address, name, context, acceptor, this::add, this::remove);
        } catch (SyncException e) {
            return FailedFutures.of(e);
        }
        CompletableFuture<Listening> result = pending(new CompletableFuture<>());
        var unused = result.whenComplete((listening, thrown) -> {
            if (thrown != null && !listen.cancel(false) && !listen.isCompletedExceptionally()) {
                listen.join().close();
            }
        });
        var ignored = listen.whenComplete((listening, thrown) -> {
            if (thrown != null) {
                result.completeExceptionally(thrown);
            } else if (!result.complete(own(listening))) {
                listening.close();
            }
        });
        return result;
    }

    /** Notes a listening, so that it ends with this transport. */
    private Listening own(Listening listening) {
        OwnListening own = new OwnListening(listening);
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late) {
                listenings.add(own);
            }
        }
        if (late) {
            listening.close();
        }
        return own;
    }

    private final class OwnListening implements Listening {
        private final Listening listening;

        OwnListening(Listening listening) {
            this.listening = listening;
        }

        @Override
        public String address() {
            return listening.address();
        }

        @Override
        public void close() {
            synchronized (NamedTransport.this) {
                listenings.remove(this);
            }
            listening.close();
        }
    }

    @Override
    public CompletionStage<Channel> dial(String address) {
        Objects.requireNonNull(address, "address");
        CompletableFuture<Channel> attempt;
        try {
            requireOpen();
            attempt = pending(new CompletableFuture<>());
        } catch (SyncException e) {
            return FailedFutures.of(e);
        }
        TransportContext.Cancellable timer = context.scheduler()
                .schedule(
                        context.connectTimeout(),
                        () -> attempt.completeExceptionally(new SyncException(
                                ErrorKind.TIMEOUT,
                                address + " did not answer within "
                                        + context.connectTimeout().toMillis() + " ms")));
        var unused = attempt.whenComplete((channel, thrown) -> timer.cancel());
        try {
            pool.dial(address, name, new SharedConnection.ChannelDial(context, attempt, this::add, this::remove, null));
        } catch (SyncException e) {
            attempt.completeExceptionally(e);
        }
        return attempt;
    }

    private synchronized void requireOpen() {
        if (closed) {
            throw closedFailure();
        }
    }

    private static SyncException closedFailure() {
        return new SyncException(ErrorKind.CLOSED, "the transport is closed");
    }

    private <T> CompletableFuture<T> pending(CompletableFuture<T> future) {
        synchronized (this) {
            requireOpen();
            pending.add(future);
        }
        var unused = future.whenComplete((value, thrown) -> {
            synchronized (this) {
                pending.removeIf(each -> each == future);
            }
        });
        return future;
    }

    private void add(NamedChannel channel) {
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late) {
                channels.add(channel);
            }
        }
        if (late) {
            channel.abort(closedFailure());
        }
    }

    private synchronized void remove(NamedChannel channel) {
        channels.remove(channel);
    }

    @Override
    public void close() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<CompletableFuture<?>> waiting;
        List<Listening> open;
        List<NamedChannel> ends;
        synchronized (this) {
            closed = true;
            waiting = new ArrayList<>(pending);
            open = new ArrayList<>(listenings);
        }
        waiting.forEach(each -> each.completeExceptionally(closedFailure()));
        open.forEach(Listening::close);
        synchronized (this) {
            ends = new ArrayList<>(channels);
        }
        CompletableFuture<?>[] reports =
                ends.stream().map(channel -> channel.shut(closedFailure())).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(reports).get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            System.getLogger(NamedTransport.class.getName())
                    .log(System.Logger.Level.WARNING, "a listener holds up the close of its channel", e);
        }
    }
}
