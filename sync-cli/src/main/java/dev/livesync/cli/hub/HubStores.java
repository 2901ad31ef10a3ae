package dev.livesync.cli.hub;

import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Replicated;
import dev.livesync.cli.hub.HubConfiguration.StoreEntry;
import dev.livesync.cli.hub.HubHost.StoredDatabase;
import dev.livesync.replica.postgres.PostgresOptions;
import dev.livesync.replica.postgres.PostgresReplica;
import dev.livesync.replica.postgres.PostgresStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The stores that a hub shares with others, each with one pool of connections, and whether they answer. Any thread. */
final class HubStores implements AutoCloseable {
    /** How often a store is asked for a sign of life, and how old the last one may be. */
    private static final Duration ASKED = Duration.ofSeconds(1);

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** How often it is told how far the reading of a long history is. */
    private static final Duration TOLD = Duration.ofSeconds(5);

    private final Map<StoreUrls, Asked> open = new ConcurrentHashMap<>();
    private final ScheduledExecutorService asking = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "livesync-store");
        thread.setDaemon(true);
        return thread;
    });
    private final Consumer<String> note;
    private boolean closed;

    /**
     * Makes none so far.
     *
     * @param note told while the reading of a history takes long
     */
    HubStores(Consumer<String> note) {
        this.note = note;
    }

    /** What is being read so that it can be served, a line for each. */
    List<String> opening() {
        return open.values().stream()
                .flatMap(asked -> asked.store.opening().stream())
                .map(one -> "reading the history of " + one.database()
                        + (one.of() == 0 ? "" : ": " + one.events() + " of " + one.of() + " events"))
                .toList();
    }

    /** Where a store is, and where it is read. */
    private record StoreUrls(String url, Optional<String> reads) {}

    /** A store, and when it answered last. */
    private static final class Asked {
        private final PostgresStore store;
        private volatile long answered = System.nanoTime();
        private volatile String failure = "";

        Asked(PostgresStore store) {
            this.store = store;
        }

        void ask() {
            try {
                store.check();
                failure = "";
                answered = System.nanoTime();
            } catch (SyncException e) {
                failure = String.valueOf(e.getMessage());
            }
        }

        Optional<String> problem() {
            String why = failure;
            if (!why.isEmpty()) {
                return Optional.of("the store does not answer: " + why);
            }
            return System.nanoTime() - answered > PATIENCE.toNanos()
                    ? Optional.of("the store does not answer")
                    : Optional.empty();
        }
    }

    /**
     * Opens a database in a store.
     *
     * @param directory this hub's own, for its grants; made if there is none
     * @param host has commands on the directory use the database
     * @param reload reads the configuration again, for those commands
     */
    HubHost.OpenedDatabase open(StoreEntry entry, Path directory, HubHost host, Supplier<String> reload) {
        Asked asked = store(new StoreUrls(entry.url(), entry.reads()));
        PostgresReplica replica = asked.store.open(entry.database());
        boolean opened = false;
        try {
            HubHost.OpenedDatabase served =
                    host.open(new StoredDatabase(directory, entry.place(), replica, asked::problem), reload);
            opened = true;
            return new Shared(served, replica);
        } finally {
            if (!opened) {
                replica.close();
            }
        }
    }

    /** What the host has opened, and the replica below it. */
    private record Shared(HubHost.OpenedDatabase served, PostgresReplica replica) implements HubHost.OpenedDatabase {
        @Override
        public Replicated database() {
            return served.database();
        }

        @Override
        public Optional<String> problem() {
            return served.problem();
        }

        @Override
        public void serves(Sync sync) {
            served.serves(sync);
        }

        @Override
        public void close() {
            try {
                served.close();
            } finally {
                replica.close();
            }
        }
    }

    private synchronized Asked store(StoreUrls where) {
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the hub is about to end");
        }
        Asked known = open.get(where);
        if (known != null) {
            return known;
        }
        PostgresOptions.Builder options = PostgresOptions.DEFAULT.toBuilder();
        where.reads.ifPresent(options::reads);
        Asked asked = new Asked(PostgresStore.connect(where.url, options.build()));
        if (open.isEmpty()) {
            repeat(() -> opening().forEach(note), TOLD);
        }
        open.put(where, asked);
        repeat(asked::ask, ASKED);
        return asked;
    }

    private void repeat(Runnable what, Duration pause) {
        var unused = asking.scheduleWithFixedDelay(what, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void close() {
        closed = true;
        asking.shutdownNow();
        open.values().forEach(asked -> asked.store.close());
        open.clear();
    }
}
