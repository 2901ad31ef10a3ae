package dev.livesync.core.session;

import dev.livesync.Session;
import dev.livesync.SessionStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a node: those that are open, and those that are still on their way, so that "the single session" means the
 * same before and after its channel opens. Any thread.
 */
final class Slots {
    /** A session, or the place of one that is on its way. */
    static final class Slot {
        private final SessionStatus beginning;
        private final CompletableFuture<SessionRunner> arrival = new CompletableFuture<>();
        private volatile @Nullable SessionRunner session;

        private Slot(SessionStatus beginning) {
            this.beginning = beginning;
        }

        /** Completes with the session; fails if none comes of it. */
        CompletableFuture<SessionRunner> arrival() {
            return arrival;
        }

        SessionStatus status() {
            SessionRunner now = session;
            return now == null ? beginning : now.status();
        }
    }

    private final List<Slot> slots = new ArrayList<>();
    private @Nullable Slot last;

    /** Takes a place for a session that may come. */
    synchronized Slot reserve(SessionStatus beginning) {
        Slot slot = new Slot(beginning);
        slots.add(slot);
        return slot;
    }

    /** The session is here; false if its place was given up. */
    boolean fill(Slot slot, SessionRunner session) {
        synchronized (this) {
            if (!slots.contains(slot)) {
                return false;
            }
            slot.session = session;
        }
        slot.arrival.complete(session);
        return true;
    }

    /** Gives the place up: nothing came of it. */
    void release(Slot slot, Throwable failure) {
        synchronized (this) {
            slots.remove(slot);
        }
        slot.arrival.completeExceptionally(failure);
    }

    /** The session has ended. It stays the one to ask as long as there is no other. */
    synchronized void ended(Slot slot) {
        if (slots.remove(slot)) {
            last = slot;
        }
    }

    synchronized List<Slot> all() {
        return List.copyOf(slots);
    }

    /** The session that ended last. */
    synchronized Optional<Slot> last() {
        return Optional.ofNullable(last);
    }

    /** The open sessions, oldest first. */
    List<Session> sessions() {
        return all().stream()
                .map(slot -> slot.session)
                .filter(java.util.Objects::nonNull)
                .map(Session.class::cast)
                .toList();
    }

    List<SessionRunner> runners() {
        return sessions().stream().map(SessionRunner.class::cast).toList();
    }
}
