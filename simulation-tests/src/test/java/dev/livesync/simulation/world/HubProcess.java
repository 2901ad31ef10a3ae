package dev.livesync.simulation.world;

import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.checkpoint.CheckpointStore;
import dev.livesync.replica.postgres.ModelledHub;
import dev.livesync.replica.postgres.ModelledLink;
import dev.livesync.replica.postgres.ModelledLink.Fault;
import dev.livesync.replica.postgres.ModelledLink.Kind;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;

/** What a running hub has of the store that it shares with others. It ends with the process. */
final class HubProcess {
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final CheckpointStore NO_CHECKPOINTS = new CheckpointStore() {
        @Override
        public void save(String name, Content content) {}

        @Override
        public boolean load(String name, Loader sink) {
            return false;
        }
    };

    private final Machine machine;
    private final Clockwork clockwork;
    private final WorldStore store;
    private final Clockwork.Life life;
    /** Of what the process does beside: it looks for what others have committed. */
    private final Clockwork.Life listening;

    /** After how many events a checkpoint of the history is worth writing: so few that most hubs begin with one. */
    private static final int FEW = 4;

    private static final int SOME = 16;

    private final ModelledLink link;
    private final HubFaults faults = new HubFaults();
    private final ModelledHub hub;
    private final Replica replica;
    private final Database database;
    private long silentUntil;
    private boolean unaware;
    private String feed;

    /** Starts it; throws what keeps it from that. */
    HubProcess(Machine machine, Clockwork clockwork, WorldStore store, Defect defect, Options options) {
        this.machine = machine;
        this.clockwork = clockwork;
        this.store = store;
        life = options.life;
        listening = clockwork.life();
        link = store.server().link();
        link.with(this::next);
        boolean started = false;
        try {
            hub = ModelledHub.open(
                    new ModelledHub.Parts(
                                    link,
                                    life.executor(),
                                    name -> store.announce(this),
                                    new SplittableRandom(options.seed))
                            .with(defect.store())
                            .withHistory(FEW + Math.floorMod(options.seed, SOME)),
                    WorldStore.DATABASE,
                    64L << 20);
            replica = new Acknowledged(hub.replica());
            database = Database.over(replica, "hub", NO_CHECKPOINTS, options.database);
            started = true;
        } finally {
            if (!started) {
                link.stop();
            }
        }
        feed = feed();
        store.started(this);
        poll();
    }

    /** How a process is started. */
    record Options(Clockwork.Life life, DatabaseOptions database, long seed) {}

    /** Passes on what it is asked, and notes what was acknowledged. */
    private final class Acknowledged extends ForwardingReplica {
        Acknowledged(Replica real) {
            super(real);
        }

        @Override
        public CommitResult commit(Commit commit) {
            if (commit.origin().equals(Origin.LOCAL)) {
                commit.events().forEach(event -> machine.gaveBirth(event.cid()));
            }
            int losses = store.losses();
            CommitResult result = super.commit(commit);
            if (losses == store.losses()) {
                store.acknowledged(result.accepted());
            }
            return result;
        }
    }

    Database database() {
        return database;
    }

    /** What others commit, too, is told of here. */
    void onChange(Runnable wakeUp) {
        var unused = hub.replica().onChange(wakeUp);
    }

    Set<Clockwork.Life> lives() {
        return Set.of(life, listening);
    }

    HubFaults faults() {
        return faults;
    }

    ModelledLink link() {
        return link;
    }

    boolean hasStopped() {
        return link.hasStopped();
    }

    private Fault next(int operation, Kind kind) {
        if (store.isCalm()) {
            return Fault.NONE;
        }
        store.meanwhile(this, faults.stalls(operation));
        return faults.at(operation, kind);
    }

    private void poll() {
        listening.scheduler().schedule(POLL, () -> {
            look();
            poll();
        });
    }

    /** Somebody has told of something new. */
    void hear(int millis) {
        listening.scheduler().schedule(Duration.ofMillis(millis), this::look);
    }

    private void look() {
        if (clockwork.nanos() < silentUntil && !store.isCalm()) {
            return;
        }
        int before = store.server().troubles();
        try {
            hub.look();
        } catch (SyncException e) {
            if (!link.hasStopped() && store.server().troubles() == before) {
                throw new AssertionError(machine.name() + " cannot follow", e);
            }
        }
    }

    /** It follows what others do only after a while. */
    void followsLate(long nanos) {
        silentUntil = clockwork.nanos() + nanos;
    }

    private String feed() {
        try (Snapshot snapshot = hub.replica().snapshot()) {
            String token = snapshot.cursor().token();
            return token.substring(0, token.indexOf(':'));
        }
    }

    /** A part of what it may have read is lost. */
    void hasLost() {
        unaware = true;
        feed = feed();
    }

    /** Whether what it shows is in the store. */
    boolean knowsOfLosses() {
        unaware = unaware && feed.equals(feed());
        return !unaware;
    }

    /** The process is killed. */
    void stop() {
        link.stop();
        listening.end();
        store.ended(this);
    }

    /** Lets go of what it had in memory. */
    void close() {
        database.close();
        hub.close();
    }
}
