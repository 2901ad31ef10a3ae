package dev.livesync.database;

/** Follows a {@link Database#verify(VerifyListener)}. */
@FunctionalInterface
public interface VerifyListener {
    /**
     * Some more was checked. Called on the verifying thread.
     *
     * @param done blocks checked so far
     * @param total blocks to check
     */
    void progress(long done, long total);
}
