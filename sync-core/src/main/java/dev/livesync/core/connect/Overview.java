package dev.livesync.core.connect;

import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.FailedFutures;
import dev.livesync.core.session.SessionRegistry;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Status, sessions and backlog of a {@code Sync} as a whole. Any thread. */
public final class Overview {
    private final SyncContext context;
    private final Offers offers;
    private final KeptPeers keptPeers;

    /**
     * Creates an overview.
     *
     * @param context with the sessions
     * @param offers with the open offers
     * @param keptPeers those that are dialled again
     */
    public Overview(SyncContext context, Offers offers, KeptPeers keptPeers) {
        this.context = context;
        this.offers = offers;
        this.keptPeers = keptPeers;
    }

    /**
     * The open sessions.
     *
     * @return a copy, oldest first
     */
    public List<Session> sessions() {
        return context.registry().sessions();
    }

    /**
     * The status of the {@code Sync} as a whole.
     *
     * @return the status
     */
    public SessionStatus status() {
        Optional<SessionStatus> least = context.registry().all().stream()
                .map(SessionRegistry.Registration::status)
                .min(Comparator.naturalOrder());
        if (least.isPresent()) {
            return least.get();
        }
        if (!keptPeers.isEmpty()) {
            return SessionStatus.CONNECTING;
        }
        if (offers.count() > 0) {
            return SessionStatus.OFFERING;
        }
        boolean over = context.isClosed() || context.registry().last().isPresent();
        return over ? SessionStatus.DESTROYED : SessionStatus.NEW;
    }

    /**
     * The backlog of the single session, be it open, on its way, or just over.
     *
     * @return see {@link Session#backlog}
     */
    public CompletableFuture<Void> backlog() {
        List<SessionRegistry.Registration> registrations = context.registry().all();
        if (registrations.size() > 1) {
            return FailedFutures.of(new SyncException(
                    ErrorKind.CONFIGURATION,
                    "there are " + registrations.size() + " sessions; ask the one you mean for its backlog"));
        }
        Optional<SessionRegistry.Registration> registration =
                registrations.isEmpty() ? context.registry().last() : Optional.of(registrations.get(0));
        if (registration.isEmpty()) {
            return FailedFutures.of(new SyncException(
                    ErrorKind.CONFIGURATION, "there is no session yet; connect, accept or dial first"));
        }
        CompletableFuture<Void> own = new CompletableFuture<>();
        var unused = registration.get().arrival().whenComplete((session, failure) -> {
            if (failure != null) {
                // Whoever gave it up may be a timer, or anybody.
                context.later(() -> own.completeExceptionally(SyncFailures.of("the session", failure)));
            } else {
                var ignored = session.backlog().whenComplete((nothing, thrown) -> {
                    if (thrown == null) {
                        own.complete(null);
                    } else {
                        own.completeExceptionally(SyncFailures.of("the session", thrown));
                    }
                });
            }
        });
        return own;
    }
}
