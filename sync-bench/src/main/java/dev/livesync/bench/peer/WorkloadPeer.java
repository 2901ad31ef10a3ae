package dev.livesync.bench.peer;

import dev.livesync.api.transport.DialingTransport;
import dev.livesync.bench.bare.BareLoop;
import dev.livesync.bench.bare.BareSender;
import dev.livesync.bench.bare.BareStore;
import dev.livesync.bench.channel.Echo;
import dev.livesync.bench.channel.Threads;
import dev.livesync.bench.channel.Watchdog;
import dev.livesync.bench.channel.Windows;
import dev.livesync.bench.many.ManyPeers;
import dev.livesync.bench.process.Cpu;
import dev.livesync.bench.process.Line;
import dev.livesync.bench.process.Served;
import dev.livesync.bench.webrtc.Carriers;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers what a workload asks of one side. Databases have names, so that a process that is warm can go through many of
 * them.
 */
public final class WorkloadPeer implements Served.Service, AutoCloseable {
    private static final Pattern PEAK = Pattern.compile("VmHWM:\\s+([0-9]+) kB");

    private final Threads threads = new Threads();
    private final DialingTransport transport = (DialingTransport) new WebSocketTransportProvider().open(threads);
    private final Map<String, Side> sides = new HashMap<>();
    private @Nullable Carriers carriers;
    private @Nullable ManyPeers many;

    @Override
    public Line answer(Line request) throws Exception {
        Line ok = Line.of("ok");
        switch (request.word()) {
            case "open" -> sides.put(request.text("name"), Side.open(request.text("store")));
            case "close" -> {
                Side side = side(request);
                sides.remove(request.text("name"));
                side.close();
            }
            case "echo" -> ok.with("address", listen());
            case "windows" -> windows(request, ok);
            case "serve-cars" -> ok.with("address", serve(side(request).recorded()));
            case "receive-cars" -> receiveCars(request, ok);
            case "rehearse" -> rehearse();
            case "cpu" -> ok.with("nanos", Cpu.nanos());
            case "memory" -> ok.with("peak", peakBytes());
            case "heap" -> ok.with("live", liveBytes());
            default -> {
                if (request.word().startsWith("rtc-")) {
                    carriers().answer(request, ok);
                } else if (request.word().startsWith("many-")) {
                    many().answer(request, ok);
                } else {
                    side(request).answer(request, ok);
                }
            }
        }
        return ok;
    }

    /** A small sync within this process, so that the launcher's archive of classes has what one takes. */
    private void rehearse() throws Exception {
        for (String name : List.of("a", "b")) {
            answer(Line.of("open").with("name", name).with("store", "memory"));
        }
        answer(Line.of("fill")
                .with("name", "a")
                .with("seed", 1)
                .with("from", 0)
                .with("count", 1_000)
                .with("batch", 100)
                .with("revision", 0));
        String address = answer(Line.of("serve").with("name", "a")).text("address");
        answer(Line.of("sync").with("name", "b").with("address", address).with("stay", "false"));
        for (String name : List.of("a", "b")) {
            answer(Line.of("close").with("name", name));
        }
    }

    private Side side(Line request) {
        @Nullable Side side = sides.get(request.text("name"));
        if (side == null) {
            throw new IllegalArgumentException("no database of the name " + request.text("name"));
        }
        return side;
    }

    /** Only where they are wanted: they load a native library. */
    private Carriers carriers() {
        Carriers made = carriers;
        if (made == null) {
            made = new Carriers(threads);
            carriers = made;
        }
        return made;
    }

    private ManyPeers many() {
        ManyPeers made = many;
        if (made == null) {
            made = new ManyPeers();
            many = made;
        }
        return made;
    }

    private String listen() throws Exception {
        return transport
                .listen(Side.ANY_PORT, Echo::serve)
                .toCompletableFuture()
                .get()
                .address();
    }

    private String serve(List<byte[]> packs) throws Exception {
        return transport
                .listen(Side.ANY_PORT, channel -> BareSender.serve(channel, packs))
                .toCompletableFuture()
                .get()
                .address();
    }

    private void windows(Line request, Line ok) throws Exception {
        Watchdog watchdog = new Watchdog(Duration.ofMillis(request.number("stall")));
        long start = System.nanoTime();
        Windows.run(
                transport.dial(request.text("address")).toCompletableFuture().get(),
                request.number("total"),
                request.count("bytes"),
                watchdog);
        ok.with("nanos", System.nanoTime() - start);
        ok.with("silence", watchdog.longestSilence().toMillis());
    }

    private void receiveCars(Line request, Line ok) throws Exception {
        String path = request.text("store");
        try (BareStore store = path.equals("memory") ? BareStore.inMemory() : BareStore.inFile(Path.of(path))) {
            ok.with("nanos", BareLoop.run(transport, request.text("address"), store));
            ok.with("blocks", store.blocks());
        }
    }

    private static long peakBytes() throws Exception {
        Path status = Path.of("/proc/self/status");
        Matcher peak = PEAK.matcher(Files.exists(status) ? Files.readString(status) : "");
        return peak.find() ? Long.parseLong(peak.group(1)) * 1024 : -1;
    }

    /** What is left of the heap after a collection. */
    private static long liveBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Override
    public void close() {
        sides.values().forEach(Side::close);
        if (carriers != null) {
            carriers.close();
        }
        if (many != null) {
            many.close();
        }
        transport.close();
        threads.close();
    }
}
