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
    /** The entry of a session that is open or still being set up. */
    public static final class Registration {
        private final SessionStatus beginning;
        private final CompletableFuture<SessionRunner> arrival = new CompletableFuture<>();
        private volatile @Nullable SessionRunner session;

        private Registration(SessionStatus beginning) {
            this.beginning = beginning;
        }

        /**
         * Completes with the session; fails if the session is not established.
         *
         * @return the same future each time
         */
        public CompletableFuture<SessionRunner> arrival() {
            return arrival;
        }

        /**
         * The session's status, or the initial one while it is being set up.
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
     * Adds an entry for a session that is being set up.
     *
     * @param beginning its initial status
     * @return the entry
     */
    public synchronized Registration reserve(SessionStatus beginning) {
        Registration registration = new Registration(beginning);
        registrations.add(registration);
        return registration;
    }

    /** Puts the session into its entry; false if the entry was released. */
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
     * Removes the entry of a session that was not established.
     *
     * @param registration the entry; does nothing if its session is open
     * @param failure the failure for those who wait for the session
     */
    public void release(Registration registration, Throwable failure) {
        synchronized (this) {
            registrations.remove(registration);
        }
        registration.arrival.completeExceptionally(failure);
    }

    /** Records that a session has ended. It remains the last one until another ends. */
    synchronized void ended(Registration registration) {
        if (registrations.remove(registration)) {
            last = registration;
        }
    }

    /**
     * The entries of all sessions, open or being set up.
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
     * The runners of the open sessions.
     *
     * @return a copy, oldest first
     */
    public List<SessionRunner> runners() {
        return sessions().stream().map(SessionRunner.class::cast).toList();
    }
}
