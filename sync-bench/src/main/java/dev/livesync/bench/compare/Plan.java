package dev.livesync.bench.compare;

import java.time.Duration;
import java.util.List;

/**
 * How much of everything.
 *
 * @param documents how many A has in warm processes
 * @param sizes how many A has where bytes are counted
 * @param coldDocuments how many A has in cold processes
 * @param batch how many of them A writes at once
 * @param different how many are new at each end after a time apart
 * @param livePuts how many single puts
 * @param liveMicros microseconds from one to the next
 * @param rounds that count
 * @param warmup rounds that don't, in warm processes
 * @param delay each way, of the link that has one
 * @param seed of the documents; the round is added
 * @param heap of JVMs where memory is measured, as {@code -Xmx} takes it; for more than 10,000 documents it grows with them
 * @param jvm options of JVMs otherwise
 */
public record Plan(
        int documents,
        List<Integer> sizes,
        int coldDocuments,
        int batch,
        int different,
        int livePuts,
        long liveMicros,
        int rounds,
        int warmup,
        Duration delay,
        long seed,
        String heap,
        List<String> jvm) {
    private static final int USUAL_DOCUMENTS = 10_000;

    /** What the JVMs are told where memory is measured. */
    List<String> counted(int size) {
        return List.of("-Xmx" + (size <= USUAL_DOCUMENTS ? heap : 256 + size / 250 + "m"));
    }
}
