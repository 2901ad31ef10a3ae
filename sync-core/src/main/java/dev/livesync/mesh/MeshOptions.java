package dev.livesync.mesh;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Objects;
import java.util.Optional;

/**
 * How a peer takes part in a {@link Mesh}. Immutable; any thread. {@link #toString} does not tell the secret.
 */
public final class MeshOptions {
    /** With how many peers there are sessions by default. */
    public static final int DEFAULT_MAX_PEERS = 16;

    private static final int LEAST_PEERS = 2;
    private static final int MOST_PEERS = 256;

    private final String address;
    private final Optional<String> secret;
    private final int maxPeers;

    private MeshOptions(String address, Optional<String> secret, int maxPeers) {
        this.address = address;
        this.secret = secret;
        this.maxPeers = maxPeers;
    }

    /**
     * Listens at an address, with {@value #DEFAULT_MAX_PEERS} peers at most.
     *
     * @param address where; the group's secret is its fragment. Without one, and without {@link #withSecret}, there is a new secret of 256 bits
     * @return the options
     */
    public static MeshOptions at(String address) {
        return new MeshOptions(Objects.requireNonNull(address, "address"), Optional.empty(), DEFAULT_MAX_PEERS);
    }

    /**
     * The same with the group's secret beside the address.
     *
     * @param secret as {@code Sync.listen} takes it
     * @return a copy
     */
    public MeshOptions withSecret(String secret) {
        return new MeshOptions(address, Optional.of(secret), maxPeers);
    }

    /**
     * The same with another number of peers.
     *
     * @param peers 2 to 256; an odd number counts as the next smaller one where there are more peers than that
     * @return a copy
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is none of these
     */
    public MeshOptions withMaxPeers(int peers) {
        if (peers < LEAST_PEERS || peers > MOST_PEERS) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION,
                    "a mesh of " + peers + " peers; it takes " + LEAST_PEERS + " to " + MOST_PEERS);
        }
        return new MeshOptions(address, secret, peers);
    }

    /**
     * Where to listen.
     *
     * @return the address, with its fragment if it has one
     */
    public String address() {
        return address;
    }

    /**
     * The secret beside the address.
     *
     * @return empty if there is none but the address's own
     */
    public Optional<String> secret() {
        return secret;
    }

    /**
     * With how many peers there are sessions, as long as others agree on who is there.
     *
     * @return by default {@value #DEFAULT_MAX_PEERS}
     */
    public int maxPeers() {
        return maxPeers;
    }

    /** Without the secret. */
    @Override
    public String toString() {
        int hash = address.indexOf('#');
        return "MeshOptions[" + (hash < 0 ? address : address.substring(0, hash)) + ", " + maxPeers + " peers]";
    }
}
