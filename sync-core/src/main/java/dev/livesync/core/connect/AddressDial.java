package dev.livesync.core.connect;

import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.seal.Credential;
import dev.livesync.core.session.Agreement;
import dev.livesync.core.session.Attempt;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.SessionFactory;
import dev.livesync.core.session.SessionRegistry;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import dev.livesync.core.transports.Candidate;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Dials an address and proves its secret, or goes by the peer's identity where there is none. */
final class AddressDial implements HandshakeRunner.Outcome {
    private final SyncContext context;
    private final SessionRegistry.Registration registration;
    private final Attempt<Session> attempt;
    private final boolean byIdentity;

    private AddressDial(SyncContext context, Attempt<Session> attempt, boolean byIdentity) {
        this.context = context;
        this.attempt = attempt;
        this.byIdentity = byIdentity;
        this.registration = context.registry().reserve(SessionStatus.CONNECTING);
    }

    /** Begins; on the executor. */
    static void begin(
            SyncContext context,
            Candidate candidate,
            DialingTransport transport,
            String address,
            @Nullable Secret secret,
            String meshName,
            Attempt<Session> attempt) {
        AddressDial dial = new AddressDial(context, attempt, secret == null);
        Consumer<SyncException> release = reason -> context.registry().release(dial.registration, reason);
        attempt.holds(release);
        channel(transport, address, attempt, release, channel -> {
            if (secret == null) {
                IdentityProof.require(address, channel);
            }
            Credential credential = secret == null
                    ? Credential.identity(Credential.UNNAMED, context.database())
                    : Credential.address(secret, context.database());
            HandshakeRunner runner = HandshakeRunner.initiator(context, candidate.id(), channel, credential, dial);
            runner.announce(meshName);
            attempt.holds(reason -> {
                runner.abandon(reason);
                release.accept(reason);
            });
            runner.begin();
        });
    }

    /** Dials a channel for an attempt. If the attempt fails, the dial is cancelled. */
    static void channel(
            DialingTransport transport,
            String address,
            Attempt<?> attempt,
            Consumer<SyncException> undo,
            Consumer<Channel> then) {
        CompletableFuture<Channel> dialled = transport.dial(address).toCompletableFuture();
        attempt.holds(reason -> {
            dialled.cancel(false);
            undo.accept(reason);
        });
        var unused = dialled.whenComplete((channel, thrown) -> {
            if (thrown != null) {
                attempt.fail(SyncFailures.of("dialling " + address, thrown));
            } else if (attempt.isSettled()) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for this connection any more"));
            } else {
                attempt.step("dialling " + address, channel, () -> then.accept(channel));
            }
        });
    }

    @Override
    public void proved(HandshakeRunner runner, Agreement agreement) {
        if (byIdentity && !runner.isBound()) {
            attempt.fail(IdentityProof.notBound(runner.remote()));
            return;
        }
        attempt.holds(reason -> {});
        attempt.succeed(SessionFactory.proved(context, registration, runner, agreement));
    }

    @Override
    public void failed(HandshakeRunner runner, SyncException failure) {
        attempt.fail(failure);
    }
}
