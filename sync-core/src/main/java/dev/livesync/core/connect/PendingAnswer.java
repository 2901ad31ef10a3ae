package dev.livesync.core.connect;

import dev.livesync.OpenAnswer;
import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.core.handshake.SignalText;
import dev.livesync.core.session.Agreement;
import dev.livesync.core.session.Attempt;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.SessionFactory;
import dev.livesync.core.session.SessionRegistry;
import dev.livesync.core.session.SyncContext;
import java.util.concurrent.CompletableFuture;

/** Base of both kinds of accepted offer: has the answer's text, and the session that starts once the answer was carried back. Any thread. */
abstract class PendingAnswer implements OpenAnswer, HandshakeRunner.Outcome {
    final SyncContext context;
    final SessionRegistry.Registration registration;
    final Attempt<Session> session;
    private final SignalText answer;

    PendingAnswer(SyncContext context, SignalText answer) {
        this.context = context;
        this.answer = answer;
        this.session = context.attempt(session -> SessionFactory.discard(context, session));
        this.registration = context.registry().reserve(SessionStatus.ACCEPTING);
    }

    @Override
    public final String text() {
        return answer.text();
    }

    @Override
    public final CompletableFuture<Session> session() {
        return session.copy();
    }

    @Override
    public final void close() {
        session.fail(new SyncException(ErrorKind.CANCELLED, "the answer was taken back"));
    }

    /** Starts the time in which the answer has to be carried back. */
    final void startClock() {
        session.deadline(
                context.limits().offerLifetime(),
                () -> new SyncException(ErrorKind.TIMEOUT, "the answer was not connected in time; accept a new offer"));
    }

    @Override
    public final void proved(HandshakeRunner runner, Agreement agreement) {
        session.holds(reason -> {});
        session.succeed(SessionFactory.proved(context, registration, runner, agreement));
    }
}
