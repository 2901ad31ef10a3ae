package dev.livesync.transport.websocket;

import dev.livesync.transport.support.Handover;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * The slow parts of TLS handshakes, so many at a time and in their order on another executor: most are for strangers, and others need its threads.
 * Any thread.
 */
final class TlsTasks implements Executor {
    private final Executor executor;
    private final int most;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int running;

    TlsTasks(Executor executor, int most) {
        this.executor = executor;
        this.most = most;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (this) {
            if (running == most) {
                waiting.add(task);
                return;
            }
            running++;
        }
        Handover.to(executor, () -> run(task));
    }

    private void run(Runnable task) {
        try {
            task.run();
        } finally {
            next();
        }
    }

    private void next() {
        Runnable task;
        synchronized (this) {
            task = waiting.poll();
            if (task == null) {
                running--;
                return;
            }
        }
        Handover.to(executor, () -> run(task));
    }
}
