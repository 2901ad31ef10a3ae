package dev.livesync.bench.report;

import java.util.Arrays;
import java.util.Collection;

/** A set of measurements of one thing. */
public final class Samples {
    private final double[] sorted;

    private Samples(double[] sorted) {
        this.sorted = sorted;
    }

    /**
     * Takes measurements in any order.
     *
     * @param values at least one
     * @return the set
     */
    public static Samples of(Collection<? extends Number> values) {
        return of(values.stream().mapToDouble(Number::doubleValue).toArray());
    }

    /**
     * Takes measurements in any order.
     *
     * @param values at least one; copied
     * @return the set
     */
    public static Samples of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("nothing was measured");
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return new Samples(sorted);
    }

    /**
     * The value that a share of all measurements does not exceed (nearest rank: always one that was measured).
     *
     * @param share 0 to 1
     * @return the value
     */
    public double quantile(double share) {
        int rank = (int) Math.ceil(share * sorted.length);
        return sorted[Math.max(0, Math.min(sorted.length - 1, rank - 1))];
    }

    /**
     * The middle: the mean of the two middle ones where there are two.
     *
     * @return the median
     */
    public double median() {
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /**
     * The sum by the count.
     *
     * @return the mean
     */
    public double mean() {
        return Arrays.stream(sorted).average().orElseThrow();
    }

    /**
     * The smallest.
     *
     * @return the least value
     */
    public double min() {
        return sorted[0];
    }

    /**
     * The largest.
     *
     * @return the greatest value
     */
    public double max() {
        return sorted[sorted.length - 1];
    }

    /**
     * How many there are.
     *
     * @return 1 or more
     */
    public int count() {
        return sorted.length;
    }
}
