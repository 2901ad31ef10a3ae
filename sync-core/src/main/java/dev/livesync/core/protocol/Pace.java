package dev.livesync.core.protocol;

/**
 * Limits how long a peer may take for a message for which a snapshot is open, because an open snapshot keeps compaction from deleting.
 * Times are nanoseconds that compare by subtraction.
 */
final class Pace {
    /** How many phases a peer may gain in all by repeating its credit while it waits for something itself. */
    private static final int PATIENCE = 5;

    private final long phase;
    private final long bytesPerSecond;
    private boolean running;
    private long until;
    private long patience;

    /**
     * Creates a pace; nothing is being sent.
     *
     * @param phase how long at most without a byte
     * @param bytesPerSecond what has to go on average
     */
    Pace(long phase, long bytesPerSecond) {
        this.phase = phase;
        this.bytesPerSecond = bytesPerSecond;
    }

    /** Records that bytes were sent. */
    void sent(long bytes, long now) {
        if (!running) {
            running = true;
            until = now + phase;
            patience = PATIENCE * phase;
        }
        extend(bytes * 1_000_000_000L / bytesPerSecond, now);
    }

    /** Records that the peer is there and can't take more yet. */
    void patience(long now) {
        if (running) {
            long before = until;
            extend(patience, now);
            patience -= until - before;
        }
    }

    /** Records that everything was sent, or that the rest waits for us. */
    void stop() {
        running = false;
    }

    /** The time at which the peer has taken too long. */
    long until() {
        return until;
    }

    private void extend(long by, long now) {
        long most = now + phase - until;
        until += Math.max(0, Math.min(by, most));
    }
}
