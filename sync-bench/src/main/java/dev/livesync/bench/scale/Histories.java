package dev.livesync.bench.scale;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** What a put, a get and the arrival of an event cost in histories of different shapes, all of single puts. */
public final class Histories {
    /** Documents among which the puts go round. */
    private static final int IDS = 10_000;
    /** What events from elsewhere name as their tree; nobody has it. */
    private static final Cid ELSEWHERE = Cid.hash(Cid.DAG_CBOR, new byte[] {7});

    private final Supplier<Database> databases;
    private final SampleDocuments documents;
    private final SplittableRandom random;

    /**
     * Prepares to measure.
     *
     * @param databases makes an empty one
     * @param seed chooses
     */
    public Histories(Supplier<Database> databases, long seed) {
        this.databases = databases;
        this.documents = new SampleDocuments(seed);
        this.random = new SplittableRandom(seed);
    }

    /**
     * What was measured in one history.
     *
     * @param puts each put
     * @param arrivals each commit of one event from elsewhere
     * @param gets of documents without a conflict
     */
    public record Figures(Delays puts, Delays arrivals, Delays gets) {
        Figures() {
            this(new Delays(), new Delays(), new Delays());
        }
    }

    /**
     * One put after another, and nobody else.
     *
     * @param events how many
     * @return the delays; nothing arrives
     */
    public Figures linear(int events) {
        Figures figures = new Figures();
        try (Database database = databases.get()) {
            for (int i = 0; i < events; i++) {
                put(database, i, figures.puts);
            }
            gets(database, Math.min(events, IDS), figures.gets);
        }
        return figures;
    }

    /**
     * Two who write all the time, and each has always seen all of the other but the last event. Their heads never have an ancestor in
     * common but the first event.
     *
     * @param events how many, of both together
     * @return the delays at one of them
     */
    public Figures twoNeverInStep(int events) {
        Figures figures = new Figures();
        try (Database a = databases.get();
                Database b = databases.get()) {
            take(b, event(a, a.put(SampleDocuments.id(0), documents.json(0))), new Delays());
            for (int i = 1; i < events / 2; i++) {
                Event mine = event(a, put(a, i, figures.puts));
                Event theirs = event(b, put(b, i + IDS / 2, new Delays()));
                take(a, theirs, figures.arrivals);
                take(b, mine, new Delays());
            }
            requireHeads(a, 2);
            gets(a, Math.min(events / 2, IDS), figures.gets);
        }
        return figures;
    }

    /**
     * Many branches from the first event; then one more before each put.
     *
     * @param branches how many
     * @param puts how many puts after that
     * @return the delays; the first put merges all branches
     */
    public Figures branches(int branches, int puts) {
        Figures figures = new Figures();
        try (Database database = databases.get()) {
            List<Cid> root = List.of(database.put(SampleDocuments.id(0), documents.json(0)));
            for (int i = 1; i <= branches; i++) {
                take(database, event(i, root), figures.arrivals);
            }
            requireHeads(database, branches);
            gets(database, branches, figures.gets);
            for (int i = 0; i < puts; i++) {
                put(database, i, figures.puts);
                take(database, event(branches + 1 + i, root), figures.arrivals);
            }
        }
        return figures;
    }

    /**
     * Two branches and a put that joins them, again and again.
     *
     * @param diamonds how often
     * @return the delays
     */
    public Figures diamonds(int diamonds) {
        Figures figures = new Figures();
        try (Database database = databases.get()) {
            List<Cid> last = List.of(database.put(SampleDocuments.id(0), documents.json(0)));
            for (int i = 0; i < diamonds; i++) {
                take(database, event(3 * i + 1, last), figures.arrivals);
                take(database, event(3 * i + 2, last), figures.arrivals);
                last = List.of(put(database, 3 * i + 3, figures.puts));
            }
            requireHeads(database, 1);
            gets(database, Math.min(3 * diamonds, IDS), figures.gets);
        }
        return figures;
    }

    private static void requireHeads(Database database, int count) {
        if (database.clock().size() != count) {
            throw new IllegalStateException(database.clock().size() + " heads of " + count);
        }
    }

    private Cid put(Database database, int number, Delays delays) {
        int document = number % IDS;
        String json = documents.json(document, number / IDS);
        Cid[] event = new Cid[1];
        delays.time(() -> event[0] = database.put(SampleDocuments.id(document), json));
        return event[0];
    }

    private Event event(int number, List<Cid> parents) {
        int document = number % IDS;
        String json = documents.json(document, number / IDS);
        String id = SampleDocuments.id(document);
        return Events.put(Keys.ofId(id), Encoded.of(Document.of(id, json).value()), ELSEWHERE, parents);
    }

    private static Event event(Database database, Cid cid) {
        try (Snapshot snapshot = database.replica().snapshot()) {
            Event event = snapshot.event(cid);
            if (event == null) {
                throw new IllegalStateException(cid + " is not there");
            }
            return event;
        }
    }

    private static void take(Database database, Event event, Delays delays) {
        Commit commit = new Commit(List.of(), List.of(event), Origin.LOCAL);
        delays.time(() -> database.replica().commit(commit));
    }

    private void gets(Database database, int among, Delays delays) {
        for (int i = 0; i < IDS; i++) {
            String id = SampleDocuments.id(random.nextInt(among));
            boolean[] there = new boolean[1];
            delays.time(() -> there[0] = database.get(id).isPresent());
            if (!there[0]) {
                throw new IllegalStateException(id + " is not there");
            }
        }
    }
}
