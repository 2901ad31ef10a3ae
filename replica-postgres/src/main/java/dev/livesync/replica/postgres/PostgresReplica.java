package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.Broadcast;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.checkpoint.CheckpointStore;
import dev.livesync.database.contents.SharedAttachments;
import dev.livesync.database.replica.SharedView;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One database in a {@link PostgresStore}, which any number of processes may have open at once.
 *
 * <p>Its history is followed into memory: about 100 bytes an event. What was worked out of it is kept in the store every so often, by one of the processes, and the next one that opens it begins with
 * that. What another process has committed is seen here soon after, by a wake-up or when the next look is due; what this
 * one has, at once.
 *
 * <p>Any thread.
 */
public final class PostgresReplica implements Replica, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PostgresReplica.class.getName());

    private final PostgresStore store;
    private final String name;
    private final DatabaseConnections connections;
    private final Followed followed;
    private final Committer committer;
    private final WakeUps.WakeUpList waiters;
    private final Optional<PeerFrontiers> peers;
    private final @Nullable DatabaseBroadcast broadcast;
    private final @Nullable StoreContents contents;
    private final AtomicBoolean following = new AtomicBoolean();
    private final StoreCheckpoints checkpoints;
    private final @Nullable HistoryCheckpoints history;
    private final @Nullable DailyCollection collection;
    private volatile boolean closed;

    PostgresReplica(PostgresStore store, PostgresStore.Parts parts, String name) {
        this.store = store;
        this.name = name;
        this.connections = new DatabaseConnections(parts.connections(), parts.standby(), name);
        this.waiters = parts.wakeUps().new WakeUpList();
        PostgresOptions options = parts.options();
        StoreBlocks.StoredIn database = new StoreBlocks.StoredIn(connections, name, parts.cache());
        this.followed = parts.followed().make(database, options.random(), this::eventsChanged);
        this.committer = new Committer(connections, name, followed, options, parts.attempts());
        this.checkpoints = new StoreCheckpoints(connections, name, options.random());
        this.peers = Optional.ofNullable(parts.peers())
                .map(saver -> new StorePeers(parts.connections(), name, this::identity, saver, System::nanoTime));
        this.broadcast = parts.broadcasts() ? new DatabaseBroadcast(name, store::send, this::isOpen) : null;
        this.contents = parts.hasContents()
                ? new StoreContents(
                        connections, name, options, this::events, this::followFeed, () -> store.announce(name))
                : null;
        this.history = parts.historyEvery() == 0
                ? null
                : new HistoryCheckpoints(
                        checkpoints,
                        name,
                        followed,
                        options.random(),
                        () -> closed || store.isClosed(),
                        parts.historyEvery());
        this.collection = collection(options);
        store.opens(name, followed);
        try {
            if (history == null) {
                followFeed();
            } else {
                history.begin(this::followFeed);
            }
        } finally {
            store.opened(name);
        }
        if (contents != null) {
            contents.look();
        }
        keepSoon();
    }

    private @Nullable DailyCollection collection(PostgresOptions options) {
        return contents == null
                ? null
                : new DailyCollection(
                        name,
                        SharedAttachments.of(contents.shared()),
                        checkpoints,
                        options.random(),
                        () -> !isOpen(),
                        System.nanoTime());
    }

    /** Removes attachments that nothing names on another thread, if it is time to. */
    void collectSoon(long now, Executor executor) {
        if (collection != null) {
            collection.collectSoon(now, executor);
        }
    }

    /** Writes a checkpoint on another thread, if it is time to. */
    private void keepSoon() {
        if (history != null) {
            history.saveSoon(store.followers());
        }
    }

    private void eventsChanged() {
        waiters.wake();
        if (contents != null) {
            contents.shared().eventsChanged();
        }
    }

    private SharedView events() {
        requireOpen();
        return followed.published().view();
    }

    /**
     * The database's name.
     *
     * @return as it was opened
     */
    public String name() {
        return name;
    }

    /** Follows to what is committed now; if that is nothing new, there may be something of attachments. */
    void follow() {
        Followed.Published before = followed.published();
        followFeed();
        if (contents != null && before.equals(followed.published())) {
            contents.look();
        }
    }

    private void followFeed() {
        connections.read("follow database " + name, connection -> {
            followed.follow(connection);
            return true;
        });
    }

    /** Follows on another thread, unless one is about to. */
    void followSoon(Executor executor) {
        if (following.compareAndSet(false, true)) {
            executor.execute(() -> {
                following.set(false); // what comes from here on may not be seen by this one
                try {
                    follow();
                    keepSoon();
                } catch (SyncException e) {
                    LOG.log(
                            closed || store.isClosed() ? Level.DEBUG : Level.WARNING,
                            "following goes on later: {0}",
                            e.getMessage());
                }
            });
        }
    }

    /** How many events the last checkpoint of the history has that this process knows of. */
    int keptEvents() {
        return history == null ? 0 : history.keptEvents();
    }

    /** Whether what other hubs have changed of attachments was looked at. */
    boolean isUpToDate(StorePieces.StoredCounts counts) {
        return contents == null || contents.isUpToDate(counts);
    }

    /** Whether a row of the feed says what is seen here already. */
    boolean isUpToDate(String incarnation, long number, long attempt) {
        Followed.Published now = followed.published();
        return now.number() == number
                && now.attempt() == attempt
                && now.feed().incarnation().equals(incarnation);
    }

    private String identity() {
        return followed.published().feed().identity();
    }

    private boolean isOpen() {
        return !closed && !store.isClosed();
    }

    /** Another hub, or this one, has said something. */
    void received(String payload) {
        if (broadcast != null) {
            broadcast.received(payload);
        }
    }

    /** Others may have said something that wasn't heard. */
    void missed() {
        if (broadcast != null) {
            broadcast.missed();
        }
    }

    private void requireOpen() {
        if (!isOpen()) {
            throw new SyncException(ErrorKind.CLOSED, "database " + name + " is closed");
        }
    }

    @Override
    public Snapshot snapshot() {
        requireOpen();
        Followed.Published now = followed.published();
        return new PostgresSnapshot(
                now, Cursors.cursor(now.feed(), now.view(), now.view().events()), this::requireOpen);
    }

    @Override
    public CommitResult commit(Commit commit) {
        requireOpen();
        PreparedCommit prepared = new PreparedCommit(commit);
        Followed.Published now = followed.published();
        if (prepared.isKnown(cid -> now.view().index(cid) >= 0)) {
            return new CommitResult(
                    now.view().heads(),
                    List.of(),
                    List.of(),
                    List.of(),
                    Cursors.cursor(now.feed(), now.view(), now.view().events()));
        }
        CommitResult result = committer.commit(prepared);
        if (!result.accepted().isEmpty()) {
            store.announce(name);
            keepSoon();
        }
        return result;
    }

    @Override
    public Changes changes(Cursor after, int maxEvents) {
        requireOpen();
        if (maxEvents < 1) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "changes are asked for by 1 or more, not " + maxEvents);
        }
        Followed.Published now = followed.published();
        long position = Cursors.position(now.feed(), after);
        if (position > now.view().events()) { // another hub's, which has seen more
            follow();
            now = followed.published();
            position = Cursors.position(now.feed(), after);
        }
        int from = Cursors.checked(now.view(), after, position);
        List<Change> changes = now.view().changes(from, maxEvents);
        int read = changes.stream().mapToInt(c -> c.events().size()).sum();
        return new Changes(changes, Cursors.cursor(now.feed(), now.view(), from + read));
    }

    @Override
    public Subscription onChange(Runnable wakeUp) {
        requireOpen();
        return waiters.add(wakeUp);
    }

    /**
     * What peers had, as far as any of the processes knows. Peers know all of them by one number, so who was at one hub goes on from there at another one. It is written every half a minute and when the
     * store is closed; 4,096 peers are remembered.
     */
    @Override
    public Optional<PeerFrontiers> peerFrontiers() {
        return peers;
    }

    /**
     * Messages to all processes that have this database open, through the server and not into it: NOTIFY on one channel for all databases, twenty times a second at most for all that this process has to say. Empty where the
     * server has no NOTIFY.
     */
    @Override
    public Optional<Broadcast> broadcast() {
        return Optional.ofNullable(broadcast);
    }

    /**
     * The contents of attachments, which are in the store: any process hands out what any other one took. When another one has taken what was missing, this one knows by its next wake-up or look. What no event names
     * is removed after a day or two: once a day one of the processes reads all events to find it, if there are attachments.
     */
    @Override
    public Optional<BlockExchange> blocks() {
        return contents == null ? Optional.empty() : Optional.of(contents.shared());
    }

    /**
     * Where {@link dev.livesync.database.Database#over(Replica, String, CheckpointStore, dev.livesync.database.DatabaseOptions) Database.over} keeps what it has worked out, to begin with that the next time:
     * in tables beside this database, in rows of 1 MiB. Processes with the same indexes may use the same name.
     *
     * @return checkpoints of this database; usable as long as the store is open
     */
    public CheckpointStore checkpoints() {
        return checkpoints;
    }

    /** Ends it here. Nothing is undone, and others go on. Idempotent. */
    @Override
    public void close() {
        closed = true;
        waiters.clear();
        if (broadcast != null) {
            broadcast.clear();
        }
        store.forget(this);
        if (contents != null) {
            contents.shared().closed();
        }
    }
}
