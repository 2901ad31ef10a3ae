package dev.livesync.bench.scale;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.bench.report.Samples;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.Batch;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/** What a batch of deletes costs beside one of puts, and how what many events of one kind cost grows with their number. In memory. */
public final class Hostile {
    /** What events from elsewhere name as their tree; nobody has it. */
    private static final Cid ELSEWHERE = Cid.hash(Cid.DAG_CBOR, new byte[] {7});

    private static final Encoded DOCUMENT = Encoded.of(Document.of("any", "{}").value());

    /** So many small events go into a section of a CAR stream, and so into a commit. */
    private static final int SECTION = 2_000;

    /** The largest batch that a database writes. */
    private static final int BATCH = 10_000;

    private final int rounds;

    /**
     * Prepares to measure.
     *
     * @param rounds how often; the first is not counted
     */
    public Hostile(int rounds) {
        this.rounds = rounds;
    }

    /**
     * What was measured.
     *
     * @param clock by the clock
     * @param processor by the processor's time of the calling thread
     */
    public record Ratio(double clock, double processor) {
        private static Ratio of(Delays a, Delays b) {
            return new Ratio(median(a.clock()) / median(b.clock()), median(a.processor()) / median(b.processor()));
        }

        private static double median(Samples samples) {
            return samples.median();
        }
    }

    /**
     * Batches as large as may be that delete all documents, against those that put them, of the database's own user.
     *
     * @param documents how many
     * @return what the deletes take of the time of the puts
     */
    public Ratio ownDeletes(int documents) {
        Delays puts = new Delays();
        Delays deletes = new Delays();
        for (int i = 0; i <= rounds; i++) {
            Delays ofPuts = i == 0 ? new Delays() : puts;
            Delays ofDeletes = i == 0 ? new Delays() : deletes;
            try (Database database = Database.inMemory()) {
                ofPuts.time(() -> inBatches(database, documents, (b, d) -> b.put(id(d), "{}")));
                ofDeletes.time(() -> inBatches(database, documents, (b, d) -> b.delete(id(d))));
                require(database.summary().documents(), 0);
            }
        }
        return Ratio.of(deletes, puts);
    }

    private static void inBatches(Database database, int documents, ObjIntConsumer<Batch> operation) {
        for (int from = 0; from < documents; from += BATCH) {
            int start = from;
            database.write(b -> {
                for (int d = start; d < Math.min(documents, start + BATCH); d++) {
                    operation.accept(b, d);
                }
            });
        }
    }

    /**
     * The same from a peer in one batch, the newest document first: what a look for a document that remains finds first is deleted next.
     *
     * @param documents how many
     * @return what the deletes take of the time of the puts
     */
    public Ratio peersDeletes(int documents) {
        Delays puts = new Delays();
        Delays deletes = new Delays();
        List<Event> put = new ArrayList<>();
        List<Event> deleted = new ArrayList<>();
        List<Cid> parents = List.of();
        for (int d = 0; d < documents; d++) {
            parents = add(put, Events.put(Keys.ofId(id(d)), DOCUMENT, last(d, documents), parents));
        }
        for (int d = 0; d < documents; d++) {
            parents = add(deleted, Events.delete(Keys.ofId(id(documents - 1 - d)), null, parents));
        }
        for (int i = 0; i <= rounds; i++) {
            Delays ofPuts = i == 0 ? new Delays() : puts;
            Delays ofDeletes = i == 0 ? new Delays() : deletes;
            try (Database database = Database.inMemory()) {
                ofPuts.time(() -> commit(database, put));
                ofDeletes.time(() -> commit(database, deleted));
                require(database.summary().documents(), 0);
            }
        }
        return Ratio.of(deletes, puts);
    }

    private static @Nullable Cid last(int number, int count) {
        return number == count - 1 ? ELSEWHERE : null;
    }

    /**
     * Events of one document from one parent, in commits of a section's size.
     *
     * @param branches how many
     * @return what so many take of the time of a tenth of them
     */
    public Ratio branches(int branches) {
        DatabaseOptions options = DatabaseOptions.defaults();
        Event root = Events.put(Keys.ofId("root"), DOCUMENT, ELSEWHERE, List.of());
        List<Event> all = new ArrayList<>();
        for (int i = 0; i < branches; i++) {
            String json = "{\"n\":" + i + "}";
            Encoded document = Encoded.of(Document.of("contested", json).value());
            all.add(Events.put(Keys.ofId("contested"), document, ELSEWHERE, List.of(root.cid())));
        }
        Delays many = new Delays();
        Delays few = new Delays();
        for (int i = 0; i <= rounds; i++) {
            branches(options, root, all, i == 0 ? new Delays() : many);
            branches(options, root, all.subList(0, branches / 10), i == 0 ? new Delays() : few);
        }
        return Ratio.of(many, few);
    }

    private static void branches(DatabaseOptions options, Event root, List<Event> branches, Delays delays) {
        try (Database database = Database.inMemory(options)) {
            commit(database, List.of(root));
            delays.time(() -> {
                for (int from = 0; from < branches.size(); from += SECTION) {
                    commit(database, branches.subList(from, Math.min(branches.size(), from + SECTION)));
                }
            });
            require(database.summary().events(), 1 + branches.size());
            require(database.summary().documents(), 2);
        }
    }

    /**
     * A chain of events that comes last first, one in each commit.
     *
     * @param events how many
     * @return what so many take of the time of a tenth of them
     */
    public Ratio backwards(int events) {
        List<Event> chain = new ArrayList<>();
        List<Cid> parents = List.of();
        for (int i = 0; i < events; i++) {
            parents = add(chain, Events.put(Keys.ofId(id(i)), DOCUMENT, ELSEWHERE, parents));
        }
        Delays many = new Delays();
        Delays few = new Delays();
        for (int i = 0; i <= rounds; i++) {
            backwards(chain, i == 0 ? new Delays() : many);
            backwards(chain.subList(0, events / 10), i == 0 ? new Delays() : few);
        }
        return Ratio.of(many, few);
    }

    private static void backwards(List<Event> chain, Delays delays) {
        try (Database database = Database.inMemory()) {
            delays.time(() -> {
                for (int i = chain.size() - 1; i >= 0; i--) {
                    commit(database, List.of(chain.get(i)));
                }
            });
            require(database.summary().events(), chain.size());
        }
    }

    private static List<Cid> add(List<Event> events, Event event) {
        events.add(event);
        return List.of(event.cid());
    }

    /** From nobody in particular, so that no quota of a peer's ends it. */
    private static void commit(Database database, List<Event> events) {
        database.replica().commit(new Commit(List.of(), events, Origin.LOCAL));
    }

    private static String id(int number) {
        return String.format(Locale.ROOT, "d%06d", number);
    }

    private static void require(long is, long expected) {
        if (is != expected) {
            throw new IllegalStateException(is + " instead of " + expected);
        }
    }
}
