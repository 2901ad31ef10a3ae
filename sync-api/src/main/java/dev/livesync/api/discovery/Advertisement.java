package dev.livesync.api.discovery;

import java.util.List;

/**
 * What a peer says of itself to a {@link Discovery}. Immutable; any thread.
 *
 * <p>{@link #toString} does not tell the key.
 */
public final class Advertisement {
    /** Bytes of a group's key. */
    public static final int KEY_BYTES = 32;

    private final List<String> addresses;
    private final byte[] groupKey;

    /**
     * Makes an advertisement.
     *
     * @param addresses where this peer listens, as bound and without a secret: as many and as long as a {@link DiscoveredPeer}'s; copied
     * @param groupKey {@value #KEY_BYTES} bytes that all of the group have, and nobody else; copied
     * @throws IllegalArgumentException if there are other numbers of them
     */
    public Advertisement(List<String> addresses, byte[] groupKey) {
        requireAddresses(addresses);
        if (groupKey.length != KEY_BYTES) {
            throw new IllegalArgumentException(
                    "a group's key has " + groupKey.length + " bytes; it takes " + KEY_BYTES);
        }
        this.addresses = List.copyOf(addresses);
        this.groupKey = groupKey.clone();
    }

    /**
     * Where this peer listens. A listener at a wildcard says the wildcard; what others can dial instead, the discovery knows.
     *
     * @return unmodifiable, at least one
     */
    public List<String> addresses() {
        return addresses;
    }

    /**
     * What all of the group have: made of its secret, which nobody can compute from it. A discovery that anybody can speak to, such as one on a
     * network, makes of it how members know each other. It is not for announcing.
     *
     * @return a copy
     */
    public byte[] groupKey() {
        return groupKey.clone();
    }

    /** The addresses alone. */
    @Override
    public String toString() {
        return "Advertisement" + addresses;
    }

    static void requireAddresses(List<String> addresses) {
        if (addresses.isEmpty() || addresses.size() > DiscoveredPeer.MAX_ADDRESSES) {
            throw new IllegalArgumentException(
                    "a peer has " + addresses.size() + " addresses; it takes 1 to " + DiscoveredPeer.MAX_ADDRESSES);
        }
        for (String address : addresses) {
            if (address.isEmpty() || address.length() > DiscoveredPeer.MAX_ADDRESS_CHARS) {
                throw new IllegalArgumentException("an address has " + address.length() + " characters; it takes 1 to "
                        + DiscoveredPeer.MAX_ADDRESS_CHARS);
            }
            if (address.indexOf('#') >= 0) {
                throw new IllegalArgumentException("an address has a fragment, which is where secrets are");
            }
        }
    }
}
