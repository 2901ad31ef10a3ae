package dev.livesync.core.protocol;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Memory that many sessions share: each takes what it needs next and gives it back when done. A session that finds too little waits in a
 * queue and is called when it is its turn.
 *
 * <p>Nobody waits for ever: a session that holds a part of a message can't give it back before it has the rest, so one at a time,
 * the first in the queue, gets what it needs though there is none, until it has given back as much. Thus no more is taken than the
 * budget, and the message of one. Any thread.
 */
public final class Budget {
    private final long size;
    private final Set<Share> waiting = new LinkedHashSet<>();
    private long taken;
    /** What is promised to peers for whom there is no session yet. */
    private long promised;
    /** The share that was given more than was free. */
    private @Nullable Share favoured;

    /**
     * Creates a budget.
     *
     * @param size in bytes
     */
    public Budget(long size) {
        this.size = size;
    }

    /**
     * Creates a budget that is never used up.
     *
     * @return a new budget
     */
    public static Budget unlimited() {
        return new Budget(Long.MAX_VALUE / 4);
    }

    /**
     * The free bytes.
     *
     * @return bytes, not negative
     */
    public synchronized long free() {
        return Math.max(0, size - taken);
    }

    /**
     * The taken bytes.
     *
     * @return bytes
     */
    public synchronized long taken() {
        return taken;
    }

    /**
     * Creates a session's share, with nothing taken yet.
     *
     * @param onTurn called, on any thread and without locks, when it is worth trying again; once, until the share takes or leaves; must be quick
     * @return the share; the caller closes it
     */
    public Share share(Runnable onTurn) {
        return new Share(onTurn);
    }

    /**
     * Takes, for a session that is still to come, some of what is free: an eighth, so that those who come later get some, too. All such shares
     * together have a quarter of the budget at most, because whoever repeats somebody's first message gets as far.
     *
     * @param more what the session may use beside the budget
     * @param most no more than this in all
     * @return a share, not {@linkplain Share#bind bound} yet; the caller closes it
     */
    public Share promise(long more, long most) {
        Share share = new Share(() -> {});
        synchronized (this) {
            long spared = Math.max(0, Math.min((size - taken) / 8, size / 4 - promised));
            share.held = Math.max(0, Math.min(most, spared) - more);
            share.promised = share.held;
            taken += share.held;
            promised += share.held;
        }
        return share;
    }

    /** The callback of the next share in the queue, if there is anything to take and it has not been called for that. Under the lock. */
    private @Nullable Runnable next() {
        Iterator<Share> queue = waiting.iterator();
        Share head = queue.hasNext() ? queue.next() : null;
        if (head == null || head.called || favoured != null && size - taken < head.needed) {
            return null;
        }
        head.called = true;
        return head.onTurn;
    }

    private static void call(@Nullable Runnable next) {
        if (next != null) {
            next.run();
        }
    }

    /** What one session has taken. Any thread, one at a time. */
    public final class Share implements AutoCloseable {
        private Runnable onTurn;
        private long held;
        private long promised;
        private long owed;
        private long needed;
        private boolean closed;

        /** Whether it was its turn and it has not tried since. */
        private boolean called;

        private Share(Runnable onTurn) {
            this.onTurn = onTurn;
        }

        /**
         * Makes it a session's, which is there now.
         *
         * @param turn called as for {@link Budget#share}
         * @return this
         */
        public Share bind(Runnable turn) {
            synchronized (Budget.this) {
                onTurn = turn;
                keepPromise();
            }
            return this;
        }

        private void keepPromise() {
            Budget.this.promised -= promised;
            promised = 0;
        }

        /**
         * The bytes that it has.
         *
         * @return bytes
         */
        public long held() {
            synchronized (Budget.this) {
                return held;
            }
        }

        /**
         * Takes some.
         *
         * @param least what is of use; 0 for whatever can be spared, which leaves this share's place in the queue as it is: if that is too
         *     little, it is still its turn
         * @param most no more than this; at least {@code least}
         * @return how many bytes, at least {@code least}; or 0, and then, unless {@code least} is 0, this share waits in the queue
         */
        long take(long least, long most) {
            Runnable next;
            long given;
            synchronized (Budget.this) {
                if (closed) {
                    return 0;
                }
                given = takeNow(least, most);
                next = next();
            }
            call(next);
            return given;
        }

        private long takeNow(long least, long most) {
            if (least > 0) {
                called = false;
            }
            long free = size - taken;
            boolean first =
                    favoured == this || waiting.isEmpty() || waiting.iterator().next() == this;
            // Not all that there is: others come.
            long given = first ? Math.max(0, Math.min(most, Math.max(free / 4, Math.min(least, free)))) : 0;
            if (given < least) {
                if (!first || favoured != null && favoured != this) {
                    waiting.add(this);
                    needed = least;
                    return 0;
                }
                favoured = this;
                given = least;
            }
            owed += Math.max(0, given - Math.max(0, free));
            held += given;
            taken += given;
            if (given > 0 && least > 0) {
                waiting.remove(this);
            }
            return given;
        }

        /**
         * Takes some for what can't wait: at once or not at all. One share at a time gets it though there is none, as with {@link #take}.
         *
         * @return whether the bytes are taken
         */
        boolean claim(long bytes) {
            synchronized (Budget.this) {
                long free = Math.max(0, size - taken);
                if (closed || bytes > free && favoured != null && favoured != this) {
                    return false;
                }
                if (bytes > free) {
                    favoured = this;
                    owed += bytes - free;
                }
                held += bytes;
                taken += bytes;
                return true;
            }
        }

        /** Counts bytes that are in memory already, whether or not there is room. */
        void force(long bytes) {
            if (bytes <= 0) {
                return;
            }
            synchronized (Budget.this) {
                if (!closed) {
                    held += bytes;
                    taken += bytes;
                }
            }
        }

        /** Gives bytes back. */
        void release(long bytes) {
            if (bytes <= 0) {
                return;
            }
            Runnable next;
            synchronized (Budget.this) {
                if (closed) {
                    return;
                }
                giveBack(bytes);
                next = next();
            }
            call(next);
        }

        /** Leaves the queue, because nothing is needed or it can't be used now. The next share is called. */
        public void leave() {
            Runnable next;
            synchronized (Budget.this) {
                called = false;
                if (!waiting.remove(this)) {
                    return;
                }
                next = next();
            }
            call(next);
        }

        /** Whether this share is in the queue. */
        boolean waits() {
            synchronized (Budget.this) {
                return waiting.contains(this);
            }
        }

        /** Whether there is room for one more. */
        boolean hasRoom() {
            return free() > 0;
        }

        /** Gives everything back, and takes nothing any more. Idempotent. */
        @Override
        public void close() {
            Runnable next;
            synchronized (Budget.this) {
                if (closed) {
                    return;
                }
                closed = true;
                keepPromise();
                waiting.remove(this);
                giveBack(held);
                if (favoured == this) {
                    favoured = null;
                }
                next = next();
            }
            call(next);
        }

        private void giveBack(long bytes) {
            held -= bytes;
            taken -= bytes;
            owed = Math.max(0, owed - bytes);
            if (favoured == this && owed == 0) {
                favoured = null;
            }
        }
    }
}
