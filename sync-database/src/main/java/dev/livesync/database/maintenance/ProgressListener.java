package dev.livesync.database;

/** Follows something that takes long, such as {@link Database#verify(ProgressListener)}. */
@FunctionalInterface
public interface ProgressListener {
    /**
     * Some more was done. Called on the thread that does it.
     *
     * @param done blocks so far
     * @param total all blocks
     */
    void progress(long done, long total);
}
