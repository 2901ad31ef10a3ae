package dev.livesync.bench;

import dev.livesync.bench.many.DelayCounts;
import dev.livesync.bench.process.Child;
import dev.livesync.bench.process.Line;
import dev.livesync.bench.process.StallingProxy;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A hub in a process of its own, and sessions with it in others. Some of these have databases, the others have {@code LightReplica}s, since
 * this machine has to hold all of them. Each speaks the whole protocol.
 */
final class ManySessions implements AutoCloseable {
    /** What the hub's process has and has used: bytes, threads, nanoseconds. */
    record HubFigures(long heap, long peak, long threads, long javaThreads, long cpuNanos, long gcMillis) {}

    /** What came of some puts: delays of all of them at all sessions, and what the processors did for it. */
    record Delivery(
            DelayCounts delays, int puts, long hubCpuNanos, long peersCpuNanos, long gcMillis, Traffic traffic) {}

    /** What all sessions together have sent and received, without seals and frames. */
    record Traffic(long received, long sent, long messages, long packs) {
        Traffic since(Traffic before) {
            return new Traffic(
                    received - before.received, sent - before.sent, messages - before.messages, packs - before.packs);
        }
    }

    private static final String NAME = "many";
    private static final String GROUP = "reading";
    private static final String STALLED = "stalled";

    /** So much of an initial sync passes before a session stalls. */
    private static final int BEFORE_STALL = 64 << 10;

    private final Child hub;
    private final List<Child> peers = new ArrayList<>();
    private final long seed;
    private final String address;
    private int next;
    private @Nullable StallingProxy stalling;

    /**
     * Starts the processes, and the hub.
     *
     * @param documents what the hub has at first
     * @param processes in which sessions are
     */
    ManySessions(List<String> hubOptions, List<String> peerOptions, int processes, int documents, long seed)
            throws IOException {
        this.seed = seed;
        hub = Child.java("hub", hubOptions, Main.class, "peer");
        for (int i = 0; i < processes; i++) {
            peers.add(Child.java("sessions " + (i + 1), peerOptions, Main.class, "peer"));
        }
        hub.ask(Line.of("open").with("name", NAME).with("store", "memory"));
        hub.ask(Line.of("fill")
                .with("name", NAME)
                .with("from", 0)
                .with("count", documents)
                .with("revision", 0)
                .with("batch", 100)
                .with("seed", seed));
        next = documents;
        address = hub.ask(Line.of("serve").with("name", NAME)).text("address");
    }

    /**
     * Adds sessions, evenly to all processes; in step when this returns.
     *
     * @param databases how many of them have a database
     * @return how long each took, in milliseconds, where 25 dialled at a time
     */
    double join(int count, int databases) {
        double millis = 0;
        for (int i = 0; i < peers.size(); i++) {
            millis += Double.parseDouble(peers.get(i)
                            .ask(Line.of("many-join")
                                    .with("group", GROUP)
                                    .with("address", address)
                                    .with("count", part(count, i))
                                    .with("databases", part(databases, i)))
                            .text("millis"))
                    / peers.size();
        }
        return millis;
    }

    private int part(int count, int process) {
        return count * (process + 1) / peers.size() - count * process / peers.size();
    }

    HubFigures state() {
        long heap = hub.ask(Line.of("heap")).number("live");
        heap = Math.min(heap, hub.ask(Line.of("heap")).number("live"));
        Line process = hub.ask(Line.of("many-process"));
        return new HubFigures(
                heap,
                hub.ask(Line.of("memory")).number("peak"),
                process.number("native"),
                process.number("java"),
                hub.ask(Line.of("cpu")).number("nanos"),
                process.number("gc"));
    }

    /** Single puts of new documents at the hub, at a pace, until all sessions have all of them. */
    Delivery deliver(int puts, long micros) {
        for (Child peer : peers) {
            peer.ask(Line.of("many-watch")
                    .with("group", GROUP)
                    .with("from", next)
                    .with("count", puts));
        }
        Line before = hub.ask(Line.of("many-process"));
        final long hubBefore = hub.ask(Line.of("cpu")).number("nanos");
        final long peersBefore = peersCpu();
        final Traffic trafficBefore = traffic();
        long[] times = hub.ask(Line.of("put-paced")
                        .with("name", NAME)
                        .with("from", next)
                        .with("count", puts)
                        .with("micros", micros)
                        .with("seed", seed))
                .numbers("times");
        next += puts;
        DelayCounts delays = new DelayCounts();
        for (Line answer : all(Line.of("many-delays").with("group", GROUP).withAll("times", times))) {
            delays.addAll(answer.numbers("counts"));
        }
        return new Delivery(
                delays,
                puts,
                hub.ask(Line.of("cpu")).number("nanos") - hubBefore,
                peersCpu() - peersBefore,
                hub.ask(Line.of("many-process")).number("gc") - before.number("gc"),
                traffic().since(trafficBefore));
    }

    private long peersCpu() {
        return peers.stream()
                .mapToLong(peer -> peer.ask(Line.of("cpu")).number("nanos"))
                .sum();
    }

    private Traffic traffic() {
        List<Line> answers = all(Line.of("many-traffic").with("group", GROUP));
        return new Traffic(
                sum(answers, "received"), sum(answers, "sent"), sum(answers, "messages"), sum(answers, "packs"));
    }

    private static long sum(List<Line> answers, String field) {
        return answers.stream().mapToLong(answer -> answer.number(field)).sum();
    }

    private List<Line> all(Line request) {
        List<CompletableFuture<Line>> asked = peers.stream()
                .map(peer -> CompletableFuture.supplyAsync(() -> peer.ask(request)))
                .toList();
        return asked.stream().map(CompletableFuture::join).toList();
    }

    /** Adds a session that stops reading in the middle of its initial sync. */
    void stall() throws IOException {
        URI real = URI.create(address);
        StallingProxy proxy = new StallingProxy(real.getPort(), BEFORE_STALL);
        stalling = proxy;
        peers.get(0)
                .ask(Line.of("many-dial")
                        .with("group", STALLED)
                        .with("address", address.replace(":" + real.getPort(), ":" + proxy.port())));
    }

    /** Ends the session that does not read; whether it was still there. */
    boolean endStall() throws IOException {
        boolean open =
                peers.get(0).ask(Line.of("many-open").with("group", STALLED)).number("open") == 1;
        peers.get(0).ask(Line.of("many-abort").with("group", STALLED));
        Objects.requireNonNull(stalling).close();
        stalling = null;
        return open;
    }

    /** Whether all have what the hub has; how many sessions that are. */
    int requireEqual() {
        Line summary = hub.ask(Line.of("summary").with("name", NAME));
        String state = summary.number("events") + " events, heads "
                + hub.ask(Line.of("heads").with("name", NAME)).text("heads");
        int sessions = 0;
        for (Line answer : all(Line.of("many-states").with("group", GROUP))) {
            if (answer.count("count") > 0 && !answer.text("states").equals(state)) {
                throw new IllegalStateException("the hub has " + state + ", its sessions " + answer.text("states"));
            }
            long[] documents = answer.numbers("documents");
            if (!LongStream.of(documents).allMatch(n -> n == summary.number("documents"))) {
                throw new IllegalStateException("the hub has " + summary.number("documents")
                        + " documents, its sessions " + Arrays.toString(documents));
            }
            sessions += answer.count("count");
        }
        if (summary.number("documents") != next) {
            throw new IllegalStateException("the hub has " + summary.number("documents") + " documents of " + next);
        }
        return sessions;
    }

    @Override
    public void close() throws IOException {
        try (StallingProxy open = stalling) {
            peers.forEach(Child::close);
            hub.close();
        }
    }
}
