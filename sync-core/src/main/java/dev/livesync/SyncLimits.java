package dev.livesync;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.time.Duration;

/**
 * How much a {@link Sync} takes at once, and how long it waits. Whatever a peer can state is checked against these before memory is
 * taken for it.
 *
 * <p>Immutable; any thread.
 */
public final class SyncLimits {
    private static final SyncLimits DEFAULTS = new Builder().build();

    private final long window;
    private final long messageBytes;
    private final long transitBytes;
    private final int documentBytes;
    private final int carBlocks;
    private final int diffCids;
    private final int controlBytes;
    private final int sectionBytes;
    private final int pieceBytes;
    private final int signalChars;
    private final int unproved;
    private final int openOffers;
    private final Duration proofTime;
    private final Duration connectTime;
    private final Duration deliveryTime;
    private final Duration closeTime;
    private final Duration offerLifetime;
    private final Duration phaseTime;
    private final Duration heartbeat;

    private SyncLimits(Builder b) {
        this.window = b.window;
        this.messageBytes = b.messageBytes;
        this.transitBytes = b.transitBytes;
        this.documentBytes = b.documentBytes;
        this.carBlocks = b.carBlocks;
        this.diffCids = b.diffCids;
        this.controlBytes = b.controlBytes;
        this.sectionBytes = b.sectionBytes;
        this.pieceBytes = b.pieceBytes;
        this.signalChars = b.signalChars;
        this.unproved = b.unproved;
        this.openOffers = b.openOffers;
        this.proofTime = b.proofTime;
        this.connectTime = b.connectTime;
        this.deliveryTime = b.deliveryTime;
        this.closeTime = b.closeTime;
        this.offerLifetime = b.offerLifetime;
        this.phaseTime = b.phaseTime;
        this.heartbeat = b.heartbeat;
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
        b.window = window;
        b.messageBytes = messageBytes;
        b.transitBytes = transitBytes;
        b.documentBytes = documentBytes;
        b.carBlocks = carBlocks;
        b.diffCids = diffCids;
        b.controlBytes = controlBytes;
        b.sectionBytes = sectionBytes;
        b.pieceBytes = pieceBytes;
        b.signalChars = signalChars;
        b.unproved = unproved;
        b.openOffers = openOffers;
        b.proofTime = proofTime;
        b.connectTime = connectTime;
        b.deliveryTime = deliveryTime;
        b.closeTime = closeTime;
        b.offerLifetime = offerLifetime;
        b.phaseTime = phaseTime;
        b.heartbeat = heartbeat;
        return b;
    }

    /**
     * How many bytes of data a peer may have under way to us, where it keeps to credit; and how many may wait here to be
     * committed.
     *
     * @return bytes; by default 4 MiB
     */
    public long window() {
        return window;
    }

    /**
     * The largest logical message (a CAR), whole or in pieces.
     *
     * @return bytes; by default 64 MiB
     */
    public long messageBytes() {
        return messageBytes;
    }

    /**
     * How many bytes of messages may be under way over all sessions, one half of them in and the other out: parts of messages, CARs
     * that wait to be stored, what was granted to peers, and what is being sent. Who finds no room waits. Beyond it each session has 64 KiB
     * of its own, and one at a time may finish a message for which there is no room.
     *
     * @return bytes; by default an eighth of the largest heap, but not less than 16 MiB nor more than 1 GiB
     */
    public long transitBytes() {
        return transitBytes;
    }

    /**
     * The largest document that is taken from a peer: the dag-cbor of its value. A block may be 1 MiB larger.
     *
     * @return bytes; by default 16 MiB
     */
    public int documentBytes() {
        return documentBytes;
    }

    /**
     * The largest number of blocks in one CAR: small ones cost more memory than their bytes.
     *
     * @return blocks; by default 100,000
     */
    public int carBlocks() {
        return carBlocks;
    }

    /**
     * The largest diff message.
     *
     * @return CIDs; by default 4,000,000
     */
    public int diffCids() {
        return diffCids;
    }

    /**
     * The largest control message.
     *
     * @return bytes; by default 64 KiB
     */
    public int controlBytes() {
        return controlBytes;
    }

    /**
     * Where a section of a CAR stream ends; more only to keep a batch or a block whole.
     *
     * @return bytes; by default 512 KiB
     */
    public int sectionBytes() {
        return sectionBytes;
    }

    /**
     * The largest piece of a fragmented message; less where the channel carries less.
     *
     * @return bytes; by default 256 KiB
     */
    public int pieceBytes() {
        return pieceBytes;
    }

    /**
     * The longest offer or answer that is read.
     *
     * @return characters; by default 64 Ki
     */
    public int signalChars() {
        return signalChars;
    }

    /**
     * How many channels without a proof a listener, or what is accepted for an offer, has at once; one more is closed.
     *
     * @return channels; by default 8
     */
    public int unproved() {
        return unproved;
    }

    /**
     * How many offers may be open at once.
     *
     * @return offers; by default 1,000
     */
    public int openOffers() {
        return openOffers;
    }

    /**
     * How long a peer may take to prove that it knows the secret.
     *
     * @return by default 10 seconds
     */
    public Duration proofTime() {
        return proofTime;
    }

    /**
     * How long a dial or an exchange may take once both sides are there.
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

    /** Collects limits; starts with the defaults. Not for use by several threads at once. */
    public static final class Builder {
        private long window = 4L << 20;
        private long messageBytes = 64L << 20;
        private long transitBytes =
                Math.max(16L << 20, Math.min(1L << 30, Runtime.getRuntime().maxMemory() / 8));
        private int documentBytes = 16 << 20;
        private int carBlocks = 100_000;
        private int diffCids = 4_000_000;
        private int controlBytes = 64 << 10;
        private int sectionBytes = 512 << 10;
        private int pieceBytes = 256 << 10;
        private int signalChars = 64 << 10;
        private int unproved = 8;
        private int openOffers = 1_000;
        private Duration proofTime = Duration.ofSeconds(10);
        private Duration connectTime = Duration.ofSeconds(30);
        private Duration deliveryTime = Duration.ofSeconds(5);
        private Duration closeTime = Duration.ofSeconds(5);
        private Duration offerLifetime = Duration.ofMinutes(10);
        private Duration phaseTime = Duration.ofSeconds(60);
        private Duration heartbeat = Duration.ofSeconds(15);

        private Builder() {}

        /**
         * Sets {@link SyncLimits#window}.
         *
         * @param bytes 65,536 to 1,099,511,627,776
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder window(long bytes) {
            require("window", bytes, 1L << 16, 1L << 40);
            this.window = bytes;
            return this;
        }

        /**
         * Sets {@link SyncLimits#messageBytes}.
         *
         * @param bytes 65,536 to 1,099,511,627,776
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder messageBytes(long bytes) {
            require("messageBytes", bytes, 1L << 16, 1L << 40);
            this.messageBytes = bytes;
            return this;
        }

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
         * Sets {@link SyncLimits#documentBytes}.
         *
         * @param bytes 1 to 1,073,741,824
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder documentBytes(int bytes) {
            require("documentBytes", bytes, 1, 1 << 30);
            this.documentBytes = bytes;
            return this;
        }

        /**
         * Sets {@link SyncLimits#carBlocks}.
         *
         * @param blocks 1 to 1,073,741,824
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder carBlocks(int blocks) {
            require("carBlocks", blocks, 1, 1 << 30);
            this.carBlocks = blocks;
            return this;
        }

        /**
         * Sets {@link SyncLimits#diffCids}.
         *
         * @param CIDs 1 to 1,073,741,824
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder diffCids(int CIDs) {
            require("diffCids", CIDs, 1, 1 << 30);
            this.diffCids = CIDs;
            return this;
        }

        /**
         * Sets {@link SyncLimits#controlBytes}.
         *
         * @param bytes 1,024 to 16,777,216
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder controlBytes(int bytes) {
            require("controlBytes", bytes, 1 << 10, 1 << 24);
            this.controlBytes = bytes;
            return this;
        }

        /**
         * Sets {@link SyncLimits#sectionBytes}.
         *
         * @param bytes 1 to 1,073,741,824
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder sectionBytes(int bytes) {
            require("sectionBytes", bytes, 1, 1 << 30);
            this.sectionBytes = bytes;
            return this;
        }

        /**
         * Sets {@link SyncLimits#pieceBytes}.
         *
         * @param bytes 1,024 to 16,777,216
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder pieceBytes(int bytes) {
            require("pieceBytes", bytes, 1 << 10, 1 << 24);
            this.pieceBytes = bytes;
            return this;
        }

        /**
         * Sets {@link SyncLimits#signalChars}.
         *
         * @param characters 1,024 to 16,777,216
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder signalChars(int characters) {
            require("signalChars", characters, 1 << 10, 1 << 24);
            this.signalChars = characters;
            return this;
        }

        /**
         * Sets {@link SyncLimits#unproved}.
         *
         * @param channels 1 to 65,536
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder unproved(int channels) {
            require("unproved", channels, 1, 1 << 16);
            this.unproved = channels;
            return this;
        }

        /**
         * Sets {@link SyncLimits#openOffers}.
         *
         * @param offers 1 to 1,048,576
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder openOffers(int offers) {
            require("openOffers", offers, 1, 1 << 20);
            this.openOffers = offers;
            return this;
        }

        /**
         * Sets {@link SyncLimits#proofTime}.
         *
         * @param time more than zero, up to 365 days
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder proofTime(Duration time) {
            requireTime("proofTime", time, 1);
            this.proofTime = time;
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
         * Makes the limits.
         *
         * @return the limits
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if a document of the largest size would not fit into a message
         */
        public SyncLimits build() {
            if (messageBytes < documentBytes + (1L << 20)) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "messageBytes (" + messageBytes + ") must be 1 MiB more than documentBytes (" + documentBytes
                                + ") or larger");
            }
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
