package dev.livesync.bench.scale;

import dev.livesync.bench.report.Samples;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;

/**
 * How long calls take, each by itself: by the clock, and by the processor's time of the calling thread, which is not longer when other
 * programs want the machine. One thread.
 */
public final class Delays {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private double[] clock = new double[1_024];
    private double[] processor = new double[1_024];
    private int count;

    Delays() {}

    void time(Runnable call) {
        if (count == clock.length) {
            clock = Arrays.copyOf(clock, 2 * count);
            processor = Arrays.copyOf(processor, 2 * count);
        }
        long cpu = THREADS.getCurrentThreadCpuTime();
        long start = System.nanoTime();
        call.run();
        clock[count] = (System.nanoTime() - start) / 1e3;
        processor[count++] = (THREADS.getCurrentThreadCpuTime() - cpu) / 1e3;
    }

    /**
     * By the clock.
     *
     * @return microseconds
     */
    public Samples clock() {
        return Samples.of(Arrays.copyOf(clock, count));
    }

    /**
     * By the processor.
     *
     * @return microseconds
     */
    public Samples processor() {
        return Samples.of(Arrays.copyOf(processor, count));
    }
}
