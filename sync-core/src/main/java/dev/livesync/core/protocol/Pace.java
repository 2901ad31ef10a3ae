package dev.livesync.core.protocol;

/**
 * How long a peer may take for what a snapshot is held for, however it spreads that: a snapshot that is held holds off compaction. Times are
 * nanoseconds that compare by subtraction.
 */
final class Pace {
    /** So many phases a peer may ask for in all, by repeating its credit while it waits for something itself. */
    private static final int PATIENCE = 5;

    private final long phase;
    private final long bytesPerSecond;
    private boolean running;
    private long until;
    private long patience;

    /**
     * Nothing is being sent.
     *
     * @param phase how long at most without a byte
     * @param bytesPerSecond what has to go on average
     */
    Pace(long phase, long bytesPerSecond) {
        this.phase = phase;
        this.bytesPerSecond = bytesPerSecond;
    }

    /** Something is being sent, and so much of it went out now. */
    void sent(long bytes, long now) {
        if (!running) {
            running = true;
            until = now + phase;
            patience = PATIENCE * phase;
        }
        extend(bytes * 1_000_000_000L / bytesPerSecond, now);
    }

    /** The peer says that it is there, and can't take more yet. */
    void patience(long now) {
        if (running) {
            long before = until;
            extend(patience, now);
            patience -= until - before;
        }
    }

    /** All was sent, or the rest waits for us. */
    void stop() {
        running = false;
    }

    /** When it has been too long. */
    long until() {
        return until;
    }

    private void extend(long by, long now) {
        long most = now + phase - until;
        until += Math.max(0, Math.min(by, most));
    }
}
