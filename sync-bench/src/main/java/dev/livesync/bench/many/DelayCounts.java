package dev.livesync.bench.many;

/** Millions of delays by their size, to one part in a hundred. Not for use by several threads at once. */
public final class DelayCounts {
    private static final double STEP = Math.log(1.01);

    /** Up to 1.01^2200 µs: 53 minutes. */
    private static final int BUCKETS = 2_200;

    private final long[] counts = new long[BUCKETS];
    private long total;

    /** No delays. */
    public DelayCounts() {}

    /**
     * Adds one.
     *
     * @param micros how long; less than 1 counts as 1
     */
    public void add(long micros) {
        int bucket = (int) (Math.log((double) Math.max(1, micros)) / STEP);
        counts[Math.min(BUCKETS - 1, bucket)]++;
        total++;
    }

    /**
     * Adds others.
     *
     * @param others as {@link #counts} gives them
     */
    public void addAll(long[] others) {
        for (int i = 0; i < others.length; i++) {
            counts[i] += others[i];
            total += others[i];
        }
    }

    /**
     * How many there are of each size.
     *
     * @return a copy
     */
    public long[] counts() {
        return counts.clone();
    }

    /**
     * How many there are.
     *
     * @return the count
     */
    public long total() {
        return total;
    }

    /**
     * The delay that a share of all does not exceed.
     *
     * @param share 0 to 1
     * @return milliseconds, up to one part in a hundred too much; 0 if there are no delays
     */
    public double quantile(double share) {
        long rank = Math.max(1, (long) Math.ceil(share * total));
        long before = 0;
        for (int i = 0; i < BUCKETS; i++) {
            before += counts[i];
            if (before >= rank) {
                return Math.exp((i + 1) * STEP) / 1e3;
            }
        }
        return 0;
    }
}
