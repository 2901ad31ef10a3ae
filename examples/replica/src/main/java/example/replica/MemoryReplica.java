package example.replica;

import dev.livesync.api.*;
import dev.livesync.api.replica.*;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicReference;

/** A database in memory: a reference to a state, which each commit replaces. */
public final class MemoryReplica implements Replica, AutoCloseable {
    private final long quota;
    private final AtomicReference<State> state = // null when closed
            new AtomicReference<>(new State(UUID.randomUUID().toString()));
    private final Set<Runnable> calls = ConcurrentHashMap.newKeySet();
    private final Executor waker = // one thread, which ends when there is nothing to do
            new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>());

    /** Makes an empty database, which keeps so many bytes of each peer's pending events. */
    public MemoryReplica(long quota) {
        this.quota = quota;
    }

    @Override
    public Snapshot snapshot() {
        return new MemorySnapshot(state());
    }

    @Override
    public CommitResult commit(Commit commit) {
        while (true) {
            State old = state();
            State next = old.copy();
            CommitResult result = next.add(commit, quota);
            if (state.compareAndSet(old, next)) {
                if (!result.accepted().isEmpty()) {
                    calls.forEach(waker::execute);
                }
                return result;
            } // else somebody else has committed meanwhile, or closed
        }
    }

    @Override
    public Changes changes(Cursor after, int maxEvents) {
        State now = state();
        int next = now.changesBefore(after);
        if (maxEvents < 1) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a page of " + maxEvents + " events");
        }
        List<Change> page = new ArrayList<>();
        int room = maxEvents;
        while (next < now.feed.size() && (page.isEmpty() || now.feed.get(next).events().size() <= room)) {
            room -= now.feed.get(next).events().size();
            page.add(now.feed.get(next++));
        }
        return new Changes(page, now.cursor(next));
    }

    @Override
    public Subscription onChange(Runnable wakeUp) {
        state();
        Runnable call = new Runnable() {
            @Override
            public synchronized void run() {
                if (calls.contains(this)) {
                    wakeUp.run();
                }
            }
        };
        calls.add(call);
        return () -> {
            synchronized (call) { // waits for one that has begun, and lets no other begin
                calls.remove(call);
            }
        };
    }

    @Override
    public void close() {
        state.set(null);
        calls.clear();
    }

    private State state() {
        State now = state.get();
        if (now == null) {
            throw new SyncException(ErrorKind.CLOSED, "the database is closed");
        }
        return now;
    }
}
