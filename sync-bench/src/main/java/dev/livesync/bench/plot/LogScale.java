package dev.livesync.bench.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A logarithmic axis, from one power of ten to another. */
final class LogScale {
    private final int low;
    private final int high;
    private final double start;
    private final double end;

    /** Covers all values, which are above 0; {@code start} and {@code end} are where its ends are drawn. */
    LogScale(List<Double> values, double start, double end) {
        double min = values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        double max = values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        if (!(min > 0)) {
            throw new IllegalArgumentException("a logarithmic axis has no place for " + min);
        }
        this.low = (int) Math.floor(Math.log10(min));
        this.high = Math.max(low + 1, (int) Math.ceil(Math.log10(max)));
        this.start = start;
        this.end = end;
    }

    double place(double value) {
        return start + (Math.log10(value) - low) / (high - low) * (end - start);
    }

    /** The powers of ten. */
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        for (int power = low; power <= high; power++) {
            ticks.add(Math.pow(10, power));
        }
        return ticks;
    }

    /** A power of ten for people. */
    static String label(double tick) {
        return tick >= 1
                ? String.format(Locale.ROOT, "%,.0f", tick)
                : String.format(Locale.ROOT, "%.6f", tick).replaceAll("0+$", "");
    }
}
