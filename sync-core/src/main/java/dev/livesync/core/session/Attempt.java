package dev.livesync.core.session;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One asynchronous operation with one outcome. What it holds is released when it fails, when the caller cancels its future (or completes it
 * otherwise, by a timeout say), and when the {@code Sync} closes. A result that comes after that is discarded.
 *
 * <p>Any thread. The future completes on the executor, so that what a caller attaches to it holds up no session.
 *
 * @param <T> the result
 */
public final class Attempt<T> implements ManagedResource {
    private final SyncContext context;
    private final Consumer<? super T> discard;
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private final Set<CompletableFuture<T>> copies = new CopyOnWriteArraySet<>();
    private boolean settled;
    private @Nullable Consumer<SyncException> undo;
    private @Nullable Runnable stopClock;

    /**
     * Creates an attempt.
     *
     * @param context to which it belongs
     * @param discard releases a result that nobody wants
     */
    Attempt(SyncContext context, Consumer<? super T> discard) {
        this.context = context;
        this.discard = discard;
        if (!context.admit(this)) {
            fail(SyncFailures.closed());
        }
        var unused = future.whenComplete((value, failure) -> {
            if (settle()) {
                letGo(new SyncException(ErrorKind.CANCELLED, "the caller gave it up"));
            }
            copies.forEach(this::handOn);
        });
    }

    /**
     * The future for the caller. Completing or cancelling it gives the attempt up.
     *
     * @return the future
     */
    public CompletableFuture<T> future() {
        return future;
    }

    /**
     * A copy of the future for one of several callers. Cancelling a copy affects neither the attempt nor other copies.
     *
     * @return a new future, which completes when {@link #future} does
     */
    public CompletableFuture<T> copy() {
        CompletableFuture<T> own = new CompletableFuture<>();
        copies.add(own);
        var unused = own.whenComplete((value, failure) -> copies.removeIf(each -> each == own));
        if (future.isDone()) {
            handOn(own);
        }
        return own;
    }

    private void handOn(CompletableFuture<T> own) {
        var unused = future.whenComplete((value, failure) -> {
            if (failure == null) {
                own.complete(value);
            } else {
                own.completeExceptionally(failure);
            }
        });
    }

    /**
     * Whether there is an outcome.
     *
     * @return true once there is
     */
    public synchronized boolean isSettled() {
        return settled;
    }

    /**
     * Sets what is released if the attempt fails; releases it at once if the attempt is over already.
     *
     * @param newUndo releases it, for the given reason; replaces the one before
     */
    public void holds(Consumer<SyncException> newUndo) {
        synchronized (this) {
            if (!settled) {
                undo = newUndo;
                return;
            }
        }
        newUndo.accept(new SyncException(ErrorKind.CANCELLED, "the caller gave it up"));
    }

    /**
     * Fails the attempt when its time is over.
     *
     * @param time from now on
     * @param failure makes the outcome
     */
    public void deadline(Duration time, Supplier<SyncException> failure) {
        Runnable cancel = context.schedule(time, () -> context.later(() -> fail(failure.get())));
        synchronized (this) {
            if (!settled) {
                stopClock = cancel;
                return;
            }
        }
        cancel.run();
    }

    /**
     * Runs a step; what it throws is the outcome.
     *
     * @param doing names the step in messages
     * @param step what to do
     */
    public void step(String doing, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | LinkageError e) {
            fail(SyncFailures.of(doing, e));
        }
    }

    /**
     * Runs a step with a channel that nobody owns yet: if it throws, the channel is aborted, too.
     *
     * @param doing names the step in messages
     * @param channel from the transport
     * @param step what to do
     */
    public void step(String doing, Channel channel, Runnable step) {
        step(doing, () -> {
            try {
                step.run();
            } catch (RuntimeException | LinkageError e) {
                channel.abort(SyncFailures.of(doing, e));
                throw e;
            }
        });
    }

    /**
     * Completes the attempt, unless it is over: then the value is discarded.
     *
     * @param value the result
     */
    public void succeed(T value) {
        if (!settle()) {
            discard.accept(value);
            return;
        }
        context.later(() -> {
            if (!future.complete(value)) {
                discard.accept(value);
            }
        });
    }

    /**
     * Fails the attempt, unless it is over.
     *
     * @param failure why it came to nothing
     */
    public void fail(SyncException failure) {
        if (settle()) {
            letGo(failure);
            context.later(() -> future.completeExceptionally(failure));
        }
    }

    @Override
    public void end(SyncException reason) {
        fail(reason);
    }

    private boolean settle() {
        Runnable clock;
        synchronized (this) {
            if (settled) {
                return false;
            }
            settled = true;
            clock = stopClock;
        }
        if (clock != null) {
            clock.run();
        }
        context.leave(this);
        return true;
    }

    private void letGo(SyncException reason) {
        Consumer<SyncException> held;
        synchronized (this) {
            held = undo;
            undo = null;
        }
        if (held != null) {
            held.accept(reason);
        }
    }
}
