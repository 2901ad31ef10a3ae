package dev.livesync.core.session;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * To whom there was no direct path, so that not every connection looks for one in vain. A peer is left alone for a minute, after each further time
 * for twice as long, and after all where this machine's addresses have changed. Any thread.
 */
public final class PathMemory {
    /** For how long after the first time. */
    static final Duration FIRST_PAUSE = Duration.ofMinutes(1);

    /** For how long at most: the peer may have come to another network. */
    static final Duration LONGEST_PAUSE = Duration.ofMinutes(16);

    /** How many peers are remembered; the one that was tried longest ago is forgotten. */
    static final int MOST = 256;

    private final LongSupplier now;
    private final Supplier<Set<String>> networks;
    private final Map<String, Vain> peers = new LinkedHashMap<>();
    private Set<String> known = Set.of();

    private record Vain(long until, Duration pause) {}

    /**
     * Remembers nobody.
     *
     * @param now the time in nanoseconds, as the session's
     * @param networks this machine's addresses
     */
    public PathMemory(LongSupplier now, Supplier<Set<String>> networks) {
        this.now = now;
        this.networks = networks;
    }

    /**
     * Whether it is no use to look for a path now.
     *
     * @param peer as it was dialled
     */
    synchronized boolean isVain(String peer) {
        if (peers.isEmpty()) {
            return false;
        }
        forgetOtherNetworks();
        Vain vain = peers.get(peer);
        return vain != null && vain.until() - now.getAsLong() > 0;
    }

    /**
     * There was none, as far as one looked.
     *
     * @param peer as it was dialled
     */
    synchronized void failed(String peer) {
        forgetOtherNetworks();
        Vain before = peers.remove(peer);
        Duration doubled = before == null ? FIRST_PAUSE : before.pause().multipliedBy(2);
        Duration pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
        if (peers.size() == MOST) {
            peers.remove(peers.keySet().iterator().next());
        }
        peers.put(peer, new Vain(now.getAsLong() + pause.toNanos(), pause));
    }

    /**
     * There was one.
     *
     * @param peer as it was dialled
     */
    synchronized void found(String peer) {
        peers.remove(peer);
    }

    private void forgetOtherNetworks() {
        Set<String> current = networks.get();
        if (!current.equals(known)) {
            known = current;
            peers.clear();
        }
    }
}
