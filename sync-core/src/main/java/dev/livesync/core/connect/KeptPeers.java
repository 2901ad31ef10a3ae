package dev.livesync.core.connect;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.core.session.SyncContext;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The peers that a {@code Sync} dials again and again. Any thread. */
public final class KeptPeers {
    /** For how long an answer of the system about addresses is good: it is one for all peers. */
    private static final Duration FRESH = Duration.ofMillis(500);

    private final SyncContext context;
    private final Addresses addresses;
    private final Supplier<Set<String>> networks;
    private final Set<KeptAddress> peers = new CopyOnWriteArraySet<>();
    private Set<String> known = Set.of();
    private long knownAt;
    private boolean asked;

    /**
     * Creates the service; nothing is dialled yet.
     *
     * @param context which sessions belong to
     * @param addresses which dials
     * @param networks the addresses of this machine
     */
    public KeptPeers(SyncContext context, Addresses addresses, Supplier<Set<String>> networks) {
        this.context = context;
        this.addresses = addresses;
        this.networks = networks;
    }

    /**
     * Keeps a peer.
     *
     * @param address where, with or without the secret as its fragment
     * @param secret the secret; null for the fragment, or for none
     * @return a peer that is being dialled
     */
    public KeptPeer keep(String address, @Nullable String secret) {
        int hash = address.indexOf('#');
        return keep(
                hash < 0 ? address : address.substring(0, hash), () -> addresses.dial(address, secret), status -> {});
    }

    /**
     * Keeps a peer of which somebody else knows how it is dialled.
     *
     * @param address for people, without a secret
     * @param dial begins a dial; must not throw
     * @param onChange told what the peer does, each time that this changes; must not throw. It hears of {@link KeptPeer.State#STOPPED} last
     * @return a peer that is being dialled
     */
    public KeptPeer keep(
            String address, Supplier<CompletableFuture<Session>> dial, Consumer<KeptPeer.Status> onChange) {
        KeptAddress peer = new KeptAddress(context, address, dial, this::networks, peers::remove, onChange);
        peers.add(peer);
        peer.begin();
        return peer;
    }

    /**
     * Whether there are any.
     *
     * @return false if there are none, or all have stopped
     */
    boolean isEmpty() {
        return peers.isEmpty();
    }

    private synchronized Set<String> networks() {
        long now = context.now();
        if (!asked || now - knownAt >= FRESH.toNanos()) {
            known = networks.get();
            knownAt = now;
            asked = true;
        }
        return known;
    }
}
