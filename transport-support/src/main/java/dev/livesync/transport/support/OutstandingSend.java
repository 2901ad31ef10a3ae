package dev.livesync.transport.support;

import dev.livesync.api.SyncException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The one send that a channel may have outstanding: how it ends is decided once, under the channel's lock, and whoever sent is told
 * later, without it. For one thread at a time: guard it with the lock.
 */
public final class OutstandingSend {
    private @Nullable CompletableFuture<Void> sending;
    private boolean queued;
    private @Nullable Runnable verdict;

    /** None yet. */
    public OutstandingSend() {}

    /**
     * Whether there is one, decided or not.
     *
     * @return true until it was {@link #take}n
     */
    public boolean isThere() {
        return sending != null;
    }

    /** Refuses a second one with an {@link IllegalStateException}. */
    public void requireNone() {
        if (sending != null) {
            throw new IllegalStateException("the send before has not completed");
        }
    }

    /**
     * Begins one; its message is about to be handed on.
     *
     * @return what the sender gets
     */
    public CompletableFuture<Void> begin() {
        requireNone();
        CompletableFuture<Void> begun = new CompletableFuture<>();
        sending = begun;
        queued = false;
        return begun;
    }

    /** Its message was handed on. */
    public void queued() {
        queued = true;
    }

    /**
     * Whether its message is being handed on right now, so that nothing may overtake it.
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
     * Decides how it ends.
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
     * What tells the sender; the next send may begin then.
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
