package dev.livesync.core.session;

import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.core.auth.Agreement;
import dev.livesync.core.auth.Answer;
import dev.livesync.core.signal.Extension;
import dev.livesync.core.signal.SignalText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An offer over a dialling transport. Acceptors dial, prove that they have the offer, and wait; {@code connect} names the
 * one whose answer was carried back, and turns the others away. Any thread.
 */
final class DerivedOffer extends OpenOffer {
    /** Somebody who called {@code connect}, and whose acceptor may still be on its way. */
    private record Waiter(Answer answer, Attempt<Session> attempt) {}

    private final Porch porch;
    private final Porch.Claim claim;
    private final List<Proving> callers = new ArrayList<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private boolean pairing;

    DerivedOffer(Node node, Offers offers, Porch porch, Porch.Claim claim, String address) {
        super(node, offers, porch.transport(), Map.of(), address);
        this.porch = porch;
        this.claim = claim;
    }

    @Override
    void enter() {
        porch.enter(this);
    }

    @Override
    boolean isForAlphas() {
        return false;
    }

    @Override
    void connect(SignalText text, Attempt<Session> attempt) {
        Extension extension = text.extension();
        if (extension == null) {
            throw new SyncException(
                    ErrorKind.MALFORMED,
                    "the answer is not to an offer over " + transport + ": it has no livesync part");
        }
        Waiter waiter = new Waiter(answer(text, extension), attempt);
        attempt.holds(reason -> {
            synchronized (callers) {
                waiters.remove(waiter);
            }
        });
        attempt.deadline(
                node.limits().connectTime(),
                () -> new SyncException(
                        ErrorKind.TIMEOUT,
                        "whoever wrote this answer is not connected; the offer stays open for its answer"));
        synchronized (callers) {
            waiters.add(waiter);
        }
        if (hasEnded()) {
            attempt.fail(Offers.foreign());
        }
        pair();
    }

    /** Somebody has proved the offer's secret; in its mailbox. */
    void call(Proving proving) {
        proving.waitForUs();
        proving.handTo(new Caller());
        boolean welcome;
        synchronized (callers) {
            welcome = callers.size() < node.limits().unproved();
            if (welcome) {
                callers.add(proving);
            }
        }
        if (!welcome || hasEnded()) {
            leave(proving);
            proving.refuse(
                    welcome
                            ? Offers.foreign()
                            : new SyncException(ErrorKind.REFUSED, "too many callers for one offer"));
            return;
        }
        pair();
    }

    /** Confirms the caller that an answer names, if both are here. */
    private void pair() {
        Proving caller = null;
        Waiter waiter = null;
        synchronized (callers) {
            if (pairing) {
                return;
            }
            for (Waiter w : waiters) {
                for (Proving c : callers) {
                    if (c.isAnswer(w.answer().hash())) {
                        waiter = w;
                        caller = c;
                    }
                }
            }
            if (caller == null || waiter == null) {
                return;
            }
            pairing = true;
        }
        Proving chosen = caller;
        Waiter by = waiter;
        caller.wire().execute(() -> confirm(chosen, by));
    }

    private void confirm(Proving caller, Waiter waiter) {
        boolean both;
        synchronized (callers) {
            both = callers.contains(caller) && waiters.remove(waiter);
            if (both) {
                callers.remove(caller);
            } else {
                pairing = false;
            }
        }
        if (!both) {
            pair();
            return;
        }
        Slots.Slot slot = node.slots().reserve(SessionStatus.CONNECTING);
        waiter.attempt().holds(reason -> {
            node.slots().release(slot, reason);
            caller.abandon(reason);
            next();
        });
        caller.handTo(new Proving.Outcome() {
            @Override
            public void proved(Proving proving, Agreement agreement) {
                waiter.attempt().holds(reason -> {});
                SessionRunner session = Sessions.proved(node, slot, proving, agreement);
                end(Offers.foreign());
                waiter.attempt().succeed(session);
            }

            @Override
            public void failed(Proving proving, SyncException failure) {
                waiter.attempt().fail(failure);
                next();
            }
        });
        caller.confirm(waiter.answer());
    }

    private void next() {
        synchronized (callers) {
            pairing = false;
        }
        pair();
    }

    private void leave(Proving proving) {
        synchronized (callers) {
            callers.remove(proving);
        }
    }

    @Override
    void letGo(SyncException reason) {
        List<Proving> turnedAway;
        List<Waiter> disappointed;
        synchronized (callers) {
            turnedAway = List.copyOf(callers);
            disappointed = List.copyOf(waiters);
            callers.clear();
            waiters.clear();
        }
        // Of a Sync that is being closed, the transport goes as well.
        turnedAway.forEach(
                reason.kind() == ErrorKind.CLOSED ? caller -> caller.abandon(reason) : caller -> caller.refuse(reason));
        disappointed.forEach(waiter -> waiter.attempt().fail(reason));
        porch.leave(this);
        claim.release();
    }

    /** A caller that waits for its answer and may give up. */
    private final class Caller implements Proving.Outcome {
        @Override
        public void proved(Proving proving, Agreement agreement) {
            proving.abandon(Offers.foreign());
        }

        @Override
        public void failed(Proving proving, SyncException failure) {
            leave(proving);
        }
    }
}
