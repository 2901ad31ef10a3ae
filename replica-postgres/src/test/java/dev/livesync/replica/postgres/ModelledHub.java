package dev.livesync.replica.postgres;

import dev.livesync.api.replica.Replica;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** One process that has a database of a {@link ModelledServer} open, without a thread of its own. */
public final class ModelledHub implements AutoCloseable {
    private final PostgresStore store;
    private final PostgresReplica replica;

    private ModelledHub(PostgresStore store, PostgresReplica replica) {
        this.store = store;
        this.replica = replica;
    }

    /** How a hub is made. */
    public static final class Parts {
        private final ModelledLink link;
        private final Executor executor;
        private final Consumer<String> announce;
        private final RandomGenerator random;
        private PlantedStoreBug bug = PlantedStoreBug.NONE;
        private int historyEvery;

        /**
         * All that it needs.
         *
         * @param link to the server
         * @param executor runs wake-ups
         * @param announce told of each database with something new, to tell others or not
         * @param random draws names
         */
        public Parts(ModelledLink link, Executor executor, Consumer<String> announce, RandomGenerator random) {
            this.link = link;
            this.executor = executor;
            this.announce = announce;
            this.random = random;
        }

        /**
         * With checkpoints of the history, to begin with.
         *
         * @param every after how many events, 2 or more
         * @return these
         */
        public Parts withHistory(int every) {
            historyEvery = every;
            return this;
        }

        /**
         * With a mistake.
         *
         * @param planted which
         * @return these
         */
        public Parts with(PlantedStoreBug planted) {
            bug = planted;
            return this;
        }
    }

    /**
     * Opens a database.
     *
     * @param parts what it needs
     * @param database its name
     * @param pendingBytes how much of one peer's events may wait
     * @return the hub
     */
    public static ModelledHub open(Parts parts, String database, long pendingBytes) {
        PostgresOptions options = PostgresOptions.DEFAULT.toBuilder()
                .random(parts.random)
                .pendingBytesPerPeer(pendingBytes)
                .build();
        PostgresStore store = PostgresStore.driven(
                parts.link.source(),
                options,
                parts.executor,
                new Told(parts.announce),
                parts.bug::followed,
                parts.historyEvery);
        try {
            return new ModelledHub(store, store.open(database));
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private record Told(Consumer<String> announce) implements PostgresStore.Background {
        @Override
        public void announce(String database) {
            announce.accept(database);
        }

        @Override
        public CompletionStage<Void> send(String database, String payload) {
            throw new UnsupportedOperationException("a modelled hub says nothing");
        }

        @Override
        public Executor followers() {
            return Runnable::run;
        }

        @Override
        public void close() {}

        @Override
        public void join() {}
    }

    /**
     * Its database.
     *
     * @return the replica
     */
    public Replica replica() {
        return replica;
    }

    /** Looks for what others have committed. */
    public void look() {
        store.look(null);
    }

    void clearCache() {
        store.clearCache();
    }

    @Override
    public void close() {
        store.close();
    }
}
