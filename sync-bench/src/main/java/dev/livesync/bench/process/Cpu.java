package dev.livesync.bench.process;

import java.lang.management.ManagementFactory;

/** What this process has used of the processors. */
public final class Cpu {
    private Cpu() {}

    /**
     * Of all threads, the JVM's own too.
     *
     * @return nanoseconds; -1 where the JVM can't tell
     */
    public static long nanos() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os
                ? os.getProcessCpuTime()
                : -1;
    }
}
