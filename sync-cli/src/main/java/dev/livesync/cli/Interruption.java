package dev.livesync.cli;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ends a command in order when SIGINT or SIGTERM comes. Being stopped is how serving ends: the command closes what it has open,
 * and the process exits with 0. Work that is stopped halfway is a failure: it is interrupted, closes what it has open, and the process
 * exits as the signal says (130, 143). Whatever doesn't end in time is ended anyway.
 *
 * <p>Made first and closed last, so that the process lives until all else is closed; by the thread that does the command's
 * work.
 */
final class Interruption implements AutoCloseable {
    /** The phases of a command. */
    enum Phase {
        /** Work that ends by itself. */
        WORKING,
        /** Reading from standard input, which nothing can interrupt, and having nothing yet that would have to be closed. */
        READING,
        /** Waiting to be stopped. */
        SERVING
    }

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Thread worker = Thread.currentThread();
    private final CompletableFuture<Void> asked;
    private final CountDownLatch ended = new CountDownLatch(1);
    /** Null where another process is the one that is asked. */
    private final @Nullable Thread hook;

    private volatile Phase phase = Phase.WORKING;
    private volatile Supplier<Duration> more = () -> Duration.ZERO;

    Interruption() {
        asked = new CompletableFuture<>();
        hook = new Thread(this::shutDown, "livesync-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private Interruption(CompletableFuture<Void> asked) {
        this.asked = asked;
        this.hook = null;
    }

    /** That of a command that another process has given: nothing here ends with it, and no thread is interrupted. */
    static Interruption by(CompletableFuture<Void> asked) {
        return new Interruption(asked);
    }

    void enter(Phase next) {
        phase = next;
    }

    /** How much longer than others the command may take to end, asked when it is to. */
    void allow(Supplier<Duration> time) {
        more = time;
    }

    /** Completes when the process is to end. */
    CompletableFuture<Void> asked() {
        return asked.copy();
    }

    private void shutDown() {
        Phase interrupted = phase;
        Duration patience = PATIENCE.plus(more.get());
        asked.complete(null);
        if (interrupted == Phase.READING) {
            return;
        }
        if (interrupted == Phase.WORKING) {
            worker.interrupt();
        }
        try {
            boolean inOrder = ended.await(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (inOrder && interrupted == Phase.SERVING) {
                Runtime.getRuntime().halt(0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        ended.countDown();
        if (hook == null) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook knows.
        }
    }
}
