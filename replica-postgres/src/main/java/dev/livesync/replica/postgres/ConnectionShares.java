package dev.livesync.replica.postgres;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who may have a connection of the pool, so that a database whose statements hang keeps no other one waiting. A database has half of them at most, and the last quarter is for those that have none;
 * where several wait, each is served in turn, and within one whoever came first.
 *
 * <p>Two connections of the pool are nobody's: the one that listens, and one for what concerns the whole store, and for who needs a second while he has the first, which so never wait for a share. Any thread.
 */
final class ConnectionShares {
    private static final int STORE = 2;

    private final int each;
    private final int reserve;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    /** Those that wait, the one whose turn it is first. */
    private final Set<ConnectionShare> turns = new LinkedHashSet<>();

    private int free;

    /**
     * Divides a pool.
     *
     * @param poolSize all its connections
     * @param patience how long anybody waits
     */
    ConnectionShares(int poolSize, Duration patience) {
        this.free = Math.max(2, poolSize - STORE);
        this.each = Math.max(2, free / 2);
        this.reserve = free / 4;
        this.patience = patience;
    }

    /** How many connections one database may have at a time. */
    int each() {
        return each;
    }

    private void grant() {
        for (Iterator<ConnectionShare> next = turns.iterator(); next.hasNext() && free > 0; ) {
            ConnectionShare share = next.next();
            if (share.mayTake()) {
                next.remove();
                share.serve();
                if (!share.waiting.isEmpty()) {
                    turns.add(share);
                }
                next = turns.iterator();
            }
        }
    }

    /** What one database has. */
    final class ConnectionShare {
        private final String database;
        private final ArrayDeque<Turn> waiting = new ArrayDeque<>();
        private int used;

        /** Somebody who waits. */
        private static final class Turn {
            private final Condition served;
            private boolean here;

            Turn(Condition served) {
                this.served = served;
            }
        }

        ConnectionShare(String database) {
            this.database = database;
        }

        /** Under the lock. */
        private boolean mayTake() {
            return free > 0 && used < each && (used == 0 || free > reserve);
        }

        private void take() {
            used++;
            free--;
        }

        private void serve() {
            take();
            Turn turn = waiting.remove();
            turn.here = true;
            turn.served.signal();
        }

        /**
         * Waits for the right to a connection.
         *
         * @throws SQLException if none is free for too long, or the thread is interrupted
         */
        void acquire() throws SQLException {
            lock.lock();
            try {
                if (waiting.isEmpty() && mayTake()) {
                    take();
                    return;
                }
                Turn turn = new Turn(lock.newCondition());
                waiting.add(turn);
                turns.add(this);
                await(turn);
            } finally {
                lock.unlock();
            }
        }

        private void await(Turn turn) throws SQLException {
            long nanos = patience.toNanos();
            try {
                while (!turn.here) {
                    if (nanos <= 0) {
                        throw new SQLTransientConnectionException("database " + database + " has waited "
                                + TimeUnit.NANOSECONDS.toSeconds(patience.toNanos())
                                + " s for one of the " + each + " connections that a database has at most");
                    }
                    nanos = turn.served.awaitNanos(nanos);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                if (!turn.here) {
                    throw new SQLTransientConnectionException("interrupted while waiting for a connection", e);
                }
            } finally {
                if (!turn.here) {
                    waiting.remove(turn);
                    if (waiting.isEmpty()) {
                        turns.remove(this);
                    }
                }
            }
        }

        void release() {
            lock.lock();
            try {
                used--;
                free++;
                grant();
            } finally {
                lock.unlock();
            }
        }
    }
}
