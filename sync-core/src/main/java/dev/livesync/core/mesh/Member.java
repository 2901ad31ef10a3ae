package dev.livesync.core.mesh;

import dev.livesync.KeptPeer;
import dev.livesync.KeptPeer.State;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A name that a discovery has told of, and what came of it. By the steps of one mesh, but for what says
 * that any thread may call it.
 */
final class Member {
    /** After so many failures in a row its place is better given to others. */
    private static final int DOUBTFUL = 2;

    /** One that has left is dialled so often again, */
    private static final int LAST_DIALS = 3;

    /** and for so long at least: that it has left is a hint. */
    private static final Duration LAST_TIME = Duration.ofSeconds(30);

    private final String name;
    private volatile List<String> addresses = List.of();
    private int dials;
    private boolean present;
    private long lostAt;
    private int failuresSinceLost;
    private @Nullable KeptPeer kept;
    private @Nullable State state;
    private long number;
    private volatile String statedName;
    private boolean doubtful;
    private boolean quiet;
    private long quietUntil;
    private boolean waiting;
    private long turnAt;
    private boolean hurried;
    private long hurriedAt;

    Member(String name) {
        this.name = name;
        this.statedName = name;
    }

    String name() {
        return name;
    }

    /** The discovery says that it is there. */
    void found(List<String> newAddresses) {
        addresses = newAddresses;
        waiting &= present; // one that comes back gets the time to dial
        present = true;
        failuresSinceLost = 0;
    }

    /** The discovery says that it has left. */
    void lost(long now) {
        if (present) {
            present = false;
            lostAt = now;
            failuresSinceLost = 0;
        }
    }

    boolean isPresent() {
        return present;
    }

    /** Where to dial it this time: one address after the other. By whoever dials it, one at a time. */
    String nextAddress() {
        List<String> known = addresses;
        return known.get(Math.floorMod(dials++, known.size()));
    }

    /** The address for people. */
    String address() {
        return addresses.get(0);
    }

    /** It is kept from now on; what is heard of those before doesn't count any more. */
    void keep(KeptPeer peer) {
        kept = peer;
        state = State.CONNECTING;
        waiting = false;
    }

    /** It is not kept any more. */
    @Nullable
    KeptPeer release() {
        KeptPeer peer = kept;
        kept = null;
        state = null;
        number++;
        return peer;
    }

    @Nullable
    KeptPeer kept() {
        return kept;
    }

    /** The number of whoever keeps it now, or will. */
    long number() {
        return number;
    }

    boolean isConnected() {
        return state == State.CONNECTED;
    }

    boolean isIdle() {
        return state == State.WAITING;
    }

    /** What whoever keeps it does now. */
    void changed(KeptPeer.Status status) {
        state = status.state();
        if (state == State.CONNECTED) {
            doubtful = false;
            failuresSinceLost = 0;
        } else if (state == State.WAITING) {
            doubtful |= status.failures() >= DOUBTFUL;
            failuresSinceLost++;
        }
    }

    /** There is a session with it, whoever dialled. */
    void met() {
        doubtful = false;
        waiting = false;
    }

    /** The name that it said itself in its last session. Any thread. */
    String statedName() {
        return statedName;
    }

    void stated(String newName) {
        statedName = newName;
    }

    /** It is left alone for a while. */
    void hush(long until) {
        doubtful = true;
        quiet = true;
        quietUntil = until;
    }

    boolean isDoubtful() {
        return doubtful;
    }

    /** For how many nanoseconds it is still left alone; 0 if it is not. */
    long quietFor(long now) {
        quiet &= quietUntil - now > 0;
        return quiet ? quietUntil - now : 0;
    }

    /** How many nanoseconds are left until this end dials, though it is the other's turn; begins to wait for the given time. */
    long turnIn(long now, LongSupplier patience) {
        if (!waiting) {
            waiting = true;
            turnAt = now + patience.getAsLong();
        }
        return Math.max(0, turnAt - now);
    }

    /** Whether it may be dialled out of turn; at most once in a while. */
    boolean mayHurry(long now, Duration pause) {
        if (hurried && now - hurriedAt < pause.toNanos()) {
            return false;
        }
        hurried = true;
        hurriedAt = now;
        return true;
    }

    /** For how many nanoseconds it is still dialled after it has left; 0 if it is to be given up. */
    long stayingFor(long now) {
        if (failuresSinceLost < LAST_DIALS) {
            return Math.max(1, LAST_TIME.toNanos());
        }
        return Math.max(0, lostAt + LAST_TIME.toNanos() - now);
    }
}
