package dev.livesync.transport.jvmlibp2p;

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

/** What a transport has to end when it is closed: channels, listeners, dials. */
final class Belongings {
    /** For all of the close together. */
    private static final Duration PATIENCE = Duration.ofMillis(2_500);

    private final TransportContext context;
    private final Set<JvmChannel> channels = new LinkedHashSet<>();
    private final Set<Consumer<Duration>> endings = new LinkedHashSet<>();
    private boolean closed;

    Belongings(TransportContext context) {
        this.context = context;
    }

    TransportContext context() {
        return context;
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

    /** A dial's future, which fails when the transport closes, or when connecting takes too long. */
    CompletableFuture<Channel> attempt(Address address) {
        CompletableFuture<Channel> future = new CompletableFuture<>();
        Consumer<Duration> ending = patience -> future.completeExceptionally(Failures.closed());
        if (!onClose(ending)) {
            future.completeExceptionally(Failures.closed());
            return future;
        }
        TransportContext.Cancellable timer = context.scheduler()
                .schedule(
                        context.connectTimeout(),
                        () -> future.completeExceptionally(new SyncException(
                                ErrorKind.TIMEOUT,
                                address + " did not answer within "
                                        + context.connectTimeout().toMillis() + " ms")));
        var unused = future.whenComplete((channel, failure) -> {
            timer.cancel();
            forget(ending);
        });
        return future;
    }

    /** Takes a new channel in; it ends at once if the transport is closed. */
    void add(JvmChannel channel) {
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late) {
                channels.add(channel);
            }
        }
        if (late) {
            channel.abort(Failures.closed());
        }
    }

    synchronized void remove(JvmChannel channel) {
        channels.remove(channel);
    }

    /** Ends it all, and waits until every channel has said so. */
    void close() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<Consumer<Duration>> ends;
        List<JvmChannel> open;
        synchronized (this) {
            closed = true;
            ends = new ArrayList<>(endings);
            endings.clear();
        }
        ends.forEach(ending -> ending.accept(left(deadline)));
        synchronized (this) {
            open = new ArrayList<>(channels);
        }
        CompletableFuture<?>[] reports =
                open.stream().map(channel -> channel.shut(Failures.closed())).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(reports).get(left(deadline).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            System.getLogger(Belongings.class.getName())
                    .log(System.Logger.Level.WARNING, "a listener holds up the close of its channel", e);
        }
    }
}
