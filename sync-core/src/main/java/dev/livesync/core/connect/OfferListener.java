package dev.livesync.core.connect;

import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.core.session.Agreement;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The listener that all offers over one dialling transport share: open while there are any. Any thread.
 */
final class OfferListener {
    private final SyncContext context;
    private final String transport;
    private final DialingTransport dialing;
    private final String address;
    private final Map<String, DerivedOffer> offers = new HashMap<>();
    private int leases;
    private @Nullable ConnectionGate gate;
    private CompletableFuture<@Nullable Listening> listening = CompletableFuture.completedFuture(null);

    OfferListener(SyncContext context, String transport, DialingTransport dialing, String address) {
        this.context = context;
        this.transport = transport;
        this.dialing = dialing;
        this.address = address;
    }

    String transport() {
        return transport;
    }

    /** A reference to the listener. The listener stays open as long as there is one. */
    final class Lease {
        private final CompletableFuture<@Nullable Listening> bound;
        private final AtomicBoolean released = new AtomicBoolean();

        private Lease(CompletableFuture<@Nullable Listening> bound) {
            this.bound = bound;
        }

        /** Completes with the listener. */
        CompletableFuture<@Nullable Listening> bound() {
            return bound;
        }

        /** Releases this reference; the last one closes the listener. Idempotent. */
        void release() {
            if (released.compareAndSet(false, true)) {
                leave();
            }
        }
    }

    /** Takes a reference, and opens the listener if it is not open. */
    Lease lease() {
        CompletableFuture<@Nullable Listening> before;
        CompletableFuture<@Nullable Listening> mine = new CompletableFuture<>();
        OfferRouter router = new OfferRouter();
        ConnectionGate opened = router.gate;
        synchronized (this) {
            if (leases++ > 0) {
                return new Lease(listening);
            }
            before = listening;
            listening = mine;
            gate = opened;
        }
        // The one before has to be gone first: the address may have a fixed port.
        var unused = before.whenComplete((old, failure) -> {
            try {
                if (old != null) {
                    old.close();
                }
                var bound = dialing.listen(address, opened);
                var ignored = bound.whenComplete((listener, thrown) -> {
                    if (thrown == null) {
                        mine.complete(listener);
                    } else {
                        mine.completeExceptionally(thrown);
                    }
                });
            } catch (RuntimeException e) {
                mine.completeExceptionally(e);
            }
        });
        return new Lease(mine);
    }

    private void leave() {
        ConnectionGate closing;
        CompletableFuture<@Nullable Listening> ending;
        synchronized (this) {
            if (--leases > 0) {
                return;
            }
            closing = gate;
            ending = listening;
        }
        if (closing != null) {
            closing.close(OfferFailures.foreign());
        }
        var unused = ending.thenAccept(bound -> {
            if (bound != null) {
                context.later(bound::close);
            }
        });
    }

    synchronized void enter(DerivedOffer offer) {
        offers.put(offer.id(), offer);
    }

    synchronized void leave(DerivedOffer offer) {
        offers.remove(offer.id());
    }

    /** Whose offer's secret a caller has; null if it is none of those that are open. */
    private @Nullable DerivedOffer offer(HandshakeRunner runner) {
        List<DerivedOffer> known;
        synchronized (this) {
            known = List.copyOf(offers.values());
        }
        return known.stream().filter(offer -> offer.isNamedBy(runner)).findAny().orElse(null);
    }

    /** Leads callers to their offers. */
    private final class OfferRouter implements ConnectionGate.CallHandler {
        private final ConnectionGate gate = new ConnectionGate(context, transport, this);

        @Override
        public void called(HandshakeRunner runner) {
            DerivedOffer offer = offer(runner);
            if (offer == null) {
                runner.answer(List::of, name -> false); // which fails as a wrong secret does
            } else if (gate.release(runner)) {
                offer.call(runner);
            } else {
                runner.refuse(OfferFailures.foreign());
            }
        }

        @Override
        public void proved(HandshakeRunner runner, Agreement agreement) {
            runner.abandon(SyncFailures.closed()); // nobody is let in but by an offer
        }
    }
}
