package dev.livesync.core.connect;

import dev.livesync.api.transport.Transport;
import dev.livesync.core.session.SessionRunner;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import dev.livesync.core.session.SyncTask;
import dev.livesync.core.session.WorkerThreads;
import dev.livesync.core.transports.Transports;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The end of a {@code Sync}, in order and in bounded time: pending calls and listeners, sessions, transports, threads. Happens once;
 * further callers wait for the first.
 */
public final class Shutdown {
    private static final System.Logger LOG = System.getLogger(Shutdown.class.getName());

    /** How long to wait for a transport to close: what it promises, and a little more. */
    private static final Duration TRANSPORTS = Duration.ofSeconds(6);

    private final SyncContext context;
    private final Transports transports;
    private final @Nullable WorkerThreads threads;
    private @Nullable CompletableFuture<Void> done;

    /**
     * Prepares the shutdown; {@link #close} runs it.
     *
     * @param context what ends
     * @param transports to close
     * @param threads to end; null where they are somebody else's
     */
    public Shutdown(SyncContext context, Transports transports, @Nullable WorkerThreads threads) {
        this.context = context;
        this.transports = transports;
        this.threads = threads;
    }

    /** Closes, and waits unless called by one of the threads that it would wait for. */
    public void close() {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        CompletableFuture<Void> first;
        synchronized (this) {
            if (done == null) {
                done = mine;
            }
            first = done;
        }
        boolean inside = SyncTask.isRunning();
        if (first != mine) {
            if (!inside) {
                SyncTask.await(first, sessionTime().plus(TRANSPORTS.multipliedBy(2)));
            }
            return;
        }
        context.end(SyncFailures.closed());
        context.registry().runners().forEach(SessionRunner::leave);
        if (inside) {
            start("livesync-close", () -> finish(mine));
        } else {
            finish(mine);
        }
    }

    private void finish(CompletableFuture<Void> mine) {
        try {
            awaitSessions(sessionTime());
            List<SessionRunner> late = context.registry().runners();
            late.forEach(session -> session.abort(SyncFailures.closed()));
            awaitSessions(shorter(Duration.ofSeconds(1), context.limits().closeTime()));
            context.presence().close();
            closeTransports();
            if (threads != null) {
                threads.close();
            }
        } finally {
            mine.complete(null);
        }
    }

    /** How long sessions may take to end in order. */
    private Duration sessionTime() {
        Duration close = context.limits().closeTime();
        return close.isZero() ? close : context.limits().deliveryTime().plus(close);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void awaitSessions(Duration longest) {
        CompletableFuture<?>[] ends = context.registry().runners().stream()
                .map(session -> session.closed().exceptionally(failure -> null))
                .toArray(CompletableFuture<?>[]::new);
        if (ends.length > 0 && !longest.isZero()) {
            SyncTask.await(CompletableFuture.allOf(ends), longest);
        }
    }

    /** Closes each transport on a thread of its own, so that one that hangs doesn't keep the others open. */
    private void closeTransports() {
        List<CompletableFuture<Void>> closed = new ArrayList<>();
        for (Transport transport : transports.close()) {
            CompletableFuture<Void> one = new CompletableFuture<>();
            closed.add(one);
            start("livesync-close", () -> {
                try {
                    transport.close();
                } catch (RuntimeException | Error e) {
                    LOG.log(Level.WARNING, "a transport did not close: " + transport, e);
                } finally {
                    one.complete(null);
                }
            });
        }
        SyncTask.await(CompletableFuture.allOf(closed.toArray(CompletableFuture<?>[]::new)), TRANSPORTS);
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
