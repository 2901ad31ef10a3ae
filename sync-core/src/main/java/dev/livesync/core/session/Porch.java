package dev.livesync.core.session;

import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.core.auth.Exchange;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Where the offers of one dialling transport are taken up: one listener for all of them, open while there are any. Any
 * thread.
 */
final class Porch {
    private final Node node;
    private final String transport;
    private final DialingTransport dialing;
    private final String address;
    private final Map<String, DerivedOffer> offers = new HashMap<>();
    private int guests;
    private @Nullable Doorkeeper door;
    private CompletableFuture<@Nullable Listening> listening = CompletableFuture.completedFuture(null);

    Porch(Node node, String transport, DialingTransport dialing, String address) {
        this.node = node;
        this.transport = transport;
        this.dialing = dialing;
        this.address = address;
    }

    String transport() {
        return transport;
    }

    /** One interest in the listener. */
    final class Claim {
        private final CompletableFuture<@Nullable Listening> bound;
        private final AtomicBoolean released = new AtomicBoolean();

        private Claim(CompletableFuture<@Nullable Listening> bound) {
            this.bound = bound;
        }

        /** Completes with the listener. */
        CompletableFuture<@Nullable Listening> bound() {
            return bound;
        }

        /** Gives the interest up; the last one closes the listener. Idempotent. */
        void release() {
            if (released.compareAndSet(false, true)) {
                leave();
            }
        }
    }

    /** Asks for the listener. */
    Claim claim() {
        CompletableFuture<@Nullable Listening> before;
        CompletableFuture<@Nullable Listening> mine = new CompletableFuture<>();
        Doorkeeper doorkeeper = new Doorkeeper(node, transport, this::exchange, this::welcome);
        synchronized (this) {
            if (guests++ > 0) {
                return new Claim(listening);
            }
            before = listening;
            listening = mine;
            door = doorkeeper;
        }
        // The one before has to be gone first: the address may have a fixed port.
        var unused = before.whenComplete((old, failure) -> {
            try {
                if (old != null) {
                    old.close();
                }
                var bound = dialing.listen(address, doorkeeper);
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
        return new Claim(mine);
    }

    private void leave() {
        Doorkeeper closing;
        CompletableFuture<@Nullable Listening> ending;
        synchronized (this) {
            if (--guests > 0) {
                return;
            }
            closing = door;
            ending = listening;
        }
        if (closing != null) {
            closing.close(Offers.foreign());
        }
        var unused = ending.thenAccept(bound -> {
            if (bound != null) {
                node.later(bound::close);
            }
        });
    }

    synchronized void enter(DerivedOffer offer) {
        offers.put(offer.id(), offer);
    }

    synchronized void leave(DerivedOffer offer) {
        offers.remove(offer.id());
    }

    private synchronized Optional<Exchange> exchange(Optional<String> handle) {
        return handle.map(offers::get).map(DerivedOffer::exchange);
    }

    private void welcome(Proving proving) {
        DerivedOffer offer;
        synchronized (this) {
            offer = proving.exchange().map(Exchange::offer).map(offers::get).orElse(null);
        }
        if (offer == null) {
            proving.refuse(Offers.foreign());
        } else {
            offer.call(proving);
        }
    }
}
