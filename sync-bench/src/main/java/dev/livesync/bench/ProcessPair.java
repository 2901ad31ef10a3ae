package dev.livesync.bench;

import dev.livesync.bench.process.Child;
import dev.livesync.bench.process.Line;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Two processes: A has something, B wants it. */
final class ProcessPair implements AutoCloseable {
    private final Child a;
    private final Child b;

    /** Starts both; the options are the JVMs'. */
    ProcessPair(List<String> jvmOptions) throws IOException {
        this(jvmOptions, jvmOptions);
    }

    /** Starts both, each with options of its own. */
    ProcessPair(List<String> optionsOfA, List<String> optionsOfB) throws IOException {
        this(Child.java("A", optionsOfA, Main.class, "peer"), Child.java("B", optionsOfB, Main.class, "peer"));
    }

    /** Starts both of another checkout's build. */
    static ProcessPair of(Path checkout, List<String> jvmOptions) throws IOException {
        Child a = Child.checkout("A of " + checkout, checkout, jvmOptions, "bench", "peer");
        try {
            return new ProcessPair(a, Child.checkout("B of " + checkout, checkout, jvmOptions, "bench", "peer"));
        } catch (IOException e) {
            a.close();
            throw e;
        }
    }

    /** Two that run. */
    ProcessPair(Child a, Child b) {
        this.a = a;
        this.b = b;
    }

    /** Asks A. */
    Line a(Line request) {
        return a.ask(request);
    }

    /** Asks B. */
    Line b(Line request) {
        return b.ask(request);
    }

    /** How much of the processors A has used so far, and how much B. */
    CpuTime cpu() {
        return new CpuTime(a(Line.of("cpu")).number("nanos"), b(Line.of("cpu")).number("nanos"));
    }

    /** Time of the processors at both sides, in nanoseconds. */
    record CpuTime(double a, double b) {
        CpuTime since(CpuTime before) {
            return new CpuTime(a - before.a, b - before.b);
        }

        double both() {
            return a + b;
        }
    }

    /** Asks A without waiting; A can be asked nothing else before it has answered. */
    CompletableFuture<Line> meanwhileA(Line request) {
        return CompletableFuture.supplyAsync(() -> a.ask(request));
    }

    /** Both have the same heads, or it is a failure. */
    void requireEqual(String nameAtA, String nameAtB) {
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
