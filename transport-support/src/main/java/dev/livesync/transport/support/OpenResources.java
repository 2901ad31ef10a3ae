package dev.livesync.transport.support;

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
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The open channels, listeners and dials of a transport, which it ends when it is closed, in the order in which they were opened. For all
 * threads.
 *
 * @param <C> the transport's channels
 */
public final class OpenResources<C extends Channel> {
    /** The time limit of the whole close. */
    private static final Duration PATIENCE = Duration.ofMillis(2_500);

    private final TransportContext context;
    private final Supplier<SyncException> closedFailure;
    private final BiFunction<C, SyncException, CompletableFuture<?>> shut;
    private final Set<C> channels = new LinkedHashSet<>();
    private final Set<Consumer<Duration>> endings = new LinkedHashSet<>();
    private boolean closed;

    /**
     * Creates the set; nothing is open yet.
     *
     * @param context the core's
     * @param closedFailure creates the failure of calls that come after the close or still wait then
     * @param shut ends a channel at once for the given reason; what it returns completes once the channel has reported its close
     */
    public OpenResources(
            TransportContext context,
            Supplier<SyncException> closedFailure,
            BiFunction<C, SyncException, CompletableFuture<?>> shut) {
        this.context = context;
        this.closedFailure = closedFailure;
        this.shut = shut;
    }

    /**
     * The core's executor, scheduler and limits.
     *
     * @return as given
     */
    public TransportContext context() {
        return context;
    }

    private static Duration left(long deadline) {
        return Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
    }

    /**
     * Registers an action for the close.
     *
     * @param ending called once, by whoever closes, with the time that it may take
     * @return false if the transport is closed already, and the action won't be called
     */
    public synchronized boolean onClose(Consumer<Duration> ending) {
        return !closed && endings.add(ending);
    }

    /**
     * Removes an action; no error if it isn't registered.
     *
     * @param ending as given to {@link #onClose}
     */
    public synchronized void forget(Consumer<Duration> ending) {
        endings.remove(ending);
    }

    /**
     * Creates a dial's future, which fails when the transport closes, or when connecting takes too long.
     *
     * @param address whom it is for, as the error names it
     * @return a new one
     */
    public CompletableFuture<Channel> attempt(Object address) {
        CompletableFuture<Channel> future = new CompletableFuture<>();
        Consumer<Duration> ending = patience -> future.completeExceptionally(closedFailure.get());
        if (!onClose(ending)) {
            future.completeExceptionally(closedFailure.get());
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

    /**
     * Adds a channel; if the transport is closed, the channel is aborted at once.
     *
     * @param channel not added before
     */
    public void add(C channel) {
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late) {
                channels.add(channel);
            }
        }
        if (late) {
            channel.abort(closedFailure.get());
        }
    }

    /**
     * Removes a channel that has reported its close.
     *
     * @param channel no error if it isn't here
     */
    public synchronized void remove(C channel) {
        channels.remove(channel);
    }

    /** Ends everything, and waits for at most 2.5 seconds until every channel has reported its close. Idempotent. */
    public void close() {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        List<Consumer<Duration>> ends;
        List<C> open;
        synchronized (this) {
            closed = true;
            ends = new ArrayList<>(endings);
            endings.clear();
        }
        ends.forEach(ending -> ending.accept(left(deadline)));
        synchronized (this) {
            open = new ArrayList<>(channels);
        }
        CompletableFuture<?>[] reports = open.stream()
                .map(channel -> shut.apply(channel, closedFailure.get()))
                .toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(reports).get(left(deadline).toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            System.getLogger(OpenResources.class.getName())
                    .log(System.Logger.Level.WARNING, "a listener holds up the close of its channel", e);
        }
    }
}
