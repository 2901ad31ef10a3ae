package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** How a store is used. Immutable; {@link #DEFAULT} and {@link #toBuilder()} make others. */
public final class PostgresOptions {
    /** What is taken where nothing else is said. */
    public static final PostgresOptions DEFAULT = new Builder().build();

    private final int documentBytes;
    private final int headsPerPeer;
    private final long pendingBytesPerPeer;
    private final Duration pendingMaxAge;
    private final Duration lockTimeout;
    private final Duration idleTimeout;
    private final Duration pollInterval;
    private final int commitsPerTransaction;
    private final long maxAttachmentBytes;
    private final int poolSize;
    private final long cacheBytes;
    private final @Nullable String reads;
    private final RandomGenerator random;

    private PostgresOptions(Builder b) {
        documentBytes = b.documentBytes;
        headsPerPeer = b.headsPerPeer;
        pendingBytesPerPeer = b.pendingBytesPerPeer;
        pendingMaxAge = b.pendingMaxAge;
        lockTimeout = b.lockTimeout;
        idleTimeout = b.idleTimeout;
        pollInterval = b.pollInterval;
        commitsPerTransaction = b.commitsPerTransaction;
        maxAttachmentBytes = b.maxAttachmentBytes;
        poolSize = b.poolSize;
        cacheBytes = b.cacheBytes;
        reads = b.reads;
        random = b.random;
    }

    /**
     * The largest document that a peer may bring.
     *
     * @return bytes; 16 MiB by default
     */
    public int documentBytes() {
        return documentBytes;
    }

    /**
     * How many concurrent events of one peer may stay without another upon them, counted by each hub for what came through it since it opened the database.
     *
     * @return a number; 1,000 by default
     */
    public int headsPerPeer() {
        return headsPerPeer;
    }

    /**
     * How much of one peer's events may wait for others, through all hubs together; the oldest make room.
     *
     * @return bytes, 256 more for each event; 64 MiB by default
     */
    public long pendingBytesPerPeer() {
        return pendingBytesPerPeer;
    }

    /**
     * How long they may, by the server's clock.
     *
     * @return 7 days by default
     */
    public Duration pendingMaxAge() {
        return pendingMaxAge;
    }

    /**
     * How long a commit waits for one of another hub's before it fails.
     *
     * @return 5 seconds by default
     */
    public Duration lockTimeout() {
        return lockTimeout;
    }

    /**
     * How long a hub may say nothing inside a transaction before the server takes it back, so that one that has stalled doesn't keep the others from committing.
     *
     * @return 5 seconds by default
     */
    public Duration idleTimeout() {
        return idleTimeout;
    }

    /**
     * How often the feeds are looked at where nobody has said that there is something new.
     *
     * @return 1 second by default
     */
    public Duration pollInterval() {
        return pollInterval;
    }

    /**
     * How many commits that wait at the same time share a transaction.
     *
     * @return a number; 512 by default, 1 for a transaction each
     */
    public int commitsPerTransaction() {
        return commitsPerTransaction;
    }

    /**
     * How much all attachments of a database may take together, what nobody names any more included until it is collected. It is counted by the server, to the byte, whichever hubs write.
     *
     * @return bytes; 16 GiB by default
     */
    public long maxAttachmentBytes() {
        return maxAttachmentBytes;
    }

    /**
     * How many connections a store that was opened by URL has at most, the one that listens included.
     *
     * @return a number; 10 by default
     */
    public int poolSize() {
        return poolSize;
    }

    /**
     * How much of what was written or read last stays in memory, of all databases of a store together.
     *
     * @return bytes; 32 MiB by default
     */
    public long cacheBytes() {
        return cacheBytes;
    }

    /**
     * Where blocks and events are read, as far as a standby there has them, so that reading is no load for the primary. What one doesn't have yet, or never had, is read where everything else is, and so is all of it while none answers.
     *
     * @return a JDBC URL; empty by default, which reads everything at the one that the store was opened with
     */
    public Optional<String> reads() {
        return Optional.ofNullable(reads);
    }

    RandomGenerator random() {
        return random;
    }

    /**
     * Makes options that differ in something.
     *
     * @return a builder with these
     */
    public Builder toBuilder() {
        Builder b = new Builder();
        b.documentBytes = documentBytes;
        b.headsPerPeer = headsPerPeer;
        b.pendingBytesPerPeer = pendingBytesPerPeer;
        b.pendingMaxAge = pendingMaxAge;
        b.lockTimeout = lockTimeout;
        b.idleTimeout = idleTimeout;
        b.pollInterval = pollInterval;
        b.commitsPerTransaction = commitsPerTransaction;
        b.maxAttachmentBytes = maxAttachmentBytes;
        b.poolSize = poolSize;
        b.cacheBytes = cacheBytes;
        b.reads = reads;
        b.random = random;
        return b;
    }

    /** Makes {@link PostgresOptions}. One thread at a time. */
    public static final class Builder {
        private int documentBytes = 16 << 20;
        private int headsPerPeer = 1_000;
        private long pendingBytesPerPeer = 64 << 20;
        private Duration pendingMaxAge = Duration.ofDays(7);
        private Duration lockTimeout = Duration.ofSeconds(5);
        private Duration idleTimeout = Duration.ofSeconds(5);
        private Duration pollInterval = Duration.ofSeconds(1);
        private int commitsPerTransaction = 512;
        private long maxAttachmentBytes = 16L << 30;
        private int poolSize = 10;
        private long cacheBytes = 32 << 20;
        private @Nullable String reads;
        private RandomGenerator random = new java.security.SecureRandom();

        private Builder() {}

        /**
         * Sets {@link PostgresOptions#documentBytes()}.
         *
         * @param bytes 1 or more
         * @return this
         */
        public Builder documentBytes(int bytes) {
            documentBytes = Math.toIntExact(positive(bytes, "documentBytes"));
            return this;
        }

        /**
         * Sets {@link PostgresOptions#headsPerPeer()}.
         *
         * @param heads 1 or more
         * @return this
         */
        public Builder headsPerPeer(int heads) {
            headsPerPeer = Math.toIntExact(positive(heads, "headsPerPeer"));
            return this;
        }

        /**
         * Sets {@link PostgresOptions#pendingBytesPerPeer()}.
         *
         * @param bytes 1 or more
         * @return this
         */
        public Builder pendingBytesPerPeer(long bytes) {
            pendingBytesPerPeer = positive(bytes, "pendingBytesPerPeer");
            return this;
        }

        /**
         * Sets {@link PostgresOptions#pendingMaxAge()}.
         *
         * @param age a millisecond or more
         * @return this
         */
        public Builder pendingMaxAge(Duration age) {
            pendingMaxAge = positive(age, "pendingMaxAge");
            return this;
        }

        /**
         * Sets {@link PostgresOptions#lockTimeout()}.
         *
         * @param time a millisecond or more
         * @return this
         */
        public Builder lockTimeout(Duration time) {
            lockTimeout = positive(time, "lockTimeout");
            return this;
        }

        /**
         * Sets {@link PostgresOptions#idleTimeout()}.
         *
         * @param time a millisecond or more
         * @return this
         */
        public Builder idleTimeout(Duration time) {
            idleTimeout = positive(time, "idleTimeout");
            return this;
        }

        /**
         * Sets {@link PostgresOptions#pollInterval()}.
         *
         * @param time a millisecond or more
         * @return this
         */
        public Builder pollInterval(Duration time) {
            pollInterval = positive(time, "pollInterval");
            return this;
        }

        /**
         * Sets {@link PostgresOptions#commitsPerTransaction()}.
         *
         * @param commits 1 or more
         * @return this
         */
        public Builder commitsPerTransaction(int commits) {
            commitsPerTransaction = Math.toIntExact(positive(commits, "commitsPerTransaction"));
            return this;
        }

        /**
         * Sets {@link PostgresOptions#maxAttachmentBytes()}.
         *
         * @param bytes 0 for none
         * @return this
         */
        public Builder maxAttachmentBytes(long bytes) {
            if (bytes < 0) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, "maxAttachmentBytes is 0 or more, not " + bytes);
            }
            maxAttachmentBytes = bytes;
            return this;
        }

        /**
         * Sets {@link PostgresOptions#poolSize()}.
         *
         * @param connections 3 or more: one listens, one commits, one reads
         * @return this
         */
        public Builder poolSize(int connections) {
            if (connections < 3) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, "poolSize is 3 or more, not " + connections);
            }
            poolSize = connections;
            return this;
        }

        /**
         * Sets {@link PostgresOptions#cacheBytes()}.
         *
         * @param bytes 0 for none
         * @return this
         */
        public Builder cacheBytes(long bytes) {
            if (bytes < 0) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, "cacheBytes is 0 or more, not " + bytes);
            }
            cacheBytes = bytes;
            return this;
        }

        /**
         * Sets {@link PostgresOptions#reads()}.
         *
         * @param url as for {@link PostgresStore#connect}: all nodes, and {@code targetServerType=preferSecondary}
         * @return this
         */
        public Builder reads(String url) {
            reads = url;
            return this;
        }

        /**
         * Sets where random numbers come from: names of attempts, identities, seeds of hash tables.
         *
         * @param generator safe for any thread; one of a program's hubs must not draw what another one draws. {@link java.security.SecureRandom} by default
         * @return this
         */
        public Builder random(RandomGenerator generator) {
            random = generator;
            return this;
        }

        /**
         * Makes the options.
         *
         * @return immutable options
         */
        public PostgresOptions build() {
            return new PostgresOptions(this);
        }

        private static long positive(long value, String name) {
            if (value < 1) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, name + " is 1 or more, not " + value);
            }
            return value;
        }

        private static Duration positive(Duration value, String name) {
            positive(value.toMillis(), name);
            return value;
        }
    }
}
