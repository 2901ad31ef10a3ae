package dev.livesync.replica.postgres;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Has what databases remember of peers written some time after it was found out, on a thread that all databases of a store share, and the rest at the end. */
final class PeerSaver implements AutoCloseable {
    private final long pause;
    private final LongSupplier nanoTime;
    private final Set<StorePeers> due = new LinkedHashSet<>();
    private @Nullable Thread thread;
    private boolean closed;

    /**
     * Makes one that has nothing to do.
     *
     * @param pause how long what is found out after the first is waited for, so that it is written with that
     */
    PeerSaver(Duration pause, LongSupplier nanoTime) {
        this.pause = pause.toNanos();
        this.nanoTime = nanoTime;
    }

    synchronized void due(StorePeers peers) {
        if (closed) {
            return;
        }
        if (due.add(peers) && due.size() == 1) {
            notifyAll();
        }
        if (thread == null) {
            thread = new Thread(this::run, "livesync-postgres-peers");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void run() {
        for (List<StorePeers> some = next(); !some.isEmpty(); some = next()) {
            some.forEach(StorePeers::saveIfItCanBe);
        }
    }

    /** Waits for something that is due, and for what comes soon after it; at the end for nothing, and then there is nothing. */
    private synchronized List<StorePeers> next() {
        try {
            while (due.isEmpty() && !closed) {
                wait();
            }
            long begun = nanoTime.getAsLong();
            for (long left = pause; left > 0 && !closed; left = pause - (nanoTime.getAsLong() - begun)) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException e) {
            closed = true;
        }
        List<StorePeers> some = List.copyOf(due);
        due.clear();
        return some;
    }

    /** Writes what is due, once, and ends. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            notifyAll();
            running = thread;
        }
        if (running != null && running != Thread.currentThread()) {
            try {
                running.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
