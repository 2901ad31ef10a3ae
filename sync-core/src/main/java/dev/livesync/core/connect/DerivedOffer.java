package dev.livesync.core.connect;

import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.CallerAddress;
import dev.livesync.core.handshake.Extension;
import dev.livesync.core.handshake.SignalText;
import dev.livesync.core.seal.Credential;
import dev.livesync.core.session.Agreement;
import dev.livesync.core.session.Attempt;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.SessionRegistry;
import dev.livesync.core.session.SessionRunner;
import dev.livesync.core.session.SyncContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An offer over a dialling transport. Acceptors dial, name the offer, and wait. {@code connect} picks the one whose answer
 * was carried back and refuses the others. Any thread.
 */
final class DerivedOffer extends PendingOffer {
    /** A call of {@code connect} that waits for its acceptor to arrive. */
    private record Waiter(Credential credential, Attempt<Session> attempt) {}

    private final OfferListener offerListener;
    private final OfferListener.Lease lease;

    /** By which callers are recognized; what they prove takes their answer, too. */
    private final Credential known;

    /** Its lock is for the waiters, too. */
    private final OfferCallers<HandshakeRunner> callers;

    private final List<Waiter> waiters = new ArrayList<>();
    private boolean pairing;

    DerivedOffer(
            SyncContext context,
            Offers offers,
            OfferListener offerListener,
            OfferListener.Lease lease,
            String address,
            @Nullable OfferGrant grant) {
        super(context, offers, offerListener.transport(), Map.of(), address, grant);
        this.offerListener = offerListener;
        this.lease = lease;
        this.callers = new OfferCallers<>(context.tunables().callersOfOffer());
        this.known = Credential.address(secret(), context.database());
    }

    @Override
    void enter() {
        offerListener.enter(this);
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
        Waiter waiter = new Waiter(credential(text, extension), attempt);
        attempt.holds(reason -> {
            synchronized (callers) {
                waiters.remove(waiter);
            }
        });
        attempt.deadline(
                context.limits().connectTime(),
                () -> new SyncException(
                        ErrorKind.TIMEOUT,
                        "whoever wrote this answer is not connected; the offer stays open for its answer"));
        synchronized (callers) {
            waiters.add(waiter);
        }
        if (hasEnded()) {
            attempt.fail(OfferFailures.foreign());
        }
        pair();
    }

    /** Whether a caller names this offer's secret. */
    boolean isNamedBy(HandshakeRunner runner) {
        return runner.isNamed(known);
    }

    /** Registers a caller that names the offer's secret; in that channel's mailbox. Its first message waits for {@code connect}. */
    void call(HandshakeRunner runner) {
        runner.waitForUs();
        runner.handTo(new Caller());
        HandshakeRunner leaving;
        synchronized (callers) {
            leaving = callers.all().stream().anyMatch(runner::isRepeatOf)
                    ? runner
                    : callers.add(runner, CallerAddress.of(runner.remote()), this::fits);
        }
        if (leaving != null) {
            crowdedOut(leaving);
        }
        if (hasEnded() && leave(runner)) {
            runner.refuse(OfferFailures.foreign());
        } else if (leaving != runner) {
            pair();
        }
    }

    /** Whether a caller's answer is known, so that it has its turn whoever else comes. With the lock. */
    private boolean fits(HandshakeRunner caller) {
        return waiters.stream().anyMatch(waiter -> caller.isOf(waiter.credential()));
    }

    private void crowdedOut(HandshakeRunner caller) {
        SyncException why = new SyncException(ErrorKind.REFUSED, "too many callers for one offer");
        caller.refuse(why);
        context.tell(listener -> listener.refused(caller.remote(), why));
    }

    /** Answers a caller for which {@code connect} was called with its answer. */
    private void pair() {
        HandshakeRunner caller = null;
        Waiter waiter = null;
        synchronized (callers) {
            if (pairing) {
                return;
            }
            for (Waiter w : waiters) {
                for (HandshakeRunner c : callers.all()) {
                    if (c.isOf(w.credential())) {
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
        HandshakeRunner chosen = caller;
        Waiter by = waiter;
        caller.serial().execute(() -> confirm(chosen, by));
    }

    private void confirm(HandshakeRunner caller, Waiter waiter) {
        boolean both;
        synchronized (callers) {
            both = callers.has(caller) && waiters.remove(waiter);
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
        SessionRegistry.Registration registration = context.registry().reserve(SessionStatus.CONNECTING);
        waiter.attempt().holds(reason -> {
            context.registry().release(registration, reason);
            caller.abandon(reason);
            next();
        });
        caller.handTo(new HandshakeRunner.Outcome() {
            @Override
            public void proved(HandshakeRunner runner, Agreement agreement) {
                SessionRunner session;
                try {
                    session = begin(registration, runner, agreement, waiter.attempt());
                } catch (SyncException e) {
                    waiter.attempt().fail(e);
                    return;
                }
                end(OfferFailures.foreign());
                waiter.attempt().succeed(session);
            }

            @Override
            public void failed(HandshakeRunner runner, SyncException failure) {
                waiter.attempt().fail(failure);
                next();
            }
        });
        caller.answer(() -> open(caller, waiter.credential()), name -> mayRead(caller));
    }

    private void next() {
        synchronized (callers) {
            pairing = false;
        }
        pair();
    }

    /** False if it is not among the callers any more. */
    private boolean leave(HandshakeRunner runner) {
        synchronized (callers) {
            return callers.remove(runner);
        }
    }

    @Override
    void letGo(SyncException reason) {
        List<HandshakeRunner> turnedAway;
        List<Waiter> disappointed;
        synchronized (callers) {
            turnedAway = callers.clear();
            disappointed = List.copyOf(waiters);
            waiters.clear();
        }
        // Of a Sync that is being closed, the transport goes as well.
        turnedAway.forEach(
                reason.kind() == ErrorKind.CLOSED ? caller -> caller.abandon(reason) : caller -> caller.refuse(reason));
        disappointed.forEach(waiter -> waiter.attempt().fail(reason));
        offerListener.leave(this);
        lease.release();
    }

    /** A caller that waits for its answer and may give up. */
    private final class Caller implements HandshakeRunner.Outcome {
        @Override
        public void proved(HandshakeRunner runner, Agreement agreement) {
            runner.abandon(OfferFailures.foreign());
        }

        @Override
        public void failed(HandshakeRunner runner, SyncException failure) {
            leave(runner);
        }
    }
}
