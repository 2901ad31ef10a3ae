package dev.livesync.fuzz;

import com.sun.management.ThreadMXBean;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.lang.management.ManagementFactory;

/** Judges what a reader does with an input. Whatever it must not do is an {@link AssertionError}, or comes out as it was thrown. */
final class Verdicts {
    /** Of the processor's time, for an input of at most a few thousand bytes. */
    private static final long MOST_NANOS = 5_000_000_000L;

    /** What loads a class, or is instrumented meanwhile, allocates a lot, and not again. */
    private static final int TRIES = 10;

    private static final int MOST_WORDS = 4_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Verdicts() {}

    /** Whether the input was refused. The bounds have to be kept in one of some tries. */
    static boolean isRefused(FuzzedReader reader, byte[] input) {
        return isRefused(reader, input, 1);
    }

    /** The same where an allocation counts for less: Jazzer looks at texts and maps on the same thread. */
    static boolean isRefused(FuzzedReader reader, byte[] input, int slack) {
        long most = slack * reader.mostFor(input.length);
        long taken = 0;
        for (int i = 0; i < TRIES; i++) {
            byte[] copy = input.clone();
            long before = THREADS.getCurrentThreadAllocatedBytes();
            long began = THREADS.getCurrentThreadCpuTime();
            boolean refused = isRefusedOnce(reader, copy);
            taken = THREADS.getCurrentThreadAllocatedBytes() - before;
            if (taken <= most && THREADS.getCurrentThreadCpuTime() - began <= MOST_NANOS) {
                return refused;
            }
        }
        throw new AssertionError(reader.name() + " took too long, or allocated too much: " + taken + " bytes for "
                + input.length + " bytes, where " + most + " are allowed");
    }

    private static boolean isRefusedOnce(FuzzedReader reader, byte[] input) {
        try {
            reader.body().read(input);
            return false;
        } catch (SyncException e) {
            String words = e.getMessage();
            if (!reader.refusals().contains(e.kind())) {
                throw new AssertionError(reader.name() + " refused with " + e.kind() + ": " + words, e);
            }
            if (words == null || words.isBlank() || words.length() > MOST_WORDS || words.indexOf(10) >= 0) {
                throw new AssertionError(
                        reader.name() + " refused without words, with too many, or with more than a line of them", e);
            }
            return true;
        } catch (IOException e) {
            throw new AssertionError(reader.name() + " failed in memory", e);
        }
    }
}
