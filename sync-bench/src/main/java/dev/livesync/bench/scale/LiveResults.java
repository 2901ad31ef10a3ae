package dev.livesync.bench.scale;

import dev.livesync.bench.report.Samples;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.database.live.LiveUpdate;
import dev.livesync.database.query.Condition;
import dev.livesync.database.query.Query;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * How long it takes from the beginning of a put until its update reaches the subscriber of a live query, against a put without one, in turn in one database. Every put changes the result: a hundredth of the documents, which the
 * puts choose among.
 */
public final class LiveResults {
    private static final int GROUPS = 100;
    private static final int BATCH = 1_000;

    private final Database database;
    private final int documents;
    private final SplittableRandom random;
    private final Delays puts = new Delays();
    private final DoubleStream.Builder updates = DoubleStream.builder();
    private int revision;

    /**
     * Fills a database.
     *
     * @param database empty; not closed
     * @param documents how many it gets
     * @param seed chooses
     */
    public LiveResults(Database database, int documents, long seed) {
        this.database = database;
        this.documents = documents;
        this.random = new SplittableRandom(seed);
        for (int from = 0; from < documents; from += BATCH) {
            int start = from;
            database.write(batch -> {
                for (int i = start; i < Math.min(documents, start + BATCH); i++) {
                    batch.put(id(i), fields(i));
                }
            });
        }
    }

    private static String id(int document) {
        return String.format("document/%08d", document);
    }

    private Map<String, Object> fields(int document) {
        return Map.of(
                "group",
                document % GROUPS,
                "revision",
                revision++,
                "text",
                "What there is to say about it, which is about as much as people say in a line or two of a note.");
    }

    private void put() {
        int document = random.nextInt(documents / GROUPS) * GROUPS;
        database.put(id(document), fields(document));
    }

    /** Asks for one update after the other. */
    private static final class Receiver implements Flow.Subscriber<LiveUpdate<Document>> {
        private final Semaphore updates = new Semaphore(0);
        private volatile long arrival;
        private volatile Flow.@Nullable Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(LiveUpdate<Document> update) {
            arrival = System.nanoTime();
            updates.release();
        }

        @Override
        public void onError(Throwable failure) {
            throw new IllegalStateException(failure);
        }

        @Override
        public void onComplete() {}

        private void cancel() {
            Flow.Subscription given = subscription;
            if (given != null) {
                given.cancel();
            }
        }

        private void await() {
            try {
                if (!updates.tryAcquire(1, TimeUnit.MINUTES)) {
                    throw new IllegalStateException("no update came");
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /**
     * Puts, with and without the live query in turn.
     *
     * @param rounds how many, and one that isn't counted
     * @param each puts in each
     */
    public void run(int rounds, int each) {
        for (int i = 0; i <= rounds; i++) {
            Delays without = i == 0 ? new Delays() : puts;
            for (int n = 0; n < each; n++) {
                without.time(this::put);
            }
            Receiver receiver = new Receiver();
            database.live(Query.all().where("/group", Condition.equalTo(0))).subscribe(receiver);
            receiver.await();
            for (int n = 0; n < each; n++) {
                long start = System.nanoTime();
                put();
                receiver.await();
                if (i > 0) {
                    updates.add((receiver.arrival - start) / 1e3);
                }
            }
            receiver.cancel();
        }
    }

    /**
     * An update's delay against a put's. Once, after the rounds.
     *
     * @return for any share of them all, such as 0.99 for the 99th of a hundred, the ratio
     */
    public DoubleUnaryOperator ratios() {
        Samples arrivals = Samples.of(updates.build().toArray());
        return share -> arrivals.quantile(share) / put(share);
    }

    /**
     * A put's delay, without a live query.
     *
     * @param share of them all
     * @return microseconds
     */
    public double put(double share) {
        return puts.clock().quantile(share);
    }
}
