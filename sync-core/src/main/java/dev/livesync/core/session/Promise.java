package dev.livesync.core.session;

import dev.livesync.api.SyncException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An outcome that any number of callers wait for. The first call that settles it counts. Futures complete on the executor, because what
 * users attach to them may take its time. Any thread.
 */
public final class Promise {
    private final Executor executor;
    private final AtomicBoolean decided = new AtomicBoolean();
    private final CompletableFuture<Void> told = new CompletableFuture<>();
    private final AtomicLong copies = new AtomicLong();
    /** In the order in which they asked. */
    private final Map<Long, CompletableFuture<Void>> waiting = new ConcurrentSkipListMap<>();

    /**
     * Makes one that nothing has decided.
     *
     * @param executor where it is told; takes every task
     */
    public Promise(Executor executor) {
        this.executor = executor;
    }

    /**
     * Decides it, unless something has.
     *
     * @param failure null for a good end
     */
    public void settle(@Nullable SyncException failure) {
        if (decided.compareAndSet(false, true)) {
            executor.execute(() -> {
                if (failure == null) {
                    told.complete(null);
                } else {
                    told.completeExceptionally(failure);
                }
                waiting.values().forEach(this::tell);
            });
        }
    }

    /**
     * Creates a future for one caller. Cancelling it affects nobody else.
     *
     * @return a new future
     */
    public CompletableFuture<Void> copy() {
        CompletableFuture<Void> own = new CompletableFuture<>();
        long place = copies.getAndIncrement();
        waiting.put(place, own);
        var unused = own.whenComplete((nothing, thrown) -> waiting.remove(place));
        if (told.isDone()) {
            tell(own);
        }
        return own;
    }

    private void tell(CompletableFuture<Void> own) {
        var unused = told.whenComplete((nothing, thrown) -> {
            if (thrown == null) {
                own.complete(null);
            } else {
                own.completeExceptionally(thrown);
            }
        });
    }
}
