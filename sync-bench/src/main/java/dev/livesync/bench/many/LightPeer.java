package dev.livesync.bench.many;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One session with the hub, and what is behind it: a {@link LightReplica} or a database. */
final class LightPeer implements SyncListener {
    private final @Nullable Database database;
    private final Replica replica;
    private final Sync sync;
    private final Visits visits;
    private volatile @Nullable Session session;
    private volatile @Nullable SyncException failure;

    private LightPeer(
            @Nullable Database database,
            Replica replica,
            Visits visits,
            SharedThreads threads,
            TransportProvider transport) {
        this.database = database;
        this.replica = replica;
        this.visits = visits;
        this.sync = Sync.builder(replica)
                .transport(transport)
                .executor(threads.executor())
                .time(threads.scheduler(), System::nanoTime)
                .listener(this)
                .build();
    }

    static LightPeer light(CommonEvents history, SharedThreads threads, TransportProvider transport) {
        Visits visits = new Visits();
        return new LightPeer(null, new LightReplica(history, visits::arrived), visits, threads, transport);
    }

    static LightPeer inMemory(SharedThreads threads, TransportProvider transport) {
        Visits visits = new Visits();
        Database database = Database.inMemory();
        var unused = database.subscribe(visits);
        return new LightPeer(database, database.replica(), visits, threads, transport);
    }

    /** Completes when everything that the hub had is here. */
    CompletableFuture<Void> join(String address) {
        return sync.dial(address).thenCompose(open -> {
            session = open;
            return open.backlog();
        });
    }

    Visits visits() {
        return visits;
    }

    @Override
    public void sessionClosed(Session closed, @Nullable SyncException why) {
        failure = why;
    }

    /** The session; a failure where it has ended. */
    Session session() {
        Session open = session;
        if (open == null || failure != null) {
            throw new IllegalStateException("a session has ended", failure);
        }
        return open;
    }

    boolean isOpen() {
        return session != null && failure == null;
    }

    /** How many events there are, and the clock. */
    String state() {
        try (Snapshot snapshot = replica.snapshot()) {
            List<Cid> heads = snapshot.heads();
            return snapshot.summary().events() + " events, heads "
                    + heads.stream().map(Cid::toString).collect(Collectors.joining(" "));
        }
    }

    /** -1 where there is no database. */
    long documents() {
        return database == null ? -1 : database.summary().documents();
    }

    void abort() {
        Session open = session;
        if (open != null) {
            open.abort();
        }
    }
}
