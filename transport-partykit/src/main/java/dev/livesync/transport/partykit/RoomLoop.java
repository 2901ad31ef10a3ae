package dev.livesync.transport.partykit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The one thread on which rooms and channels of a transport live. It never waits for anything but tasks, which come from sockets with bounded
 * queues, from channels with one send each, and from timers. Started by the first task. Any thread.
 */
final class RoomLoop {
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private @Nullable Thread thread;
    private boolean closed;

    /** Runs a task after those that came before; drops it once the loop is closed. */
    synchronized void execute(Runnable task) {
        if (closed) {
            return;
        }
        tasks.add(task);
        if (thread == null) {
            Thread started = new Thread(this::run, "livesync-partykit");
            started.setDaemon(true);
            thread = started;
            started.start();
        }
        notifyAll();
    }

    synchronized boolean isCurrent() {
        return thread == Thread.currentThread();
    }

    private void run() {
        for (Runnable task = next(); task != null; task = next()) {
            try {
                task.run();
            } catch (Throwable e) {
                System.getLogger(RoomLoop.class.getName())
                        .log(System.Logger.Level.ERROR, "a defect of the PartyKit transport", e);
            }
        }
    }

    private synchronized @Nullable Runnable next() {
        while (tasks.isEmpty()) {
            if (closed) {
                return null;
            }
            try {
                wait();
            } catch (InterruptedException e) {
                // Nobody interrupts this thread to say something: it ends by close().
            }
        }
        return tasks.poll();
    }

    /** Ends the thread behind the tasks that are here, and waits for it for a while. */
    void close(Duration patience) {
        Thread running;
        synchronized (this) {
            closed = true;
            running = thread;
            notifyAll();
        }
        if (running != null && running != Thread.currentThread()) {
            try {
                running.join(Math.max(1, patience.toMillis()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
