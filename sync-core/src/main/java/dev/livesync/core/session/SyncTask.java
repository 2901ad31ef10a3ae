package dev.livesync.core.session;

/** Which threads are running something of a {@code Sync}'s at this moment, and so must not wait for it to end. Any thread. */
public final class SyncTask {
    private static final ThreadLocal<Boolean> HERE = ThreadLocal.withInitial(() -> false);

    private SyncTask() {}

    /**
     * Whether the calling thread is running something of a {@code Sync}, and so must not wait for it to end.
     *
     * @return true if so
     */
    public static boolean isRunning() {
        return HERE.get();
    }

    /** Runs a task, marked as such. */
    static void run(Runnable task) {
        boolean outer = HERE.get();
        HERE.set(true);
        try {
            task.run();
        } finally {
            HERE.set(outer);
        }
    }
}
