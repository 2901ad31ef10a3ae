package dev.livesync.database.log;

import java.util.concurrent.atomic.LongAdder;

/** Counts what was done since a log was opened, and how long it took. Any thread. */
public final class WorkCounts {
    /** Something that is done again and again. */
    public static final class Work {
        private final LongAdder times = new LongAdder();
        private final LongAdder nanos = new LongAdder();

        private Work() {}

        /**
         * Begins to measure.
         *
         * @return for {@link #done}
         */
        public long begin() {
            return System.nanoTime();
        }

        /**
         * It was done once more.
         *
         * @param begun what {@link #begin} returned
         * @return how long it took, in nanoseconds
         */
        public long done(long begun) {
            long took = System.nanoTime() - begun;
            times.increment();
            nanos.add(took);
            return took;
        }

        /**
         * How often it was done.
         *
         * @return a count
         */
        public long times() {
            return times.sum();
        }

        /**
         * How long that took.
         *
         * @return nanoseconds in all
         */
        public long nanos() {
            return nanos.sum();
        }
    }

    /** Forces of the log, for transactions. */
    public final Work forces = new Work();
    /** Merges of what peers have sent. */
    public final Work merges = new Work();
    /** Compactions. */
    public final Work compactions = new Work();
    /** Checkpoints. */
    public final Work checkpoints = new Work();

    /** Failures of either. */
    public final LongAdder maintenanceFailures = new LongAdder();
    /** Transactions that are durable. */
    public final LongAdder transactions = new LongAdder();
    /** Bytes that were appended for them. */
    public final LongAdder bytesWritten = new LongAdder();
}
