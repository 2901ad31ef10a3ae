package dev.livesync.database;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.live.LiveUpdate;
import dev.livesync.database.query.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;

/** What the kit of Reactive Streams asks of a live query. {@link LiveTckTest} runs it; the name keeps others from doing so. */
final class LiveTck extends FlowPublisherVerification<LiveUpdate<Document>> implements AutoCloseable {
    private final ExecutorService writer = Executors.newSingleThreadExecutor();
    private final List<Database> databases = new ArrayList<>();

    /**
     * Makes one. Signals that have to come have all the time there is; for those that must not come a moment has to do.
     *
     * @param errorMillis how long the kit waits for an error: always that long, and once
     */
    LiveTck(long errorMillis) {
        super(new TestEnvironment(60_000, 20, errorMillis));
    }

    /** A database that is written for as long as it is open: each write follows from the one before. */
    @Override
    public Flow.Publisher<LiveUpdate<Document>> createFlowPublisher(long elements) {
        Database database = Database.inMemory();
        databases.add(database);
        AtomicLong count = new AtomicLong();
        database.watch(changes -> writer.execute(() -> write(database, count.incrementAndGet())));
        write(database, 0);
        return database.live(Query.all());
    }

    private static void write(Database database, long number) {
        try {
            database.put("n", "{\"n\":" + number + "}");
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.CLOSED) {
                throw e;
            }
        }
    }

    /** It refuses nobody. */
    @Override
    public Flow.@Nullable Publisher<LiveUpdate<Document>> createFailedFlowPublisher() {
        return null;
    }

    @Override
    public long maxElementsFromPublisher() {
        return publisherUnableToSignalOnComplete();
    }

    @Override
    public void close() {
        databases.forEach(Database::close);
        writer.shutdown();
    }
}
