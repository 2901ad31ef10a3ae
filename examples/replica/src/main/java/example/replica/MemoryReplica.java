package example.replica;

import dev.livesync.api.*;
import dev.livesync.api.replica.*;
import dev.livesync.car.Events;
import java.util.*;
import java.util.concurrent.*;

/** A replica in memory that copies everything for each commit: small, right, and slow. */
public final class MemoryReplica implements Replica, AutoCloseable {
    private final long pendingBytesPerPeer;
    private final String identity = UUID.randomUUID() + ".";
    private final List<Waker> wakers = new CopyOnWriteArrayList<>();
    private final ExecutorService wakeUps = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "replica wake-ups");
        thread.setDaemon(true);
        return thread;
    });
    private volatile State state = new State();
    private volatile boolean closed;

    /** Makes an empty replica with a quota of pending bytes for each peer. */
    public MemoryReplica(long pendingBytesPerPeer) { this.pendingBytesPerPeer = pendingBytesPerPeer; }

    private State state() {
        State now = state;
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the replica is closed");
        }
        return now;
    }

    @Override
    public CommitResult commit(Commit commit) {
        // An event may be anybody's implementation: its block says all, and is looked at before anything is locked or changed.
        List<Event> events = commit.events().stream().map(event -> Events.decode(event.block())).toList();
        synchronized (this) {
            State next = new State(state());
            List<Cid> accepted = next.add(commit.blocks(), events, commit.origin());
            next.keepQuota(events, commit.origin().peer(), pendingBytesPerPeer);
            List<Cid> waiting = events.stream().map(Event::cid).distinct().filter(next.pending::containsKey).toList();
            CommitResult result =
                    new CommitResult(next.heads(), accepted, waiting, next.missing(waiting), cursor(next.feed.size()));
            state = next;
            if (!accepted.isEmpty()) {
                wakers.forEach(wakeUps::execute);
            }
            return result;
        }
    }

    private Cursor cursor(int place) { return new Cursor(identity + place); }

    @Override
    public Changes changes(Cursor after, int maxEvents) {
        State now = state();
        int at = place(after, now.feed.size());
        if (maxEvents < 1) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "ask for one event or more, not " + maxEvents);
        }
        List<Change> page = new ArrayList<>();
        int told = 0;
        while (at < now.feed.size() && (page.isEmpty() || told + now.feed.get(at).size() <= maxEvents)) {
            List<Cid> batch = now.feed.get(at++);
            Set<Origin> origins = new HashSet<>();
            batch.forEach(cid -> origins.add(now.origins.get(cid)));
            page.add(new Change(batch, List.of(), origins.size() == 1 ? origins.iterator().next() : Origin.LOCAL));
            told += batch.size();
        }
        return new Changes(page, cursor(at));
    }

    private int place(Cursor cursor, int end) {
        String token = cursor.token();
        if (token.startsWith(identity) && token.substring(identity.length()).matches("\\d{1,9}")) {
            int place = Integer.parseInt(token.substring(identity.length()));
            if (place <= end) {
                return place;
            }
        }
        throw new SyncException(ErrorKind.INVALID_ARGUMENT, "cursor " + token + " is none of this replica's");
    }

    @Override
    public Snapshot snapshot() {
        State now = state();
        return new MemorySnapshot(now, cursor(now.feed.size()));
    }

    @Override
    public Subscription onChange(Runnable wakeUp) {
        state();
        Waker waker = new Waker(wakeUp);
        wakers.add(waker);
        return () -> {
            wakers.remove(waker);
            waker.close();
        };
    }

    /** A lock of its own: whoever has closed a subscription knows that no wake-up begins any more. */
    private static final class Waker implements Runnable {
        private final Runnable wakeUp;
        private boolean over;

        Waker(Runnable wakeUp) { this.wakeUp = wakeUp; }

        @Override
        public synchronized void run() {
            if (!over) {
                wakeUp.run();
            }
        }

        synchronized void close() { over = true; }
    }

    @Override
    public synchronized void close() {
        closed = true;
        wakeUps.shutdown();
    }
}
