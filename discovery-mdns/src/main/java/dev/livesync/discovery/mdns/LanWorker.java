package dev.livesync.discovery.mdns;

import java.time.Duration;

/** Where a discovery does what may block: one step at a time. Any thread. */
interface LanWorker {
    /**
     * Runs a step now and again and again.
     *
     * @param period from the end of one to the beginning of the next
     * @param step doesn't throw
     */
    void repeat(Duration period, Runnable step);

    /**
     * Runs a last step after the one that is running, and no other. Waits for it, but not for long, and not on the worker itself. Only the first
     * call's step is run.
     *
     * @param last doesn't throw
     * @param wait how long at most
     */
    void end(Runnable last, Duration wait);
}
