package dev.livesync.bench.process;

import java.util.concurrent.CompletableFuture;

/** Two processes: A has something, B wants it. */
public final class ProcessPair implements AutoCloseable {
    private final Child a;
    private final Child b;

    /**
     * Two that run; closing the pair ends both.
     *
     * @param a A
     * @param b B
     */
    public ProcessPair(Child a, Child b) {
        this.a = a;
        this.b = b;
    }

    /**
     * Asks A.
     *
     * @param request the question
     * @return the answer
     */
    public Line a(Line request) {
        return a.ask(request);
    }

    /**
     * Asks B.
     *
     * @param request the question
     * @return the answer
     */
    public Line b(Line request) {
        return b.ask(request);
    }

    /**
     * Asks both.
     *
     * @return how much of the processors A has used so far, and how much B
     */
    public CpuTime cpu() {
        return new CpuTime(a(Line.of("cpu")).number("nanos"), b(Line.of("cpu")).number("nanos"));
    }

    /**
     * Time of the processors at both sides, in nanoseconds.
     *
     * @param a of A
     * @param b of B
     */
    public record CpuTime(double a, double b) {
        /**
         * What has been used in between.
         *
         * @param before an earlier one
         * @return the difference
         */
        public CpuTime since(CpuTime before) {
            return new CpuTime(a - before.a, b - before.b);
        }

        /**
         * The sum.
         *
         * @return of both sides
         */
        public double both() {
            return a + b;
        }
    }

    /**
     * Asks A without waiting; A can be asked nothing else before it has answered.
     *
     * @param request the question
     * @return the answer
     */
    public CompletableFuture<Line> meanwhileA(Line request) {
        return CompletableFuture.supplyAsync(() -> a.ask(request));
    }

    /**
     * Both have the same heads, or it is a failure.
     *
     * @param nameAtA A's database
     * @param nameAtB B's database
     */
    public void requireEqual(String nameAtA, String nameAtB) {
        String heads = a(Line.of("heads").with("name", nameAtA)).text("heads");
        String others = b(Line.of("heads").with("name", nameAtB)).text("heads");
        if (!heads.equals(others)) {
            throw new IllegalStateException("after the sync A's heads are " + heads + ", B's " + others);
        }
    }

    @Override
    public void close() {
        a.close();
        b.close();
    }
}
