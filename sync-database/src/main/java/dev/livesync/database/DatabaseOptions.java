package dev.livesync.database;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.query.FieldIndex;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** How a database is to be opened. Immutable; any thread. */
public final class DatabaseOptions {
    /** More of a batch does not travel in one piece. */
    private static final int MOST_BATCH_EVENTS = 10_000;

    private static final int MOST_BATCH_BYTES = 24 << 20;
    private static final int MOST_INDEXES = 32;
    private static final DatabaseOptions DEFAULTS = new Builder().build();

    private final Fidelity fidelity;
    private final int maxDocumentBytes;
    private final int maxBatchEvents;
    private final int maxBatchBytes;
    private final int mostHeads;
    private final int headsPerPeer;
    private final long pendingBytesPerPeer;
    private final Duration pendingMaxAge;
    private final long maxAttachmentBytes;
    private final long segmentBytes;
    private final long cacheBytes;
    private final InstantSource time;
    private final RandomGenerator random;
    private final @Nullable Executor maintenance;
    private final List<FieldIndex> indexes;

    private DatabaseOptions(Builder b) {
        fidelity = b.fidelity;
        maxDocumentBytes = b.maxDocumentBytes;
        maxBatchEvents = b.maxBatchEvents;
        maxBatchBytes = b.maxBatchBytes;
        mostHeads = b.mostHeads;
        headsPerPeer = b.headsPerPeer;
        pendingBytesPerPeer = b.pendingBytesPerPeer;
        pendingMaxAge = b.pendingMaxAge;
        maxAttachmentBytes = b.maxAttachmentBytes;
        segmentBytes = b.segmentBytes;
        cacheBytes = b.cacheBytes;
        time = b.time;
        random = b.random;
        maintenance = b.maintenance;
        indexes = b.indexes;
    }

    /**
     * The defaults, as each property states them.
     *
     * @return always the same
     */
    public static DatabaseOptions defaults() {
        return DEFAULTS;
    }

    /**
     * Starts with the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A copy to change.
     *
     * @return a builder that holds these options
     */
    public Builder toBuilder() {
        Builder b = new Builder();
        b.fidelity = fidelity;
        b.maxDocumentBytes = maxDocumentBytes;
        b.maxBatchEvents = maxBatchEvents;
        b.maxBatchBytes = maxBatchBytes;
        b.mostHeads = mostHeads;
        b.headsPerPeer = headsPerPeer;
        b.pendingBytesPerPeer = pendingBytesPerPeer;
        b.pendingMaxAge = pendingMaxAge;
        b.maxAttachmentBytes = maxAttachmentBytes;
        b.segmentBytes = segmentBytes;
        b.cacheBytes = cacheBytes;
        b.time = time;
        b.random = random;
        b.maintenance = maintenance;
        b.indexes = indexes;
        return b;
    }

    /**
     * What {@link Database#put(String, String)}, {@link Database#put(String, java.util.Map)} and their like in a {@link Batch} do with what cannot be
     * kept as it is. Documents that are made already are what they are.
     *
     * @return by default {@link Fidelity#EXACT}: refuse it
     */
    public Fidelity fidelity() {
        return fidelity;
    }

    /**
     * The largest document that is written or taken from a peer.
     *
     * @return bytes of its dag-cbor; by default 16 MiB
     */
    public int maxDocumentBytes() {
        return maxDocumentBytes;
    }

    /**
     * How many events a batch may write.
     *
     * @return events; by default 10,000
     */
    public int maxBatchEvents() {
        return maxBatchEvents;
    }

    /**
     * How large the events of a batch may be together; a single one may be larger.
     *
     * @return bytes; by default 16 MiB
     */
    public int maxBatchBytes() {
        return maxBatchBytes;
    }

    /** How many heads may stay before they are merged without being asked; also the most parents of an event that is written here. */
    int mostHeads() {
        return mostHeads;
    }

    /**
     * How many events one peer may add that nobody builds upon, neither it nor another peer nor this database's user. A commit that would leave more of
     * them is refused, for that peer only. Never more are told by an honest peer with the defaults, however many it was sent itself.
     *
     * @return events; by default 250,000
     */
    public int headsPerPeer() {
        return headsPerPeer;
    }

    /**
     * How much of a peer's events is kept that lack an ancestor or the end of their batch, and as much again of its blocks that belong
     * to no event. The oldest are given up for newer ones; a commit that alone brings more is refused, {@link
     * dev.livesync.api.ErrorKind#LIMIT_EXCEEDED}.
     *
     * @return bytes; by default 64 MiB
     */
    public long pendingBytesPerPeer() {
        return pendingBytesPerPeer;
    }

    /**
     * How long such events and blocks are kept.
     *
     * @return a positive time; by default 7 days
     */
    public Duration pendingMaxAge() {
        return pendingMaxAge;
    }

    /**
     * How much all attachments of the database may take together, what nobody names any more included until it is collected.
     *
     * @return bytes; by default 16 GiB
     */
    public long maxAttachmentBytes() {
        return maxAttachmentBytes;
    }

    /**
     * How large a file of the log, or of attachments, grows before the next one begins.
     *
     * @return bytes; by default 64 MiB
     */
    public long segmentBytes() {
        return segmentBytes;
    }

    /**
     * How much of what was read from the disk or written to it is kept in memory.
     *
     * @return bytes; by default 16 MiB
     */
    public long cacheBytes() {
        return cacheBytes;
    }

    /**
     * Where the time comes from: the age of pending events depends on it, and of what {@code forgetPast} of attachments forgets.
     *
     * @return by default the system's clock
     */
    public InstantSource time() {
        return time;
    }

    /**
     * Where randomness comes from: a new database's identity, salts of checksums and hash tables.
     *
     * @return by default a {@link SecureRandom}
     */
    public RandomGenerator random() {
        return random;
    }

    /**
     * Where compaction and checkpoints run that nobody asked for.
     *
     * @return by default empty: on a daemon thread of each database's own, which is there only while there is something to do
     */
    public Optional<Executor> maintenance() {
        return Optional.ofNullable(maintenance);
    }

    /**
     * What is kept in order besides the ids, for {@link Database#query}. An index is made when a database is opened that hasn't it yet, which reads all documents, and is in the checkpoint
     * from then on; one that is no longer declared is forgotten. It holds the first 100 bytes of a document's fields twice, and some 20 bytes more, in memory.
     *
     * @return by default none; immutable
     */
    public List<FieldIndex> indexes() {
        return indexes;
    }

    /** Collects options; one thread at a time. */
    public static final class Builder {
        private Fidelity fidelity = Fidelity.EXACT;
        private int maxDocumentBytes = 16 << 20;
        private int maxBatchEvents = 10_000;
        private int maxBatchBytes = 16 << 20;
        private int mostHeads = 1_000;
        private int headsPerPeer = 250_000;
        private long pendingBytesPerPeer = 64L << 20;
        private Duration pendingMaxAge = Duration.ofDays(7);
        private long maxAttachmentBytes = 16L << 30;
        private long segmentBytes = 64L << 20;
        private long cacheBytes = 16L << 20;
        private InstantSource time = InstantSource.system();
        private RandomGenerator random = new SecureRandom();
        private @Nullable Executor maintenance;
        private List<FieldIndex> indexes = List.of();

        private Builder() {}

        /**
         * Sets {@link DatabaseOptions#fidelity()}.
         *
         * @param fidelity how content is taken
         * @return this builder
         */
        public Builder fidelity(Fidelity fidelity) {
            this.fidelity = Objects.requireNonNull(fidelity, "fidelity");
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#maxDocumentBytes()}.
         *
         * @param bytes 1 to 1 GiB
         * @return this builder
         * @throws SyncException {@link ErrorKind#CONFIGURATION} for other numbers
         */
        public Builder maxDocumentBytes(int bytes) {
            maxDocumentBytes = (int) within("maxDocumentBytes", bytes, 1, 1 << 30);
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#maxBatchEvents()}.
         *
         * @param events 1 to 10,000: a peer that gets more of a batch than that keeps it as pending until it ends
         * @return this builder
         * @throws SyncException {@link ErrorKind#CONFIGURATION} for other numbers
         */
        public Builder maxBatchEvents(int events) {
            maxBatchEvents = (int) within("maxBatchEvents", events, 1, MOST_BATCH_EVENTS);
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#maxBatchBytes()}.
         *
         * @param bytes 1 to 24 MiB: a peer that gets more of a batch than that keeps it as pending until it ends
         * @return this builder
         * @throws SyncException {@link ErrorKind#CONFIGURATION} for other numbers
         */
        public Builder maxBatchBytes(int bytes) {
            maxBatchBytes = (int) within("maxBatchBytes", bytes, 1, MOST_BATCH_BYTES);
            return this;
        }

        /** Sets {@link DatabaseOptions#mostHeads()}: 3 or more. */
        Builder mostHeads(int heads) {
            mostHeads = (int) within("mostHeads", heads, 3, 10_000);
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#headsPerPeer()}.
         *
         * @param heads at least 1
         * @return this builder
         * @throws SyncException {@link ErrorKind#CONFIGURATION} for other numbers
         */
        public Builder headsPerPeer(int heads) {
            headsPerPeer = (int) within("headsPerPeer", heads, 1, Integer.MAX_VALUE);
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#pendingBytesPerPeer()}.
         *
         * @param bytes 0 or more; 0 refuses everything incomplete
         * @return this builder
         * @throws SyncException {@link ErrorKind#CONFIGURATION} for other numbers
         */
        public Builder pendingBytesPerPeer(long bytes) {
            pendingBytesPerPeer = within("pendingBytesPerPeer", bytes, 0, Long.MAX_VALUE);
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#pendingMaxAge()}.
         *
         * @param age a positive time, to the millisecond
         * @return this builder
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is not positive
         */
        public Builder pendingMaxAge(Duration age) {
            within("pendingMaxAge", age.toMillis(), 1, Long.MAX_VALUE);
            pendingMaxAge = age;
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#maxAttachmentBytes()}.
         *
         * @param bytes 0 or more; 0 refuses all
         * @return this builder
         * @throws SyncException {@link ErrorKind#CONFIGURATION} for other numbers
         */
        public Builder maxAttachmentBytes(long bytes) {
            maxAttachmentBytes = within("maxAttachmentBytes", bytes, 0, Long.MAX_VALUE);
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#segmentBytes()}.
         *
         * @param bytes at least 1,024
         * @return this builder
         * @throws SyncException {@link ErrorKind#CONFIGURATION} for other numbers
         */
        public Builder segmentBytes(long bytes) {
            segmentBytes = within("segmentBytes", bytes, 1024, 1L << 38);
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#cacheBytes()}.
         *
         * @param bytes 0 or more
         * @return this builder
         * @throws SyncException {@link ErrorKind#CONFIGURATION} for other numbers
         */
        public Builder cacheBytes(long bytes) {
            cacheBytes = within("cacheBytes", bytes, 0, Long.MAX_VALUE);
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#time()}.
         *
         * @param time asked at every commit from a peer
         * @return this builder
         */
        public Builder time(InstantSource time) {
            this.time = Objects.requireNonNull(time, "time");
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#random()}.
         *
         * @param random used by one thread at a time of each database
         * @return this builder
         */
        public Builder random(RandomGenerator random) {
            this.random = Objects.requireNonNull(random, "random");
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#maintenance()}.
         *
         * @param executor asked by whoever has written, after that is durable; one run of a database at a time, which may take seconds, reads and
         *     writes files, and ends soon after {@link Database#close()}. {@code Runnable::run} has the writer do it before his call returns. What it
         *     refuses is asked for again by a later write
         * @return this builder
         */
        public Builder maintenance(Executor executor) {
            this.maintenance = Objects.requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Sets {@link DatabaseOptions#indexes()}.
         *
         * @param indexes all of them, each once, 32 at most; in place of those that were set before
         * @return this builder
         * @throws SyncException {@link ErrorKind#CONFIGURATION} for more
         */
        public Builder indexes(FieldIndex... indexes) {
            within("indexes", indexes.length, 0, MOST_INDEXES);
            this.indexes = List.of(indexes).stream().distinct().toList();
            return this;
        }

        /**
         * The options collected so far.
         *
         * @return immutable options
         */
        public DatabaseOptions build() {
            return new DatabaseOptions(this);
        }

        private static long within(String name, long value, long least, long most) {
            if (value < least || value > most) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, "option " + name + " is " + least + " to " + most + ": " + value);
            }
            return value;
        }
    }
}
