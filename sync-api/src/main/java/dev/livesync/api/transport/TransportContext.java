package dev.livesync.api.transport;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * What the core lends to a transport. Fixed while the transport is open; any thread.
 */
public interface TransportContext {
    /**
     * Where the transport may run callbacks and work that could take a while. Tasks may run concurrently; the transport
     * serialises what has to be serial. All threads may be busy with something else for long, and tasks may be refused ({@link
     * java.util.concurrent.RejectedExecutionException}): nothing is lost then, and nothing stays pending.
     *
     * @return an executor that outlives the transport
     */
    Executor executor();

    /**
     * The timers that the transport may use.
     *
     * @return a scheduler that outlives the transport
     */
    Scheduler scheduler();

    /**
     * How large a message may be at most, whatever the wire could carry. A channel sends up to the smaller of this and its
     * own limit, takes up to this, and fails with {@link dev.livesync.api.ErrorKind#LIMIT_EXCEEDED} when a peer sends more.
     *
     * @return bytes, at least 1,024
     */
    int maxMessageBytes();

    /**
     * How many bytes of unread messages a channel whose wire cannot push back must hold before it may close with {@link
     * dev.livesync.api.ErrorKind#OVERFLOW}. The core keeps it above the credit that it grants, which a transport does not
     * know, so that a peer which keeps to its credit never gets there. Transports with {@link
     * TransportFeature#INBOUND_BACKPRESSURE} have no use for it.
     *
     * @return bytes of payload, at least {@link #maxMessageBytes}; unless the core says otherwise the larger of that and
     *     16 MiB
     */
    default int inboundQueueBytes() {
        return Math.max(16 << 20, maxMessageBytes());
    }

    /**
     * How long a dial, an accepted connection's own handshake, or {@link SignallingTransport.Offer#connect} may take. The time
     * that people need to carry an offer or an answer is no part of it.
     *
     * @return a positive duration
     */
    Duration connectTimeout();

    /**
     * How long {@link Channel#close} may drain.
     *
     * @return a positive duration
     */
    Duration closeTimeout();

    /** One-shot timers as a seam, so that tests own the time. */
    @FunctionalInterface
    interface Scheduler {
        /**
         * Runs a task once, later.
         *
         * @param delay how much later
         * @param task must be short and not throw
         * @return cancels the task if it hasn't begun
         */
        Cancellable schedule(Duration delay, Runnable task);
    }

    /** Takes back what was scheduled. */
    @FunctionalInterface
    interface Cancellable {
        /** Cancels; does nothing if the task has begun or was cancelled before. Any thread. */
        void cancel();
    }
}
