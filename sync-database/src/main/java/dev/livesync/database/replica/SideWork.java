package dev.livesync.database.replica;

/** What somebody wants done where maintenance runs, outside the threads of writers. Any thread; nothing is locked. */
public interface SideWork {
    /**
     * Asked after each commit, on the thread of whoever made it, when it is durable. Must be quick, and not throw.
     *
     * @return whether there is something to do
     */
    boolean isDue();

    /** Does it. Must not throw. */
    void run();
}
