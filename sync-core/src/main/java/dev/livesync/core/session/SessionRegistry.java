package dev.livesync.core.session;

import dev.livesync.Session;
import dev.livesync.SessionStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of a {@code Sync}: those that are open, and those that are still on their way, so that "the single session" means the
 * same before and after its channel opens. Any thread.
 */
public final class SessionRegistry {
    /** A session, or the place of one that is on its way. */
    public static final class Registration {
        private final SessionStatus beginning;
        private final CompletableFuture<SessionRunner> arrival = new CompletableFuture<>();
        private volatile @Nullable SessionRunner session;

        private Registration(SessionStatus beginning) {
            this.beginning = beginning;
        }

        /**
         * Completes with the session; fails if none comes of it.
         *
         * @return the same future each time
         */
        public CompletableFuture<SessionRunner> arrival() {
            return arrival;
        }

        /**
         * The session's status, or what it begins with while it is on its way.
         *
         * @return the status now
         */
        public SessionStatus status() {
            SessionRunner now = session;
            return now == null ? beginning : now.status();
        }
    }

    private final List<Registration> registrations = new ArrayList<>();
    private @Nullable Registration last;

    /**
     * Takes a place for a session that may come.
     *
     * @param beginning its status until then
     * @return the place
     */
    public synchronized Registration reserve(SessionStatus beginning) {
        Registration registration = new Registration(beginning);
        registrations.add(registration);
        return registration;
    }

    /** The session is here; false if its place was given up. */
    boolean fill(Registration registration, SessionRunner session) {
        synchronized (this) {
            if (!registrations.contains(registration)) {
                return false;
            }
            registration.session = session;
        }
        registration.arrival.complete(session);
        return true;
    }

    /**
     * Gives a place up: nothing came of it.
     *
     * @param registration the place; harmless if its session is here
     * @param failure what those are told who wait for the session
     */
    public void release(Registration registration, Throwable failure) {
        synchronized (this) {
            registrations.remove(registration);
        }
        registration.arrival.completeExceptionally(failure);
    }

    /** The session has ended. It stays the one to ask as long as there is no other. */
    synchronized void ended(Registration registration) {
        if (registrations.remove(registration)) {
            last = registration;
        }
    }

    /**
     * The sessions and the places of those that are on their way.
     *
     * @return a copy, oldest first
     */
    public synchronized List<Registration> all() {
        return List.copyOf(registrations);
    }

    /**
     * The session that ended last.
     *
     * @return empty if none has ended
     */
    public synchronized Optional<Registration> last() {
        return Optional.ofNullable(last);
    }

    /**
     * The open sessions.
     *
     * @return a copy, oldest first
     */
    public List<Session> sessions() {
        return all().stream()
                .map(registration -> registration.session)
                .filter(java.util.Objects::nonNull)
                .map(Session.class::cast)
                .toList();
    }

    /**
     * The open sessions, as what runs them.
     *
     * @return a copy, oldest first
     */
    public List<SessionRunner> runners() {
        return sessions().stream().map(SessionRunner.class::cast).toList();
    }
}
