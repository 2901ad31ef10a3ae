package dev.livesync.transport.support;

import dev.livesync.api.SyncException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The one send that a channel may have outstanding. Its outcome is decided once, under the channel's lock; the sender's future completes
 * later, without the lock. For one thread at a time: guard it with the lock.
 */
public final class OutstandingSend {
    private @Nullable CompletableFuture<Void> sending;
    private boolean queued;
    private @Nullable Runnable verdict;

    /** Creates the state without a send. */
    public OutstandingSend() {}

    /**
     * Whether there is one, decided or not.
     *
     * @return true until it was {@link #take}n
     */
    public boolean isThere() {
        return sending != null;
    }

    /** Throws an {@link IllegalStateException} if there is a send. */
    public void requireNone() {
        if (sending != null) {
            throw new IllegalStateException("the send before has not completed");
        }
    }

    /**
     * Begins a send, whose message is about to be queued.
     *
     * @return the future for the sender
     */
    public CompletableFuture<Void> begin() {
        requireNone();
        CompletableFuture<Void> begun = new CompletableFuture<>();
        sending = begun;
        queued = false;
        return begun;
    }

    /** Records that the message was queued. */
    public void queued() {
        queued = true;
    }

    /**
     * Whether the message is being queued right now, so that nothing may overtake it.
     *
     * @return false if there is none
     */
    public boolean isBeingQueued() {
        return sending != null && !queued;
    }

    /**
     * Whether it only waits for room.
     *
     * @return false if there is none, or it is decided
     */
    public boolean awaitsRoom() {
        return sending != null && queued && verdict == null;
    }

    /**
     * Decides the outcome.
     *
     * @param failure why it fails; null if it doesn't
     * @return true if that is new; false if there is none or it was decided before
     */
    public boolean decide(@Nullable SyncException failure) {
        CompletableFuture<Void> outstanding = sending;
        if (outstanding == null || verdict != null) {
            return false;
        }
        verdict = failure == null ? () -> outstanding.complete(null) : () -> outstanding.completeExceptionally(failure);
        return true;
    }

    /**
     * Takes the task that completes the sender's future; the next send may begin then.
     *
     * @return to be run without the lock; null if nothing is decided, or the message is still being handed on
     */
    public @Nullable Runnable take() {
        Runnable told = queued ? verdict : null;
        if (told != null) {
            verdict = null;
            sending = null;
        }
        return told;
    }
}
