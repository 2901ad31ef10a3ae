package dev.livesync.core.session;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One asynchronous undertaking with one outcome. Whatever it holds at the moment is let go of when it fails, when the
 * caller cancels its future (or completes it by other means, a timeout say), and when the node closes; a result that comes too
 * late is discarded.
 *
 * <p>Any thread. The future completes on the executor, so that what a caller attaches to it holds up no session.
 */
final class Attempt<T> implements Tenant {
    private final Node node;
    private final Consumer<? super T> discard;
    private final CompletableFuture<T> future = new CompletableFuture<>();
    private boolean settled;
    private @Nullable Consumer<SyncException> undo;
    private @Nullable Runnable stopClock;

    /**
     * An attempt that has begun.
     *
     * @param node to which it belongs
     * @param discard gets rid of a result that nobody wants
     */
    Attempt(Node node, Consumer<? super T> discard) {
        this.node = node;
        this.discard = discard;
        if (!node.admit(this)) {
            fail(Failures.closed());
        }
        var unused = future.whenComplete((value, failure) -> {
            if (settle()) {
                letGo(new SyncException(ErrorKind.CANCELLED, "the caller gave it up"));
            }
        });
    }

    CompletableFuture<T> future() {
        return future;
    }

    synchronized boolean isSettled() {
        return settled;
    }

    /** Names what to let go of from here on; does so at once if the attempt is over already. */
    void holds(Consumer<SyncException> newUndo) {
        synchronized (this) {
            if (!settled) {
                undo = newUndo;
                return;
            }
        }
        newUndo.accept(new SyncException(ErrorKind.CANCELLED, "the caller gave it up"));
    }

    /** Fails the attempt when its time is over. */
    void deadline(Duration time, Supplier<SyncException> failure) {
        Runnable cancel = node.schedule(time, () -> node.later(() -> fail(failure.get())));
        synchronized (this) {
            if (!settled) {
                stopClock = cancel;
                return;
            }
        }
        cancel.run();
    }

    /** Takes a step; what it throws is the outcome. */
    void step(String doing, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | LinkageError e) {
            fail(Failures.of(doing, e));
        }
    }

    /** Takes a step with a channel, which ends with it if the step throws. */
    void step(String doing, Channel channel, Runnable step) {
        step(doing, () -> {
            try {
                step.run();
            } catch (RuntimeException | LinkageError e) {
                channel.abort(Failures.of(doing, e));
                throw e;
            }
        });
    }

    /** The outcome, unless there was one before: then the value is discarded. */
    void succeed(T value) {
        if (!settle()) {
            discard.accept(value);
            return;
        }
        node.later(() -> {
            if (!future.complete(value)) {
                discard.accept(value);
            }
        });
    }

    /** The outcome, unless there was one before. */
    void fail(SyncException failure) {
        if (settle()) {
            letGo(failure);
            node.later(() -> future.completeExceptionally(failure));
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
        node.leave(this);
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
