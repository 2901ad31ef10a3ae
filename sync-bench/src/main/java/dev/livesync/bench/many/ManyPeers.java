package dev.livesync.bench.many;

import dev.livesync.bench.process.Line;
import dev.livesync.bench.report.Samples;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What one process does for {@code livesync bench many}: holds sessions, in groups, and counts its own threads. */
public final class ManyPeers implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 300;

    /** So many dials at once: the hub is one machine, and its memory is what is looked at. */
    private static final int DIALS = 25;

    private static final Pattern THREADS = Pattern.compile("Threads:\\s+([0-9]+)");

    private final SharedThreads threads = new SharedThreads();
    private final SharedTransport transport = new SharedTransport(new WebSocketTransportProvider());
    private final CommonEvents history = new CommonEvents();
    private final Map<String, List<LightPeer>> groups = new HashMap<>();

    /** No sessions. */
    public ManyPeers() {}

    /**
     * Does what a line asks for.
     *
     * @param request the line
     * @param ok gets the answer's fields
     * @throws Exception if it does not work
     */
    public void answer(Line request, Line ok) throws Exception {
        switch (request.word()) {
            case "many-process" -> process(ok);
            case "many-join" -> join(request, ok);
            case "many-dial" -> dial(request);
            case "many-watch" ->
                group(request).forEach(peer -> peer.visits().watch(request.count("from"), request.count("count")));
            case "many-delays" -> delays(request, ok);
            case "many-states" -> states(request, ok);
            case "many-traffic" -> traffic(request, ok);
            case "many-open" ->
                ok.with(
                        "open",
                        group(request).stream().filter(LightPeer::isOpen).count());
            case "many-abort" -> {
                group(request).forEach(LightPeer::abort);
                groups.remove(request.text("group"));
            }
            default -> throw new IllegalArgumentException("unknown: " + request.word());
        }
    }

    private List<LightPeer> group(Line request) {
        return groups.computeIfAbsent(request.text("group"), name -> new ArrayList<>());
    }

    private static void process(Line ok) throws Exception {
        Path status = Path.of("/proc/self/status");
        Matcher all = THREADS.matcher(Files.exists(status) ? Files.readString(status) : "");
        ok.with("native", all.find() ? all.group(1) : "-1");
        ok.with("java", ManagementFactory.getThreadMXBean().getThreadCount());
        long collecting = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            collecting += collector.getCollectionTime();
        }
        ok.with("gc", collecting);
    }

    /** Sessions that are in step when this returns; some of them with databases. */
    private void join(Line request, Line ok) throws Exception {
        List<LightPeer> peers = made(request.count("count"), request.count("databases"));
        group(request).addAll(peers);
        List<Double> millis = new ArrayList<>();
        for (int from = 0; from < peers.size(); from += DIALS) {
            long start = System.nanoTime();
            List<CompletableFuture<Void>> joins = peers.subList(from, Math.min(peers.size(), from + DIALS)).stream()
                    .map(peer -> peer.join(request.text("address")))
                    .toList();
            for (CompletableFuture<Void> join : joins) {
                join.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
            millis.add((System.nanoTime() - start) / 1e6 / joins.size());
        }
        ok.with("millis", millis.isEmpty() ? 0 : Samples.of(millis).median());
    }

    private List<LightPeer> made(int count, int databases) {
        List<LightPeer> peers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            peers.add(
                    i < databases
                            ? LightPeer.inMemory(threads, transport)
                            : LightPeer.light(history, threads, transport));
        }
        return peers;
    }

    /** Begins a session, which need not come to anything. */
    private void dial(Line request) {
        for (LightPeer peer : made(1, 0)) {
            group(request).add(peer);
            var unused = peer.join(request.text("address"));
        }
    }

    /** When all have arrived: how late they were after the given times. */
    private void delays(Line request, Line ok) {
        long[] put = request.numbers("times");
        DelayCounts delays = new DelayCounts();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        for (LightPeer peer : group(request)) {
            while (!peer.visits().isComplete()) {
                peer.session();
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("not everything has arrived: " + peer.state());
                }
                LockSupport.parkNanos(1_000_000);
            }
            long[] times = peer.visits().times();
            for (int i = 0; i < put.length; i++) {
                delays.add(times[i] - put[i]);
            }
        }
        ok.withAll("counts", delays.counts());
    }

    /** The different states that peers are in; one, if all are equal. */
    private void states(Line request, Line ok) {
        Set<String> states = new TreeSet<>();
        Set<Long> documents = new TreeSet<>();
        for (LightPeer peer : group(request)) {
            peer.session();
            states.add(peer.state());
            documents.add(peer.documents());
        }
        documents.remove(-1L);
        ok.with("count", group(request).size()).with("states", String.join("; ", states));
        ok.withAll("documents", documents.stream().mapToLong(n -> n).toArray());
    }

    private void traffic(Line request, Line ok) {
        long received = 0;
        long sent = 0;
        long messages = 0;
        long packs = 0;
        for (LightPeer peer : group(request)) {
            received += peer.session().statistics().bytesReceived();
            sent += peer.session().statistics().bytesSent();
            messages += peer.session().statistics().messagesSent()
                    + peer.session().statistics().messagesReceived();
            packs += peer.session().statistics().carsReceived();
        }
        ok.with("received", received)
                .with("sent", sent)
                .with("messages", messages)
                .with("packs", packs);
    }

    @Override
    public void close() {
        threads.close();
    }
}
