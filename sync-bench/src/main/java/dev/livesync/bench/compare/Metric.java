package dev.livesync.bench.compare;

import java.util.Arrays;

/** What is measured. Bytes are those of the TCP streams, both ways, from the first of the HTTP upgrade until nothing passes any more. */
public enum Metric {
    /** From the dial until B has all documents. */
    INIT_MS("init ms"),
    /** The same, in bytes. */
    INIT_BYTES("init bytes"),
    /** The same, where A has written its documents one by one. */
    INIT_SINGLE_BYTES("init bytes, one by one"),
    /** The processors' time of the initial sync, both ends. */
    INIT_CPU_MS("init processors' ms"),
    /** From the dial until the session is open, where nothing is new. */
    OPEN_MS("open ms"),
    /** From the dial until both know that nothing is new. */
    RESYNC_MS("resync ms"),
    /** The same, in bytes. */
    RESYNC_BYTES("resync bytes"),
    /** After ten new documents at each end, in one batch each: from the dial until both can read all. */
    DIFF_MS("diff ms"),
    /** The same, in bytes. */
    DIFF_BYTES("diff bytes"),
    /** The same, with one write for each document. */
    DIFF_SINGLE_MS("diff ms, one by one"),
    /** The same, in bytes. */
    DIFF_SINGLE_BYTES("diff bytes, one by one"),
    /** The median of the round's puts, from {@code put} at A to the listener at B. */
    LIVE_P50_MS("live p50 ms"),
    /** Of a hundred, the last but one. */
    LIVE_P99_MS("live p99 ms"),
    /** Of one put. */
    LIVE_BYTES("live bytes"),
    /** A's processors' time of one put. */
    LIVE_CPU_A_MS("live processors' ms, A"),
    /** B's. */
    LIVE_CPU_B_MS("live processors' ms, B"),
    /** The most memory of A's process, all workloads done. */
    PEAK_A("peak RSS bytes, A"),
    /** Of B's process. */
    PEAK_B("peak RSS bytes, B"),
    /** With a delay each way: from the dial until the session is open. */
    DELAYED_OPEN_MS("delayed open ms"),
    /** With a delay each way: a resync. */
    DELAYED_RESYNC_MS("delayed resync ms"),
    /** With a delay each way: a diff, until both can read all. */
    DELAYED_DIFF_MS("delayed diff ms"),
    /** Round trips of a resync, the upgrade and the handshake included. */
    RESYNC_TRIPS("resync round trips"),
    /** Of a diff, until both can read all: a half is a message that isn't answered. */
    DIFF_TRIPS("diff round trips"),
    /** Until the session was open. */
    OPEN_TRIPS("open round trips"),
    /** The first sync of two processes that have just been started. */
    COLD_MS("cold ms"),
    /** An append of 256 bytes to a file and its fsync, in the folder where directories are. */
    FSYNC_MS("fsync ms");

    private final String title;

    Metric(String title) {
        this.title = title;
    }

    /**
     * In the file of the figures.
     *
     * @return a name with its unit
     */
    public String title() {
        return title;
    }

    static Metric of(String title) {
        return Arrays.stream(values())
                .filter(metric -> metric.title.equals(title))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no measurement has the name " + title));
    }
}
