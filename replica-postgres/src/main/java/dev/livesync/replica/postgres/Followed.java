package dev.livesync.replica.postgres;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.checkpoint.CheckpointStore;
import dev.livesync.database.replica.SharedHistory;
import dev.livesync.database.replica.SharedView;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One database as this process has followed it: the history in memory, up to which commit, and what readers see of it.
 *
 * <p>Readers take what was published and never wait. Whoever changes something has {@link #lock}, which a commit keeps until the server has answered: what is decided on top of
 * a commit must not be there if that one isn't.
 */
class Followed {
    private static final System.Logger LOG = System.getLogger(Followed.class.getName());

    /** How many events a page of the feed has, and how many bytes, after which it ends. */
    private static final int PAGE = 1_000;

    private static final int PAGE_BYTES = 4 << 20;

    final ReentrantLock lock = new ReentrantLock();
    private final StoreBlocks.StoredIn database;
    private final RandomGenerator random;
    private final Runnable changed;
    private SharedHistory history;
    private @Nullable FeedRow row;
    /** Up to which commit the history's pending events are those of the store; -1 if they have to be read anew. */
    private long pendingNumber = -1;

    private volatile @Nullable Published published;

    private final Set<String> former = new HashSet<>();

    /** How many events are read between two lines in the log. */
    private static final int SAY_EVERY = 100_000;

    /** To begin with, if it turns out to be of this feed. */
    private @Nullable KeptHistory kept;

    private volatile HistoryRead reading = new HistoryRead(0, 0);

    /** How far a feed was read. */
    record HistoryRead(long events, long of) {}

    /** A checkpoint that can be written. */
    record Keepable(CheckpointStore.Content content, KeptHistory.Place place) {}

    /** Makes one. */
    interface Maker {
        Followed make(StoreBlocks.StoredIn database, RandomGenerator random, Runnable changed);
    }

    /** What readers see. */
    record Published(SharedView view, Cursors.FeedName feed, StoreBlocks blocks, long number, long attempt) {}

    /**
     * Follows a database.
     *
     * @param changed called when there are more events to be seen, under the lock
     */
    Followed(StoreBlocks.StoredIn database, RandomGenerator random, Runnable changed) {
        this.database = database;
        this.random = random;
        this.changed = changed;
        this.history = new SharedHistory(random);
    }

    /** Has it begin with a history that was kept, if that turns out to be of this feed. Before anything was read. */
    void beginWith(KeptHistory with) {
        lock.lock();
        try {
            kept = with;
        } finally {
            lock.unlock();
        }
    }

    /** How far it has read what is there. */
    HistoryRead reading() {
        return reading;
    }

    /** A checkpoint of what is published. Waits for a commit that is on its way; empty if there is nothing to be kept now. */
    Optional<Keepable> keep() {
        lock.lock();
        try {
            FeedRow known = row;
            if (known == null || history.events() != published().view().events()) {
                return Optional.empty();
            }
            KeptHistory.Place place = KeptHistory.Place.of(known, history.events());
            return Optional.of(new Keepable(history.checkpoint(place.toString()), place));
        } finally {
            lock.unlock();
        }
    }

    Published published() {
        Published now = published;
        if (now == null) {
            throw new IllegalStateException("nothing was read yet");
        }
        return now;
    }

    /** Whether it goes on from what it has read of the feed as it is named now. */
    boolean isFollowing() {
        return row != null && published != null;
    }

    SharedHistory history() {
        return history;
    }

    /** A name that nobody else has. */
    static String name(RandomGenerator random) {
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Creates the database's row if there is none. */
    private void create(Connection connection) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("insert into livesync_feed (db, identity, incarnation, position, number,"
                        + " attempt, pending, evictions, blocks, bytes) values (?, ?, ?, 0, 0, 0, 0, 0, 0, 0)"
                        + " on conflict do nothing")) {
            insert.setString(1, database.name());
            insert.setString(2, name(random));
            insert.setString(3, name(random));
            insert.executeUpdate();
        }
    }

    /** Follows to what is committed now; creates the database if there is none. The connection commits by itself. */
    void follow(Connection connection) throws SQLException {
        FeedRow under = null;
        lock.lock();
        try {
            FeedRow now = FeedRow.read(connection, database.name());
            if (now == null) {
                create(connection);
                now = FeedRow.read(connection, database.name());
            }
            if (now == null) {
                throw new SyncException(ErrorKind.STORAGE, "database " + database.name() + " is gone from the server");
            }
            if (hasLost(connection, now)) {
                now = incarnate(connection);
            }
            restartIfOther(now);
            if (row == null) {
                begin(connection, now);
            }
            under = now;
            read(connection, now);
            publish(now);
        } catch (SQLException e) {
            if (under != null && row == null && history.events() > 0) {
                kept = new KeptHistory(history, KeptHistory.Place.of(under, history.events()));
            }
            takeBackWhatWasRead();
            throw e;
        } catch (RuntimeException e) {
            takeBackWhatWasRead();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** Begins with what was kept, if it is of this feed. */
    private void begin(Connection connection, FeedRow now) throws SQLException {
        KeptHistory with = kept;
        if (with == null) {
            return;
        }
        Optional<String> problem = with.problem(connection, database.name(), now, random);
        kept = null;
        if (problem.isEmpty()) {
            history = with.history();
        } else {
            LOG.log(
                    System.Logger.Level.INFO,
                    "database {0}: what was kept of its history is not used ({1}); reading all of it",
                    database.name(),
                    problem.get());
        }
    }

    /** A part of a page may be of what is lost by the next try. */
    private void takeBackWhatWasRead() {
        Published now = published;
        if (row == null || now == null || history.events() != now.view().events()) {
            takeBack();
        }
    }

    /** Whether some of what was followed is no longer there. */
    boolean hasLost(Connection connection, FeedRow now) throws SQLException {
        FeedRow known = row;
        if (known == null
                || !now.identity().equals(known.identity())
                || !now.incarnation().equals(known.incarnation())) {
            return false;
        }
        if (now.number() < known.number() || now.position() < known.position()) {
            return true;
        }
        return known.number() > 0
                && (now.number() == known.number()
                        ? now.attempt() != known.attempt()
                        : !isCommitted(connection, database.name(), known.number(), known.attempt()));
    }

    /** Whether a commit is the one that is known. Then all that came before it is there, too. */
    static boolean isCommitted(Connection connection, String database, long number, long attempt) throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("select attempt from livesync_commits where db = ? and number = ?")) {
            query.setString(1, database);
            query.setLong(2, number);
            try (ResultSet found = query.executeQuery()) {
                return found.next() && found.getLong(1) == attempt;
            }
        }
    }

    /** Begins a new incarnation of the feed, unless another hub was faster. */
    private FeedRow incarnate(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try {
            FeedRow now = FeedRow.lock(connection, database.name());
            if (now != null && hasLost(connection, now)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "database {0} has gone back to {1} events, {2} were read: cursors expire, and peers bring what is missing",
                        database.name(),
                        Long.toString(now.position()),
                        Integer.toString(history.events()));
                try (PreparedStatement update =
                        connection.prepareStatement("update livesync_feed set incarnation = ? where db = ?")) {
                    update.setString(1, name(random));
                    update.setString(2, database.name());
                    update.executeUpdate();
                }
            }
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
        FeedRow now = FeedRow.read(connection, database.name());
        if (now == null) {
            throw new SyncException(ErrorKind.STORAGE, "database " + database.name() + " is gone from the server");
        }
        return now;
    }

    private void restartIfOther(FeedRow now) {
        FeedRow known = row;
        if (known != null
                && (!known.identity().equals(now.identity())
                        || !known.incarnation().equals(now.incarnation()))) {
            if (!known.identity().equals(now.identity())) {
                former.add(known.identity());
            }
            row = null;
            takeBack();
        }
    }

    /** Reads the events up to a row's position. */
    private void read(Connection connection, FeedRow now) throws SQLException {
        int said = history.events();
        while (history.events() < now.position()) {
            int before = history.events();
            reading = new HistoryRead(before, now.position());
            if (before - said >= SAY_EVERY) {
                said = before;
                LOG.log(
                        System.Logger.Level.INFO,
                        "database {0}: {1} of {2} events are read",
                        database.name(),
                        Integer.toString(before),
                        Long.toString(now.position()));
            }
            long to = Math.min(now.position(), before + (long) PAGE);
            StoreFeed.read(connection, database.name(), before, to, PAGE_BYTES, entry -> {
                if (entry.position() != history.events()) {
                    throw new SyncException(
                            ErrorKind.CORRUPT,
                            "the feed of database " + database.name() + " goes on with event " + entry.position()
                                    + " after " + history.events());
                }
                database.cache().put(entry.block());
                history.follow(
                        entry.block(),
                        (entry.flags() & StoreFeed.INTERIOR) != 0,
                        (entry.flags() & StoreFeed.STARTS) != 0);
            });
            if (history.events() == before) {
                throw new SyncException(
                        ErrorKind.CORRUPT,
                        "the feed of database " + database.name() + " ends at event " + before + " of "
                                + now.position());
            }
        }
        history.settle();
    }

    /** Shows a state to readers. Under the lock. */
    void publish(FeedRow now) {
        Published before = published;
        row = now;
        if (before != null
                && before.number() == now.number()
                && before.attempt() == now.attempt()
                && before.feed().incarnation().equals(now.incarnation())) {
            return;
        }
        StoreBlocks blocks = new StoreBlocks(database, now.number(), now.attempt());
        SharedView view = history.view(blocks, now.pending(), now.blocks(), now.bytes());
        Cursors.FeedName feed = new Cursors.FeedName(now.identity(), now.incarnation(), Set.copyOf(former));
        published = new Published(view, feed, blocks, now.number(), now.attempt());
        if (before == null
                || before.view().events() != view.events()
                || !before.feed().equals(feed)) {
            changed.run();
        }
    }

    /**
     * Brings everything up to the locked row of the feed, pending events too. Under the lock; the connection is in that transaction.
     *
     * @return false if that is so much, or so much is wrong, that {@link #follow} has to do it outside the transaction
     */
    boolean catchUp(Connection connection, FeedRow now) throws SQLException {
        FeedRow known = row;
        if (known == null
                || !known.identity().equals(now.identity())
                || !known.incarnation().equals(now.incarnation())
                || hasLost(connection, now)
                || now.position() - history.events() > PAGE) {
            return false;
        }
        read(connection, now);
        if (pendingNumber != now.number()) {
            readPending(connection, known.evictions() != now.evictions());
            history.settle();
        }
        publish(now);
        pendingNumber = now.number();
        return true;
    }

    void readPending(Connection connection, boolean evicted) throws SQLException {
        if (evicted && pendingNumber >= 0) {
            List<Cid> gone = new ArrayList<>();
            try (PreparedStatement query =
                    connection.prepareStatement("select cid from livesync_blocks where db = ? and gone > ?")) {
                query.setString(1, database.name());
                query.setLong(2, pendingNumber);
                try (ResultSet found = query.executeQuery()) {
                    while (found.next()) {
                        gone.add(StoreBlocks.cid(found.getBytes(1)));
                    }
                }
            }
            history.giveUp(gone);
        }
        try (PreparedStatement query =
                connection.prepareStatement("select p.cid, b.bytes, p.peer, p.arrived from livesync_pending p left join"
                        + " livesync_blocks b on b.db = p.db and b.cid = p.cid where p.db = ? and p.number > ?"
                        + " order by p.number, p.ord")) {
            query.setString(1, database.name());
            query.setLong(2, pendingNumber);
            try (ResultSet found = query.executeQuery()) {
                while (found.next()) {
                    history.await(
                            StoreBlocks.block(found.getBytes(1), found.getBytes(2)),
                            found.getString(3),
                            found.getLong(4));
                }
            }
        }
    }

    /** A commit that was decided on is in the store. Its blocks are what sessions read next, so nobody has to fetch them. Under the lock. */
    void committed(FeedRow now, Collection<Block> blocks) {
        blocks.forEach(database.cache()::put);
        publish(now);
        pendingNumber = now.number();
    }

    /** A commit that was decided on is not in the store, or nobody knows. Under the lock. */
    void takeBack() {
        Published now = published;
        if (row == null || now == null) {
            history = new SharedHistory(random);
        } else {
            // Also if no event was accepted: what was to wait doesn't, and would be taken for stored when it comes
            // again.
            history = history.copy(now.view().events());
        }
        pendingNumber = -1;
    }
}
