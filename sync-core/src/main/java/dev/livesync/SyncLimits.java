package dev.livesync;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.time.Duration;

/**
 * How much a {@link Sync} takes at once, and how long it waits: what a program may have to turn. Everything else that a peer can state has a
 * fixed limit; {@code docs/limits.md} has all of them.
 *
 * <p>Immutable; any thread.
 */
public final class SyncLimits {
    private static final SyncLimits DEFAULTS = new Builder().build();

    private final long transitBytes;
    private final int maxDocumentBytes;
    private final Duration connectTime;
    private final Duration deliveryTime;
    private final Duration closeTime;
    private final Duration offerLifetime;
    private final Duration phaseTime;
    private final Duration heartbeat;
    private final int sessionsPerGrant;

    private SyncLimits(Builder b) {
        this.transitBytes = b.transitBytes;
        this.maxDocumentBytes = b.maxDocumentBytes;
        this.connectTime = b.connectTime;
        this.deliveryTime = b.deliveryTime;
        this.closeTime = b.closeTime;
        this.offerLifetime = b.offerLifetime;
        this.phaseTime = b.phaseTime;
        this.heartbeat = b.heartbeat;
        this.sessionsPerGrant = b.sessionsPerGrant;
    }

    /**
     * The defaults, as each property states them.
     *
     * @return always the same
     */
    public static SyncLimits defaults() {
        return DEFAULTS;
    }

    /**
     * A builder that starts with the {@linkplain #defaults defaults}.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A builder that starts with these limits.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder b = new Builder();
        b.transitBytes = transitBytes;
        b.maxDocumentBytes = maxDocumentBytes;
        b.connectTime = connectTime;
        b.deliveryTime = deliveryTime;
        b.closeTime = closeTime;
        b.offerLifetime = offerLifetime;
        b.phaseTime = phaseTime;
        b.heartbeat = heartbeat;
        b.sessionsPerGrant = sessionsPerGrant;
        return b;
    }

    /**
     * How many bytes of messages may be under way over all sessions, one half of them in and the other out: parts of messages, CARs
     * that wait to be stored, what was granted to peers, and what is being sent. Who finds no room waits. Beyond it each session has 64 KiB
     * of its own, and one at a time may finish a message for which there is no room.
     *
     * @return bytes; by default an eighth of the largest heap, but not less than 8 MiB nor more than 1 GiB
     */
    public long transitBytes() {
        return transitBytes;
    }

    /**
     * The largest document that is taken from a peer: the dag-cbor of its value. A block may be 1 MiB larger.
     *
     * @return bytes; by default 16 MiB
     */
    public int maxDocumentBytes() {
        return maxDocumentBytes;
    }

    /**
     * How long a dial or an exchange may take once both sides are there. A third of it is how long a peer may take to prove that it knows
     * the secret.
     *
     * @return by default 30 seconds
     */
    public Duration connectTime() {
        return connectTime;
    }

    /**
     * How long a session that is being closed goes on, at most, to deliver what was written here before, and to take in what the
     * peer had written. Zero drops it.
     *
     * @return by default 5 seconds
     */
    public Duration deliveryTime() {
        return deliveryTime;
    }

    /**
     * How long an orderly close may take beyond {@link #deliveryTime} before it becomes an abort. Zero aborts at once, and
     * delivers nothing.
     *
     * @return by default 5 seconds
     */
    public Duration closeTime() {
        return closeTime;
    }

    /**
     * How long an offer waits for its answer, and an answer for its proposer.
     *
     * @return by default 10 minutes
     */
    public Duration offerLifetime() {
        return offerLifetime;
    }

    /**
     * How long a session may go without progress where the peer owes something.
     *
     * @return by default 60 seconds
     */
    public Duration phaseTime() {
        return phaseTime;
    }

    /**
     * After how much silence a ping is sent, where the peer speaks it; four times as much ends the session.
     *
     * @return by default 15 seconds
     */
    public Duration heartbeat() {
        return heartbeat;
    }

    /**
     * How many sessions a listening address has at once with one {@linkplain dev.livesync.grant.Grant grant}, so that a secret that many have
     * leaves room for others. One more is refused: {@link ErrorKind#REFUSED} at the peer. A listener's own secret has no such limit.
     *
     * @return by default 512, half of the connections that a WebSocket listener takes
     */
    public int sessionsPerGrant() {
        return sessionsPerGrant;
    }

    /** Collects limits; starts with the defaults. Not for use by several threads at once. */
    public static final class Builder {
        private long transitBytes =
                Math.max(8L << 20, Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 8));
        private int maxDocumentBytes = 16 << 20;
        private Duration connectTime = Duration.ofSeconds(30);
        private Duration deliveryTime = Duration.ofSeconds(5);
        private Duration closeTime = Duration.ofSeconds(5);
        private Duration offerLifetime = Duration.ofMinutes(10);
        private Duration phaseTime = Duration.ofSeconds(60);
        private Duration heartbeat = Duration.ofSeconds(15);
        private int sessionsPerGrant = 512;

        private Builder() {}

        /**
         * Sets {@link SyncLimits#transitBytes}.
         *
         * @param bytes 1,024 to 1,099,511,627,776
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder transitBytes(long bytes) {
            require("transitBytes", bytes, 1L << 10, 1L << 40);
            this.transitBytes = bytes;
            return this;
        }

        /**
         * Sets {@link SyncLimits#maxDocumentBytes}.
         *
         * @param bytes 1 to 1,073,741,824
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder maxDocumentBytes(int bytes) {
            require("maxDocumentBytes", bytes, 1, 1 << 30);
            this.maxDocumentBytes = bytes;
            return this;
        }

        /**
         * Sets {@link SyncLimits#connectTime}.
         *
         * @param time more than zero, up to 365 days
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder connectTime(Duration time) {
            requireTime("connectTime", time, 1);
            this.connectTime = time;
            return this;
        }

        /**
         * Sets {@link SyncLimits#deliveryTime}.
         *
         * @param time zero or more, up to 365 days
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder deliveryTime(Duration time) {
            requireTime("deliveryTime", time, 0);
            this.deliveryTime = time;
            return this;
        }

        /**
         * Sets {@link SyncLimits#closeTime}.
         *
         * @param time zero or more, up to 365 days
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder closeTime(Duration time) {
            requireTime("closeTime", time, 0);
            this.closeTime = time;
            return this;
        }

        /**
         * Sets {@link SyncLimits#offerLifetime}.
         *
         * @param time more than zero, up to 365 days
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder offerLifetime(Duration time) {
            requireTime("offerLifetime", time, 1);
            this.offerLifetime = time;
            return this;
        }

        /**
         * Sets {@link SyncLimits#phaseTime}.
         *
         * @param time more than zero, up to 365 days
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder phaseTime(Duration time) {
            requireTime("phaseTime", time, 1);
            this.phaseTime = time;
            return this;
        }

        /**
         * Sets {@link SyncLimits#heartbeat}.
         *
         * @param time more than zero, up to 365 days
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder heartbeat(Duration time) {
            requireTime("heartbeat", time, 1);
            this.heartbeat = time;
            return this;
        }

        /**
         * Sets {@link SyncLimits#sessionsPerGrant}.
         *
         * @param sessions 1 to 1,000,000
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder sessionsPerGrant(int sessions) {
            require("sessionsPerGrant", sessions, 1, 1_000_000);
            this.sessionsPerGrant = sessions;
            return this;
        }

        /**
         * Makes the limits.
         *
         * @return the limits
         */
        public SyncLimits build() {
            return new SyncLimits(this);
        }

        private static void require(String name, long value, long min, long max) {
            if (value < min || value > max) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, name + " must be " + min + " to " + max + ", not " + value);
            }
        }

        private static void requireTime(String name, Duration value, long minNanos) {
            if (value.isNegative() || value.compareTo(Duration.ofDays(365)) > 0 || value.toNanos() < minNanos) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        name + " must be more than nothing and at most 365 days, not " + value);
            }
        }
    }
}
