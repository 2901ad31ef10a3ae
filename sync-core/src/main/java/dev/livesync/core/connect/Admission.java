package dev.livesync.core.connect;

import dev.livesync.core.session.HandshakeRunner;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The callers of one listener who have not proved anything yet, oldest first. Any thread. */
final class Admission {
    private final int most;
    private final Set<HandshakeRunner> callers = new LinkedHashSet<>();

    /** @param most how many there may be at once */
    Admission(int most) {
        this.most = most;
    }

    /** Gives a caller a place; false if there is none. */
    synchronized boolean admit(HandshakeRunner caller) {
        return callers.size() < most && callers.add(caller);
    }

    /** Takes the place back: the caller has proved the secret, or has gone. */
    synchronized void leave(HandshakeRunner caller) {
        callers.remove(caller);
    }

    /** Takes all places back. */
    synchronized List<HandshakeRunner> clear() {
        List<HandshakeRunner> all = List.copyOf(callers);
        callers.clear();
        return all;
    }
}
