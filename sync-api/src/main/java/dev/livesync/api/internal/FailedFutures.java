package dev.livesync.api.internal;

import java.util.concurrent.CompletableFuture;

/** Futures that have failed already. The JDK's own way to make one is missing on Android. */
public final class FailedFutures {
    private FailedFutures() {}

    /**
     * Makes one.
     *
     * @param <T> what it would have given
     * @param failure why there is none
     * @return a new future
     */
    public static <T> CompletableFuture<T> of(Throwable failure) {
        CompletableFuture<T> future = new CompletableFuture<>();
        future.completeExceptionally(failure);
        return future;
    }
}
