package dev.livesync.core.session;

import dev.livesync.Endpoint;
import dev.livesync.SessionStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.core.auth.Agreement;
import dev.livesync.core.auth.Exchange;
import dev.livesync.core.auth.Secret;
import dev.livesync.core.transports.Candidate;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A listening address that makes a session of everyone who proves the secret. */
final class ListeningEndpoint implements Endpoint, Tenant, Proving.Outcome {
    private final Node node;
    private final Secret secret;
    private final Doorkeeper door;
    private volatile @Nullable Listening listening;

    private ListeningEndpoint(Node node, Candidate candidate, Secret secret) {
        this.node = node;
        this.secret = secret;
        Optional<Exchange> exchange = Optional.of(Exchange.address(secret));
        this.door = new Doorkeeper(
                node, candidate.id(), handle -> handle.isPresent() ? Optional.empty() : exchange, this::welcome);
    }

    /** Starts to listen; on the executor. */
    static void open(
            Node node,
            Candidate candidate,
            DialingTransport transport,
            String address,
            Secret secret,
            Attempt<Endpoint> attempt) {
        ListeningEndpoint endpoint = new ListeningEndpoint(node, candidate, secret);
        CompletableFuture<Listening> bound =
                transport.listen(address, endpoint.door).toCompletableFuture();
        attempt.holds(reason -> {
            bound.cancel(false);
            endpoint.end(reason);
        });
        var unused = bound.whenComplete((listening, thrown) -> {
            if (thrown != null) {
                attempt.fail(Failures.of("listening at " + address, thrown));
            } else if (endpoint.opened(listening)) {
                attempt.succeed(endpoint);
            } else {
                attempt.fail(Failures.closed());
            }
        });
    }

    private boolean opened(Listening bound) {
        listening = bound;
        if (node.admit(this)) {
            return true;
        }
        bound.close();
        return false;
    }

    private void welcome(Proving proving) {
        proving.handTo(this);
        proving.confirm(null);
    }

    @Override
    public void proved(Proving proving, Agreement agreement) {
        Slots.Slot slot = node.slots().reserve(SessionStatus.CONNECTING);
        var unused = Sessions.proved(node, slot, proving, agreement);
    }

    @Override
    public void failed(Proving proving, SyncException failure) {
        node.tell(listener -> listener.refused(proving.remote(), failure));
    }

    @Override
    public String address() {
        return publicAddress() + "#" + secret.text();
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
        node.leave(this);
        door.close(reason);
        Listening bound = listening;
        if (bound != null) {
            bound.close();
        }
    }
}
