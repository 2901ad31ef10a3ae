package dev.livesync.core.session;

import dev.livesync.Acceptance;
import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.core.auth.Agreement;
import dev.livesync.core.signal.SignalText;
import java.util.concurrent.CompletionStage;

/** What both ways of accepting have in common: an answer, and a session that comes once it was carried back. Any thread. */
abstract class PendingAcceptance implements Acceptance, Proving.Outcome {
    final Node node;
    final Slots.Slot slot;
    final Attempt<Session> session;
    private final SignalText answer;

    PendingAcceptance(Node node, SignalText answer) {
        this.node = node;
        this.answer = answer;
        this.session = node.attempt(session -> Sessions.discard(node, session));
        this.slot = node.slots().reserve(SessionStatus.ACCEPTING);
    }

    @Override
    public final String answer() {
        return answer.text();
    }

    @Override
    public final CompletionStage<Session> session() {
        return session.future();
    }

    @Override
    public final void close() {
        session.fail(new SyncException(ErrorKind.CANCELLED, "the answer was taken back"));
    }

    /** From here on the answer waits to be carried back. */
    final void startClock() {
        session.deadline(
                node.limits().offerLifetime(),
                () -> new SyncException(ErrorKind.TIMEOUT, "the answer was not connected in time; accept a new offer"));
    }

    @Override
    public final void proved(Proving proving, Agreement agreement) {
        session.holds(reason -> {});
        session.succeed(Sessions.proved(node, slot, proving, agreement));
    }
}
