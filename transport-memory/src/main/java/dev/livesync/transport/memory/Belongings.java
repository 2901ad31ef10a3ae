package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.TransportContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** What a transport has to end when it is closed, in the order in which it came: channels, attempts, and whatever else. */
final class Belongings {
    /** For all of the close together. */
    private static final Duration PATIENCE = Duration.ofMillis(2_500);

    private final MemoryEnd end;
    private final Set<MemoryChannel> channels = new LinkedHashSet<>();
    private final Set<Consumer<Duration>> endings = new LinkedHashSet<>();
    private boolean closed;

    Belongings(TransportContext context, MemoryConfiguration configuration) {
        this.end = new MemoryEnd(context, configuration, this::remove);
    }

    MemoryEnd end() {
        return end;
    }

    private static Duration left(long deadline) {
        return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
    }

    /** Keeps an action for the close, which says how long it may take; false if the transport is closed already. */
    synchronized boolean onClose(Consumer<Duration> ending) {
        return !closed && endings.add(ending);
    }

    synchronized void forget(Consumer<Duration> ending) {
        endings.remove(ending);
    }

    /** A future that fails when the transport closes, or when connecting takes too long. */
    CompletableFuture<Channel> attempt(String what) {
        CompletableFuture<Channel> future = new CompletableFuture<>();
        Consumer<Duration> ending = patience -> future.completeExceptionally(closedFailure());
        if (!onClose(ending)) {
            future.completeExceptionally(closedFailure());
            return future;
        }
        TransportContext.Cancellable timer = end.context()
                .scheduler()
                .schedule(
                        end.context().connectTimeout(),
                        () -> future.completeExceptionally(
                                new SyncException(ErrorKind.TIMEOUT, what + " did not answer in time")));
        var unused = future.whenComplete((channel, failure) -> {
            timer.cancel();
            forget(ending);
        });
        return future;
    }

    /** Hands a channel over on the transport's executor; one that nobody wants any more is aborted. */
    void deliver(MemoryChannel channel, CompletableFuture<Channel> to) {
        end.context().executor().execute(() -> {
            if (!to.complete(channel)) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + channel.remote()));
            }
        });
    }

    /** Takes a new channel in; it ends at once if the transport is closed. */
    void add(MemoryChannel channel) {
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

    void close() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<Consumer<Duration>> ends;
        List<MemoryChannel> open;
        synchronized (this) {
            closed = true;
            ends = new ArrayList<>(endings);
            endings.clear();
            open = new ArrayList<>(channels);
        }
        ends.forEach(ending -> ending.accept(left(deadline)));
        CompletableFuture<?>[] reports =
                open.stream().map(channel -> channel.shut(closedFailure())).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(reports).get(left(deadline).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            System.getLogger(Belongings.class.getName())
                    .log(System.Logger.Level.WARNING, "a listener holds up the close of its channel", e);
        }
    }

    static SyncException closedFailure() {
        return new SyncException(ErrorKind.CLOSED, "the memory transport is closed");
    }

    private synchronized void remove(MemoryChannel channel) {
        channels.remove(channel);
    }
}
