package dev.livesync.core.connect;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.seal.Credential;
import dev.livesync.core.session.Agreement;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.SessionFactory;
import dev.livesync.core.session.SessionRegistry;
import dev.livesync.core.session.SessionRunner;
import dev.livesync.core.session.SyncContext;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is let in at a listening address: with its own secret, or with a grant. Ends the sessions of grants that were revoked, changed or have
 * expired. Any thread; reads the grants where it is called, which may wait for a file, so never on a transport's thread.
 */
final class AccessControl {
    private static final System.Logger LOG = System.getLogger(AccessControl.class.getName());
    private static final Duration LOOK = Duration.ofMillis(500);

    private final SyncContext context;
    private final @Nullable Grants grants;
    private final Optional<Credential> own;
    private final Map<SessionRunner, Grant> sessions = new LinkedHashMap<>();
    private final Map<String, Integer> places = new HashMap<>();
    private final Subscription subscription;
    private Map<Grant, Optional<Credential>> known = Map.of();
    private String complaint = "";
    private boolean open = true;
    private boolean looking;

    /**
     * Makes the control of one address.
     *
     * @param own the address's own secret; null if it has none
     * @param grants what else lets in; null for nothing
     */
    AccessControl(SyncContext context, @Nullable Secret own, @Nullable Grants grants) {
        this.context = context;
        this.grants = grants;
        this.own = Optional.ofNullable(own).map(secret -> Credential.address(secret, context.database()));
        this.subscription = grants == null ? () -> {} : grants.onChange(() -> context.later(this::look));
    }

    /**
     * What a caller may come with now.
     *
     * @param identity as whom the transport has authenticated it
     * @param bound whether the transport encrypts the channel between just these two
     */
    List<Credential> credentials(Optional<PeerIdentity> identity, boolean bound) {
        List<Credential> credentials = new ArrayList<>();
        own.ifPresent(credentials::add);
        List<Grant> all = list();
        if (all != null) {
            Map<Grant, Optional<Credential>> now = credentials(all);
            for (Grant grant : all) {
                if (!grant.isExpired(context.wallTime()) && grant.isFor(identity) && (bound || grant.hasSecret())) {
                    Objects.requireNonNull(now.get(grant)).ifPresent(credentials::add);
                }
            }
        }
        return credentials;
    }

    /** Whether a caller with a credential of this name may know what is here. */
    boolean mayRead(String name) {
        if (name.equals(Credential.UNNAMED)) {
            return true;
        }
        Grant grant = grant(name);
        return grant != null && grant.rights().canRead();
    }

    /** The grant of a caller who has come with a credential of this name; null if it is there no more. */
    @Nullable
    Grant grant(String name) {
        List<Grant> all = list();
        Grant found = all == null ? null : find(all, name);
        return found == null || found.isExpired(context.wallTime()) ? null : found;
    }

    /**
     * Begins the session of a caller who came with a grant. It ends as soon as the grant does.
     *
     * @param name the grant's
     * @param place the session's; asked for once nothing speaks against it
     * @throws SyncException {@link ErrorKind#AUTHENTICATION} if the grant has ended since the handshake, or isn't what it was, or if a grant without a
     *     secret comes over a channel that isn't bound; {@link ErrorKind#REFUSED} if it has as many sessions as it may have. Nothing has begun then
     */
    SessionRunner begin(
            String name, HandshakeRunner runner, Agreement agreement, Supplier<SessionRegistry.Registration> place) {
        Grant grant = grant(name);
        if (grant == null || !grant.isFor(runner.identity())) {
            throw new SyncException(ErrorKind.AUTHENTICATION, "the grant was revoked meanwhile");
        }
        if (!grant.rights().canRead() && agreement.clock().isPresent()) {
            throw new SyncException(ErrorKind.AUTHENTICATION, "the grant was changed meanwhile");
        }
        if (agreement.credential().isPresent() && !grant.hasSecret() && !runner.isBound()) {
            // Somebody may be in between, and nothing that was said takes a secret.
            throw IdentityProof.notBound(runner.remote());
        }
        enter(grant);
        SessionRunner session;
        try {
            session = SessionFactory.granted(context, place.get(), runner, agreement, grant);
        } catch (RuntimeException | Error e) {
            leave(grant);
            throw e;
        }
        watch(session, grant);
        return session;
    }

    private synchronized void enter(Grant grant) {
        int most = context.limits().sessionsPerGrant();
        int taken = places.getOrDefault(grant.name(), 0);
        if (taken >= most) {
            throw new SyncException(
                    ErrorKind.REFUSED,
                    "there are " + most + " sessions with grant " + grant.name()
                            + ", which is as many as one grant may have; one must end first");
        }
        places.put(grant.name(), taken + 1);
    }

    private synchronized void leave(Grant grant) {
        places.computeIfPresent(grant.name(), (name, taken) -> taken == 1 ? null : taken - 1);
    }

    private void watch(SessionRunner session, Grant grant) {
        synchronized (this) {
            sessions.put(session, grant);
        }
        var unused = session.closed().whenComplete((nothing, thrown) -> {
            leave(grant);
            forget(session);
        });
        look();
    }

    /** Nobody is let in any more; sessions go on, and are watched until the last has ended. */
    void close() {
        synchronized (this) {
            open = false;
        }
        endIfUnused();
    }

    private void forget(SessionRunner session) {
        synchronized (this) {
            sessions.remove(session);
        }
        endIfUnused();
    }

    private void endIfUnused() {
        boolean unused;
        synchronized (this) {
            unused = !open && sessions.isEmpty();
        }
        if (unused) {
            subscription.close();
        }
    }

    /** Looks at the grants of all sessions, and again later as long as there are any. */
    private void look() {
        Map<SessionRunner, Grant> watched;
        synchronized (this) {
            watched = Map.copyOf(sessions);
        }
        List<Grant> all = watched.isEmpty() ? null : list();
        if (all != null) {
            watched.forEach((session, grant) -> check(session, grant, find(all, grant.name())));
        }
        synchronized (this) {
            if (looking || sessions.isEmpty() || context.isClosed()) {
                return;
            }
            looking = true;
        }
        context.schedule(
                LOOK,
                () -> context.later(() -> {
                    synchronized (this) {
                        looking = false;
                    }
                    look();
                }));
    }

    private void check(SessionRunner session, Grant grant, @Nullable Grant now) {
        if (!grant.equals(now)) {
            end(session, "grant " + grant.name() + (now == null ? " was revoked" : " was changed"));
        } else if (grant.isExpired(context.wallTime())) {
            end(
                    session,
                    "grant " + grant.name() + " expired at " + grant.expires().orElseThrow());
        }
    }

    private static void end(SessionRunner session, String why) {
        session.dismiss(new SyncException(
                ErrorKind.AUTHENTICATION, "the session with " + session.peer().remote() + " was ended: " + why));
    }

    private static @Nullable Grant find(List<Grant> all, String name) {
        for (Grant grant : all) {
            if (grant.name().equals(name)) {
                return grant;
            }
        }
        return null;
    }

    /** All grants; null if they can't be read, which is logged once for each reason. */
    private @Nullable List<Grant> list() {
        if (grants == null) {
            return List.of();
        }
        try {
            List<Grant> all = grants.list();
            complain("");
            return all;
        } catch (RuntimeException e) {
            complain("nobody is let in with a grant, because they can't be read: " + e.getMessage());
            return null;
        }
    }

    private void complain(String what) {
        synchronized (this) {
            if (complaint.equals(what)) {
                return;
            }
            complaint = what;
        }
        if (!what.isEmpty()) {
            LOG.log(Level.WARNING, "{0}", what);
        }
    }

    /** Keys take a while to derive, so they are kept as long as their grants are there. */
    private synchronized Map<Grant, Optional<Credential>> credentials(List<Grant> all) {
        if (known.size() != all.size() || !known.keySet().containsAll(all)) {
            Map<Grant, Optional<Credential>> now = new HashMap<>();
            for (Grant grant : all) {
                Optional<Credential> before = known.get(grant);
                now.put(grant, before != null ? before : credential(grant));
            }
            known = Map.copyOf(now);
        }
        return known;
    }

    private Optional<Credential> credential(Grant grant) {
        if (!grant.hasSecret()) {
            return Optional.of(Credential.identity(grant.name(), context.database()));
        }
        try {
            Secret secret =
                    Secret.parse("the secret of grant " + grant.name(), ErrorKind.CONFIGURATION, grant.secret());
            return Optional.of(Credential.grant(grant.name(), secret, context.database()));
        } catch (SyncException e) {
            LOG.log(Level.WARNING, "nobody is let in with grant {0}: {1}", grant.name(), e.getMessage());
            return Optional.empty();
        }
    }
}
