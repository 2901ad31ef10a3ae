package dev.livesync.bench.capacity;

import java.util.Locale;

/** What was measured, once, and where it stands. Nothing else in the model is measured. */
enum MeasuredCost {
    /** Cores for one delivery: 0.54 cores sent 50 puts a second to 500 sessions. */
    DELIVERY(0.54 / (50 * 500) * 1e6, "µs of a core", "a put at one session of a hub", "benchmarks.md, Many sessions"),
    /** Both ends, so an upper bound for one. */
    FOLLOW(
            350,
            "µs of a core",
            "an event written, or taken from the feed, at a hub",
            "benchmarks.md, A live put: 225 + 125 µs"),
    HANDSHAKE(2_500, "µs of a core", "a session's handshake and proofs", "benchmarks.md, Initial sync"),
    SESSION(86.9 * 1024, "B of heap", "a session that gets puts", "benchmarks.md, Many sessions"),
    HISTORY(100, "B of heap", "an event of a database that a hub follows", "postgres.md"),
    WIRE(132 + 2.9, "B", "a put at one session, with what goes back", "benchmarks.md, Many sessions"),
    /** The median slice. */
    DELAY(16.8, "ms", "p99 from put to a session, at 0.27 of each core", "benchmarks.md, Many sessions"),
    UTILISATION(0.27, "", "of each core of the hub meanwhile: 0.54 of two", "benchmarks.md, Many sessions"),
    HOP(4, "ms", "p50 from a commit to another connection that listens", "hubs.md, What was measured"),
    EVENTS_IN_BATCHES(
            10_783, "events/s", "three nodes and four hubs on two cores, 1,000 a commit", "hubs.md, What was measured"),
    COMMITS(293, "commits/s", "the same to one database, one event a commit", "hubs.md, What was measured"),
    FAILOVER(3.7, "s", "longest pause when the primary is killed", "hubs.md, What was measured"),
    WAL(1_349, "B", "WAL for a put of 100 B, committed alone", "hubs.md, What was measured");

    private final double value;
    private final String unit;
    private final String what;
    private final String source;

    MeasuredCost(double value, String unit, String what, String source) {
        this.value = value;
        this.unit = unit;
        this.what = what;
        this.source = source;
    }

    double value() {
        return value;
    }

    String row() {
        String number = value >= 100
                ? String.format(Locale.ROOT, "%,.0f", value)
                : String.format(Locale.ROOT, "%.2f", value).replaceAll("\\.?0+$", "");
        return "| " + what + " | " + number + " " + unit + " | " + source + " |";
    }
}
