package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.Advertisement;
import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.discovery.DiscoveryListener;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds those who sit in the room in which this side listens, over the same socket. A peer's name is its seat; to sit is to be announced. When
 * the room is lost, all are, until it is back. Any thread.
 */
final class RoomDiscovery implements Discovery, Room.Guest {
    private final Function<RoomAddress, @Nullable PartyKitTransport> listeners;
    private volatile @Nullable DiscoveryListener listener;
    private @Nullable PartyKitTransport transport;
    private @Nullable Room room;
    private @Nullable RoomAddress own;
    private boolean closed;

    /**
     * Makes one that isn't started.
     *
     * @param listeners the transport that listens at an address; null if none does
     */
    RoomDiscovery(Function<RoomAddress, @Nullable PartyKitTransport> listeners) {
        this.listeners = listeners;
    }

    @Override
    public CompletionStage<String> start(Advertisement self, DiscoveryListener newListener) {
        Objects.requireNonNull(newListener, "newListener");
        CompletableFuture<String> started = new CompletableFuture<>();
        try {
            RoomAddress address = RoomAddress.parse(self.addresses().get(0));
            PartyKitTransport found = listeners.apply(address);
            if (found == null) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "nobody listens at " + address + " with the provider that this discovery is of");
            }
            synchronized (this) {
                if (closed) {
                    throw RoomFailures.closed();
                }
                if (transport != null) {
                    throw new SyncException(ErrorKind.CONFIGURATION, "a discovery is started once");
                }
                transport = found;
                own = address;
                listener = newListener;
            }
            found.visit(address.room(), in -> {
                synchronized (this) {
                    if (closed) {
                        started.completeExceptionally(RoomFailures.closed());
                        return;
                    }
                    room = in;
                }
                in.enter(this);
                if (in.isOpen()) {
                    in.occupied().forEach(this::occupied);
                }
                started.complete(address.seat());
            });
        } catch (SyncException e) {
            started.completeExceptionally(e);
        }
        return started;
    }

    @Override
    public void entered() {
        // Who sits there, the room tells next.
    }

    @Override
    public void lost(SyncException why) {
        if (why.kind() == ErrorKind.CLOSED) {
            leave();
        }
    }

    @Override
    public void occupied(String seat) {
        RoomAddress here = own;
        if (here != null && !seat.equals(here.seat())) {
            tell(to -> to.found(
                    new DiscoveredPeer(seat, List.of(here.withSeat(seat).toString()))));
        }
    }

    @Override
    public void vacated(String seat) {
        tell(to -> to.lost(seat));
    }

    /** Its close waits for a call that is running. */
    private synchronized void tell(Consumer<DiscoveryListener> call) {
        DiscoveryListener to = listener;
        if (to != null) {
            call.accept(to);
        }
    }

    @Override
    public void close() {
        PartyKitTransport from;
        synchronized (this) {
            closed = true;
            listener = null;
            from = transport;
        }
        if (from != null) {
            from.onLoop(this::leave);
        }
    }

    private void leave() {
        Room left;
        synchronized (this) {
            left = room;
            room = null;
        }
        if (left != null) {
            left.leave(this);
        }
    }
}
