package dev.livesync.cli.web;

import dev.livesync.api.internal.Admission;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The threads of an HTTP server that reads each request on one of them, and waits there for what of it has not come. Whoever finishes no
 * request holds a thread only until others want it: an exchange beyond the limit interrupts the oldest one that has shown no token,
 * which closes its connection. Any thread.
 */
final class ExchangeThreads implements Executor, AutoCloseable {
    /** Exchanges that have shown no token. */
    private static final int READING = 8;
    /** With threads to spare for those that have. */
    private static final int THREADS = 2 * READING;

    private static final ThreadLocal<Exchange> CURRENT = new ThreadLocal<>();

    private final Admission<Exchange> reading = new Admission<>(READING, READING, Long.MAX_VALUE, () -> 0);
    private final ExecutorService threads;

    ExchangeThreads() {
        AtomicInteger number = new AtomicInteger();
        this.threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "livesync-page-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    private final class Exchange implements Runnable {
        private final Runnable task;
        private @Nullable Thread thread;
        private boolean evicted;
        private boolean safe;

        Exchange(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            synchronized (this) {
                thread = Thread.currentThread();
                if (evicted) {
                    thread.interrupt(); // so that its first read ends it
                }
            }
            CURRENT.set(this);
            try {
                task.run();
            } finally {
                CURRENT.remove();
                reading.leave(this);
                synchronized (this) {
                    thread = null;
                    var unused = Thread.interrupted();
                }
            }
        }

        synchronized void evict() {
            evicted = true;
            if (thread != null && !safe) {
                thread.interrupt();
            }
        }

        synchronized void keep() {
            safe = true;
            var unused = Thread.interrupted();
        }
    }

    @Override
    public void execute(Runnable task) {
        Exchange exchange = new Exchange(task);
        Exchange oldest = reading.admit(exchange, "").evicted();
        if (oldest != null) {
            oldest.evict();
        }
        threads.execute(exchange);
    }

    /** The exchange of this thread has shown the token: it keeps its thread until it is done. */
    void keep() {
        Exchange exchange = CURRENT.get();
        if (exchange != null) {
            reading.leave(exchange);
            exchange.keep();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
