package dev.livesync.core.protocol;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Points in time by which something has to have happened. Times are nanoseconds that compare by subtraction. */
public final class Deadlines {
    /** What is waited for. */
    public enum What {
        /** Room in the channel; first, because without it nothing else can come either. */
        ROOM,
        /** The peer's diff. */
        DIFF,
        /** The whole of its answer to ours. */
        ANSWER,
        /** The rest of a message in pieces. */
        MESSAGE,
        /** An ack for what was sent. */
        ACK,
        /** Credit to go on sending. */
        CREDIT,
        /** The peer to take what a snapshot is held for, at a pace. */
        PACE,
        /** Memory for what the peer has begun: time to say that we are still here. */
        MEMORY,
        /** Any message at all. */
        SILENCE,
        /** The ancestors of what the peer sent. */
        ANCESTORS,
        /** Healing an alpha: when it has been quiet for a moment. */
        HEAL,
        /** Asking once more for what an alpha has left out. */
        AGAIN,
        /** The peer's diff, before we send a part of our own that is too large. */
        OWN_DIFF,
        /** An alpha's answer, before we send ours. */
        THEIRS_FIRST,
        /** The end of what is exchanged after one side has closed. */
        PARTING,
        /** The channel to take our last word. */
        LAST_WORD
    }

    /** What stands still while we are busy storing: the peer may be waiting for us. */
    private static final Set<What> STOPS =
            EnumSet.of(What.DIFF, What.ANSWER, What.MESSAGE, What.ANCESTORS, What.THEIRS_FIRST);

    private static final class Deadline {
        private boolean set;
        private long at;
    }

    Deadlines() {}

    private final Map<What, Deadline> all = new EnumMap<>(What.class);
    private boolean stopped;
    private long stoppedAt;

    /**
     * Sets a deadline, whether it runs or not.
     *
     * @param what is waited for
     * @param at nanoseconds
     */
    public void set(What what, long at) {
        Deadline deadline = get(what);
        deadline.set = true;
        deadline.at = at;
    }

    /**
     * Ends the waiting.
     *
     * @param what was waited for
     */
    public void clear(What what) {
        get(what).set = false;
    }

    void clearAll() {
        all.clear();
    }

    /**
     * Starts one that is not running; leaves a running one as it is.
     *
     * @param what is waited for
     * @param at nanoseconds
     */
    public void start(What what, long at) {
        if (!get(what).set) {
            set(what, at);
        }
    }

    /** Starts a running one anew; leaves one that is not running as it is. */
    void renew(What what, long at) {
        if (get(what).set) {
            set(what, at);
        }
    }

    /** Stops the clock of what the peer may not be able to do. */
    void stop(long now) {
        stopped = true;
        stoppedAt = now;
    }

    /** Lets it run again. */
    void resume(long now) {
        stopped = false;
        for (What what : STOPS) {
            get(what).at += now - stoppedAt;
        }
    }

    /** One that has passed; null if none has. */
    @Nullable
    What passed(long now) {
        for (Map.Entry<What, Deadline> e : all.entrySet()) {
            if (runs(e) && e.getValue().at - now <= 0) {
                return e.getKey();
            }
        }
        return null;
    }

    /** The next one, or {@link SessionProtocol#NEVER}. */
    long next(long now) {
        long least = Long.MAX_VALUE;
        for (Map.Entry<What, Deadline> e : all.entrySet()) {
            if (runs(e)) {
                least = Math.min(least, e.getValue().at - now);
            }
        }
        return least == Long.MAX_VALUE ? SessionProtocol.NEVER : now + least;
    }

    private boolean runs(Map.Entry<What, Deadline> e) {
        return e.getValue().set && !(stopped && STOPS.contains(e.getKey()));
    }

    private Deadline get(What what) {
        return all.computeIfAbsent(what, w -> new Deadline());
    }
}
