package dev.livesync.core.session;

/** Which threads are running something of a node's at this moment, and so must not wait for it to end. Any thread. */
final class Inside {
    private static final ThreadLocal<Boolean> HERE = ThreadLocal.withInitial(() -> false);

    private Inside() {}

    static boolean isHere() {
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
