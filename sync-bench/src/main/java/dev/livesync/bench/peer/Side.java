package dev.livesync.bench.peer;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.Cid;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import dev.livesync.bench.bare.PackRecorder;
import dev.livesync.bench.bare.Recording;
import dev.livesync.bench.process.Line;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.database.Database;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One database with its sync, and what workloads do to it. */
final class Side implements AutoCloseable {
    static final String ANY_PORT = "ws://127.0.0.1:0/";

    private static final long PATIENCE_SECONDS = 600;

    private final Database database;
    private final Commits commits = new Commits();
    private final Arrivals arrivals = new Arrivals();
    private final Sync sync;
    private final PackRecorder recorder = new PackRecorder();
    private final Recording recording = new Recording(new WebSocketTransportProvider(), recorder);
    private boolean watching;
    private @Nullable Session dialed;

    private Side(Database database) {
        this.database = database;
        this.sync =
                Sync.builder(database).transport(recording).listener(commits).build();
    }

    static Side open(String store) {
        return new Side(store.equals("memory") ? Database.inMemory() : Database.open(Path.of(store)));
    }

    /** The packs that were sent since {@code record}. */
    List<byte[]> recorded() {
        recording.unsealed(false);
        List<byte[]> packs = recorder.stop();
        if (packs.isEmpty()) {
            throw new IllegalStateException("nothing was recorded");
        }
        return packs;
    }

    void answer(Line request, Line ok) throws Exception {
        switch (request.word()) {
            case "fill" -> fill(request);
            case "serve" -> ok.with("address", await(sync.listen(ANY_PORT)).address());
            case "sync" -> sync(request, ok);
            case "dial" -> dialed = await(sync.dial(request.text("address")));
            case "backlog" -> await(Objects.requireNonNull(dialed, "dial first").backlog());
            case "record" -> {
                recording.unsealed(true);
                recorder.start();
            }
            case "unsealed" -> recording.unsealed(true);
            case "sealed" -> recording.unsealed(false);
            case "leave" -> leave();
            case "heads" -> ok.with("heads", heads());
            case "summary" -> summary(ok);
            case "watch" -> watch();
            case "arrived" -> arrived(request, ok);
            case "put-paced" -> putPaced(request, ok);
            case "hammer" -> hammer(request, ok);
            case "await-events" -> awaitEvents(request, ok);
            default -> throw new IllegalArgumentException("unknown: " + request.word());
        }
    }

    private void fill(Line request) {
        SampleDocuments documents = new SampleDocuments(request.number("seed"));
        int revision = request.count("revision");
        int batch = request.count("batch");
        int end = request.count("from") + request.count("count");
        for (int from = request.count("from"); from < end; from += batch) {
            int start = from;
            int stop = Math.min(end, from + batch);
            database.write(writes -> {
                for (int i = start; i < stop; i++) {
                    writes.put(SampleDocuments.id(i), documents.json(i, revision));
                }
            });
        }
    }

    /** Dials, waits until everything that was there at open is safe, and leaves unless told to stay. */
    private void sync(Line request, Line ok) throws Exception {
        long start = System.nanoTime();
        Session session = await(sync.dial(request.text("address")));
        long opened = System.nanoTime();
        await(session.backlog());
        ok.with("nanos", System.nanoTime() - start).with("opened", opened - start);
        if (!Boolean.parseBoolean(request.text("stay"))) {
            leave();
        }
    }

    private void leave() throws Exception {
        for (Session session : sync.sessions()) {
            session.close();
            await(session.closed());
        }
    }

    private String heads() {
        try (Snapshot snapshot = database.replica().snapshot()) {
            return snapshot.heads().stream().map(Cid::toString).collect(Collectors.joining(" "));
        }
    }

    private void summary(Line ok) {
        try (Snapshot snapshot = database.replica().snapshot()) {
            Summary summary = snapshot.summary();
            ok.with("documents", summary.documents()).with("events", summary.events());
        }
        ok.with("received", commits.events()).with("commits", commits.commits());
    }

    /** From here on arrivals are noted. Not before: a listener costs a thread and a list of ids for each commit. */
    private void watch() {
        arrivals.forget();
        if (!watching) {
            watching = true;
            var unused = database.subscribe(arrivals);
        }
    }

    /** When documents became visible here, once all of them are. */
    private void arrived(Line request, Line ok) {
        int count = request.count("count");
        int from = request.count("from");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (arrivals.count() < count && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        long[] times = new long[count];
        for (int i = 0; i < count; i++) {
            times[i] = arrivals.time(SampleDocuments.id(from + i));
        }
        ok.withAll("times", times);
    }

    /** One put after the other at a fixed pace, late ones at once; answers when each was called. */
    private void putPaced(Line request, Line ok) {
        SampleDocuments documents = new SampleDocuments(request.number("seed"));
        int from = request.count("from");
        long[] times = new long[request.count("count")];
        long interval = TimeUnit.MICROSECONDS.toNanos(request.number("micros"));
        long start = System.nanoTime();
        for (int i = 0; i < times.length; i++) {
            long wait = start + i * interval - System.nanoTime();
            while (wait > 0) {
                LockSupport.parkNanos(wait);
                wait = start + i * interval - System.nanoTime();
            }
            String json = documents.json(from + i);
            times[i] = Clock.micros();
            database.put(SampleDocuments.id(from + i), json);
        }
        ok.withAll("times", times);
    }

    /** Small puts as fast as they go, over and over the same ids. */
    private void hammer(Line request, Line ok) {
        long total = request.number("total");
        long ids = request.number("ids");
        long start = System.nanoTime();
        for (long i = 0; i < total; i++) {
            database.put("live-" + i % ids, "{\"n\":" + i + "}");
        }
        ok.with("nanos", System.nanoTime() - start);
    }

    private void awaitEvents(Line request, Line ok) throws Exception {
        long start = System.nanoTime();
        Duration silence = commits.await(request.number("total"), Duration.ofMillis(request.number("stall")));
        ok.with("nanos", System.nanoTime() - start).with("silence", silence.toMillis());
        summary(ok);
    }

    private static <T> T await(CompletableFuture<T> stage) throws Exception {
        return stage.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        sync.close();
        database.close();
    }
}
