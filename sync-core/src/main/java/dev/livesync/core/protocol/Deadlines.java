package dev.livesync.core.protocol;

import org.jspecify.annotations.Nullable;

/** The deadlines of a session, one for each thing that it waits for. Times are nanoseconds that compare by subtraction. */
public final class Deadlines {
    /** No deadline is set. */
    public static final long NEVER = Long.MAX_VALUE;

    /** What is waited for. */
    public enum What {
        /** Room in the channel; first, because without it nothing else can come either. */
        ROOM,
        /** The peer's diff. */
        DIFF,
        /** The whole of its answer to ours. */
        ANSWER,
        /** What the peer still has to say of what it has, before it can be answered. */
        RECONCILIATION,
        /** The rest of a message in pieces. */
        MESSAGE,
        /** An ack for what was sent. */
        ACK,
        /** Our own ack, which waits for more to acknowledge. */
        OWN_ACK,
        /** Credit to go on sending. */
        CREDIT,
        /** The peer to take what a snapshot is held for, at a pace. */
        PACE,
        /** Memory for what the peer has begun: time to say that we are still here. */
        MEMORY,
        /** Any message at all. */
        SILENCE,
        /** The next message of presence, which keeps to a rate. */
        PRESENCE,
        /** The ancestors of what the peer sent. */
        ANCESTORS,
        /** A quiet moment in which an alpha is healed. */
        HEAL,
        /** Asking once more for what an alpha has left out. */
        AGAIN,
        /** The peer's diff, before we send a part of our own that is too large. */
        OWN_DIFF,
        /** An alpha's answer, before we send ours. */
        THEIRS_FIRST,
        /** Blocks that the peer was asked for. */
        BLOCKS,
        /** The end of what is exchanged after one side has closed. */
        PARTING,
        /** Room in the channel for our last message. */
        LAST_WORD
    }

    /** The deadlines that are suspended while we are storing, because the peer may be waiting for us. */
    private static final int STOPS = bit(What.DIFF)
            | bit(What.RECONCILIATION)
            | bit(What.ANSWER)
            | bit(What.MESSAGE)
            | bit(What.ANCESTORS)
            | bit(What.THEIRS_FIRST);

    private static final What[] ALL = What.values();

    /** A bit for each deadline that is set, and its time. No objects, since every message looks at them. */
    private int set;

    private final long[] at = new long[ALL.length];
    private boolean stopped;
    private long stoppedAt;

    Deadlines() {}

    private static int bit(What what) {
        return 1 << index(what);
    }

    @SuppressWarnings("EnumOrdinal") // known to nobody but this object
    private static int index(What what) {
        return what.ordinal();
    }

    /**
     * Sets a deadline, whether it runs or not.
     *
     * @param what is waited for
     * @param when nanoseconds
     */
    public void set(What what, long when) {
        set |= bit(what);
        at[index(what)] = when;
    }

    /**
     * Clears a deadline.
     *
     * @param what was waited for
     */
    public void clear(What what) {
        set &= ~bit(what);
    }

    void clearAll() {
        set = 0;
    }

    /**
     * Sets a deadline unless it is set already.
     *
     * @param what is waited for
     * @param when nanoseconds
     */
    public void start(What what, long when) {
        if (!isSet(what)) {
            set(what, when);
        }
    }

    /** Moves a deadline that is set; does nothing if it isn't. */
    void renew(What what, long when) {
        if (isSet(what)) {
            set(what, when);
        }
    }

    private boolean isSet(What what) {
        return (set & bit(what)) != 0;
    }

    /** Suspends the deadlines of what the peer may not be able to do. */
    void stop(long now) {
        stopped = true;
        stoppedAt = now;
    }

    /** Resumes the suspended deadlines. */
    void resume(long now) {
        stopped = false;
        for (int left = set & STOPS; left != 0; left &= left - 1) {
            at[Integer.numberOfTrailingZeros(left)] += now - stoppedAt;
        }
    }

    /** A deadline that has passed; null if none has. */
    @Nullable
    What passed(long now) {
        for (int left = running(); left != 0; left &= left - 1) {
            int what = Integer.numberOfTrailingZeros(left);
            if (at[what] - now <= 0) {
                return ALL[what];
            }
        }
        return null;
    }

    /** The next deadline, or {@link #NEVER}. */
    long next(long now) {
        long least = Long.MAX_VALUE;
        for (int left = running(); left != 0; left &= left - 1) {
            least = Math.min(least, at[Integer.numberOfTrailingZeros(left)] - now);
        }
        return least == Long.MAX_VALUE ? NEVER : now + least;
    }

    private int running() {
        return stopped ? set & ~STOPS : set;
    }
}
