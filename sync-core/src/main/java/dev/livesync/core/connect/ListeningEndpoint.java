package dev.livesync.core.connect;

import dev.livesync.Endpoint;
import dev.livesync.SessionStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.session.Agreement;
import dev.livesync.core.session.Attempt;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.ManagedResource;
import dev.livesync.core.session.SessionFactory;
import dev.livesync.core.session.SessionRegistry;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import dev.livesync.core.transports.Candidate;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A listening address. It starts a session with every peer that proves the secret. */
final class ListeningEndpoint implements Endpoint, ManagedResource, ConnectionGate.CallHandler {
    private final SyncContext context;
    private final @Nullable Secret secret;
    private final AccessControl access;
    private final Membership membership;
    private final ConnectionGate gate;
    private volatile @Nullable Listening listening;

    private ListeningEndpoint(
            SyncContext context,
            Candidate candidate,
            @Nullable Secret secret,
            AccessControl access,
            Membership membership) {
        this.context = context;
        this.secret = secret;
        this.access = access;
        this.membership = membership;
        this.gate = new ConnectionGate(context, candidate.id(), this);
    }

    /** Starts to listen; on the executor. */
    static void open(
            SyncContext context,
            Candidate candidate,
            DialingTransport transport,
            String address,
            @Nullable Secret secret,
            AccessControl access,
            Membership membership,
            Attempt<Endpoint> attempt) {
        ListeningEndpoint endpoint = new ListeningEndpoint(context, candidate, secret, access, membership);
        CompletableFuture<Listening> bound =
                transport.listen(address, endpoint.gate).toCompletableFuture();
        attempt.holds(reason -> {
            bound.cancel(false);
            endpoint.end(reason);
        });
        var unused = bound.whenComplete((listening, thrown) -> {
            if (thrown != null) {
                attempt.fail(SyncFailures.of("listening at " + address, thrown));
            } else if (endpoint.opened(listening)) {
                attempt.succeed(endpoint);
            } else {
                attempt.fail(SyncFailures.closed());
            }
        });
    }

    private boolean opened(Listening bound) {
        listening = bound;
        if (context.admit(this)) {
            return true;
        }
        bound.close();
        return false;
    }

    @Override
    public void called(HandshakeRunner runner) {
        runner.announce(membership.name());
        runner.answer(() -> access.credentials(runner.identity(), runner.hasBinding()), access::mayRead);
    }

    @Override
    public void proved(HandshakeRunner runner, Agreement agreement) {
        String grant = agreement.credential().orElse(null);
        if (grant == null) {
            membership.opened(SessionFactory.proved(context, reserve(), runner, agreement));
            return;
        }
        try {
            var unused = access.begin(grant, runner, agreement, this::reserve);
        } catch (SyncException e) {
            dismiss(runner, e);
        }
    }

    private SessionRegistry.Registration reserve() {
        return context.registry().reserve(SessionStatus.CONNECTING);
    }

    /** For the peer the session is open already: it hears why it ends, and nothing else. */
    private void dismiss(HandshakeRunner runner, SyncException why) {
        runner.dismiss(why);
        context.tell(listener -> listener.refused(runner.remote(), why));
    }

    @Override
    public String address() {
        return publicAddress() + (secret == null ? "" : "#" + secret.text());
    }

    @Override
    public String publicAddress() {
        Listening bound = listening;
        if (bound == null) {
            throw new IllegalStateException("not bound");
        }
        return bound.address();
    }

    @Override
    public void close() {
        end(new SyncException(ErrorKind.CLOSED, "nobody listens here any more"));
    }

    @Override
    public void end(SyncException reason) {
        context.leave(this);
        gate.close(reason);
        access.close();
        Listening bound = listening;
        if (bound != null) {
            bound.close();
        }
    }
}
