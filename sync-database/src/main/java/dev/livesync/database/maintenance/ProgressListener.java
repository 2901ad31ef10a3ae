package dev.livesync.database.maintenance;

/** Follows something that takes long, such as {@link dev.livesync.database.Database#verify(ProgressListener)}. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Called when some more was done, on the thread that does it. What it throws ends the work, and comes out of the call.
     *
     * @param done blocks so far
     * @param total all blocks
     */
    void progress(long done, long total);
}
