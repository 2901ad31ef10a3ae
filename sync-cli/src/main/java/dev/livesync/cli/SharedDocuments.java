package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Replica;
import dev.livesync.database.Database;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The documents of a database in a store, worked out when the first command asks for them, and kept from then on: a hub that nobody gives commands doesn't pay for them. Any thread.
 */
final class SharedDocuments implements AutoCloseable {
    private final Replica replica;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Database open;
    private volatile boolean closed;

    SharedDocuments(Replica replica) {
        this.replica = replica;
    }

    /**
     * The documents. The first time this reads the whole history.
     *
     * @throws SyncException {@link ErrorKind#CLOSED}, and as {@link Database#over(Replica)}
     */
    Database get() {
        lock.lock();
        try {
            if (!closed && open == null) {
                open = Database.over(replica);
            }
            if (closed || open == null) {
                throw new SyncException(ErrorKind.CLOSED, "the hub is about to end");
            }
            return open;
        } finally {
            end(closed);
            lock.unlock();
        }
    }

    private void end(boolean now) {
        Database ended = now ? open : null;
        if (ended != null) {
            open = null;
            ended.close();
        }
    }

    /** Who is about to open them closes them: that takes as long as the history is. */
    @Override
    public void close() {
        closed = true;
        if (lock.tryLock()) {
            try {
                end(true);
            } finally {
                lock.unlock();
            }
        }
    }
}
