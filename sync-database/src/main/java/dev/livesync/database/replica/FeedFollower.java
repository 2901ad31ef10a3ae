package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.checkpoint.CheckpointStore;
import java.lang.System.Logger.Level;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Follows the feed of a replica into a {@link FeedHistory}: from a checkpoint if there is one that fits, else from a snapshot with all of history, and then from cursor to cursor, so that nothing is missed
 * whoever writes. A cursor that has expired begins it anew.
 */
final class FeedFollower {
    private static final System.Logger LOG = System.getLogger(FeedFollower.class.getName());
    private static final int PAGE = 1_000;
    /** After how many events a checkpoint is due, and after what part of all there are. */
    private static final int WORTH_EVENTS = 10_000;

    private static final int WORTH_PART = 10;

    /** Held by whoever changes the history, or reads of it what only the latest state knows. */
    final ReentrantLock lock = new ReentrantLock();

    private final Replica replica;
    private final FeedHistory history;
    private final @Nullable CheckpointStore checkpoints;
    private final String name;

    // Guarded by the lock.
    private @Nullable Cursor cursor;
    private int saved;
    private int restarts;

    /**
     * Creates a follower that has read nothing.
     *
     * @param checkpoints null for none
     * @param name of the checkpoint
     */
    FeedFollower(Replica replica, FeedHistory history, @Nullable CheckpointStore checkpoints, String name) {
        this.replica = replica;
        this.history = history;
        this.checkpoints = checkpoints;
        this.name = name;
    }

    /** Reads blocks of a replica, whatever is newest there. */
    static BlockReader reader(Replica replica) {
        return cid -> {
            try (Snapshot snapshot = replica.snapshot()) {
                return snapshot.block(cid);
            }
        };
    }

    /** How often all of history was read. Under the lock. */
    int restarts() {
        return restarts;
    }

    /** Follows up to what is there now. */
    void follow() {
        lock.lock();
        try {
            if (cursor == null && !startFromCheckpoint()) {
                startFromHistory();
            }
            try {
                read(true);
            } catch (SyncException e) {
                if (e.kind() != ErrorKind.CURSOR_EXPIRED) {
                    throw e;
                }
                LOG.log(Level.INFO, "{0}; reading all of history", Reason.of(e));
                startFromHistory();
                read(true);
            }
        } catch (RuntimeException | Error e) {
            if (history.isBroken()) {
                cursor = null; // a part of a page was taken
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /** False if there is none, or none that fits what is there. */
    private boolean startFromCheckpoint() {
        if (checkpoints == null) {
            return false;
        }
        history.reset();
        try {
            boolean found = checkpoints.load(name, (source, size) -> cursor = new Cursor(history.load(source, size)));
            if (!found) {
                return false;
            }
            saved = history.size();
            read(false);
            requireSame();
            history.publish(new ChangeSource(false, ""));
            return true;
        } catch (RuntimeException e) {
            cursor = null;
            if (e instanceof SyncException s && (s.kind() == ErrorKind.STORAGE || s.kind() == ErrorKind.CLOSED)) {
                throw e;
            }
            LOG.log(Level.INFO, "the checkpoint {0} is not used ({1}); reading all of history", name, Reason.of(e));
            return false;
        }
    }

    /** Refuses a history that isn't that of the replica: one that has other events up to the heads of a moment. */
    private void requireSame() {
        try (Snapshot snapshot = replica.snapshot()) {
            read(false); // what the snapshot has is here then
            List<Cid> heads = snapshot.heads();
            int known = history.state().countUpTo(heads);
            long there = snapshot.summary().events();
            if (known != there) {
                throw new SyncException(
                        ErrorKind.CORRUPT,
                        "it has " + known + " events up to a moment at which the store has " + there);
            }
        }
    }

    private void startFromHistory() {
        history.reset();
        restarts++;
        try (Snapshot snapshot = replica.snapshot()) {
            Iterator<Cid> events = snapshot.eventsSince(List.of());
            while (events.hasNext()) {
                history.add(event(snapshot, events.next()), Origin.LOCAL, true);
            }
            cursor = snapshot.cursor();
        }
        history.publish(new ChangeSource(false, ""));
    }

    private static Event event(Snapshot snapshot, Cid cid) {
        Event event = snapshot.event(cid);
        if (event == null) {
            throw new SyncException(ErrorKind.CORRUPT, "event " + cid + " is in the feed and not in the store");
        }
        return event;
    }

    private void read(boolean publishes) {
        Cursor at = cursor;
        while (at != null) {
            Changes page = replica.changes(at, PAGE);
            if (page.changes().isEmpty()) {
                return;
            }
            take(page, publishes);
            at = page.next();
            cursor = at;
        }
    }

    private void take(Changes page, boolean publishes) {
        try (Snapshot snapshot = replica.snapshot()) {
            ChangeSource source = null;
            for (Change change : page.changes()) {
                ChangeSource next = history.state().isExpected(change.events().get(0))
                        ? ChangeSource.HERE
                        : ChangeSource.of(change.origin());
                if (publishes && source != null && !source.equals(next)) {
                    history.publish(source);
                }
                source = next;
                boolean first = true;
                for (Cid cid : change.events()) {
                    history.add(event(snapshot, cid), change.origin(), first);
                    first = false;
                }
            }
            if (publishes && source != null) {
                history.publish(source);
            }
        }
    }

    /** Whether so much came since the last checkpoint that the next start is worth one. */
    boolean checkpointIsDue() {
        lock.lock();
        try {
            int fresh = history.size() - saved;
            return checkpoints != null && fresh >= Math.max(WORTH_EVENTS, history.size() / WORTH_PART);
        } finally {
            lock.unlock();
        }
    }

    /** Writes a checkpoint, unless nothing came since the last one. Only the copying is done under the lock. */
    void save() {
        CheckpointStore.Content content;
        int events;
        lock.lock();
        try {
            if (checkpoints == null || cursor == null || history.size() == saved || history.isBroken()) {
                return;
            }
            events = history.size();
            content = history.checkpoint(cursor.token());
        } finally {
            lock.unlock();
        }
        checkpoints.save(name, content);
        lock.lock();
        try {
            saved = events;
        } finally {
            lock.unlock();
        }
    }
}
