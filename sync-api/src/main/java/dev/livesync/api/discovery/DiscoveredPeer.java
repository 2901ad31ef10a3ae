package dev.livesync.api.discovery;

import java.util.List;
import java.util.Objects;

/**
 * A peer that a {@link Discovery} tells of. Immutable; any thread.
 *
 * @param name under which all of the group see it: 1 to 64 characters of A-Z, a-z, 0-9, -, _ and the dot
 * @param addresses where it can be dialled, without a secret, the best first: 1 to 8 of at most 1,024 characters; copied
 */
public record DiscoveredPeer(String name, List<String> addresses) {
    /** The most characters of a name. */
    public static final int MAX_NAME_CHARS = 64;

    /** The most addresses of a peer. */
    public static final int MAX_ADDRESSES = 8;

    /** The most characters of an address. */
    public static final int MAX_ADDRESS_CHARS = 1_024;

    /**
     * Checks what somebody else may have said.
     *
     * @throws IllegalArgumentException if it is too long, too many, or of other characters; the message does not repeat it
     */
    public DiscoveredPeer {
        if (!isName(name)) {
            throw new IllegalArgumentException("a peer's name has " + name.length() + " characters; it takes 1 to "
                    + MAX_NAME_CHARS + " of A-Z, a-z, 0-9, -, _ and the dot");
        }
        Advertisement.requireAddresses(addresses);
        addresses = List.copyOf(addresses);
    }

    /**
     * Whether a text can be a peer's name.
     *
     * @param text any
     * @return true if so
     */
    public static boolean isName(String text) {
        Objects.requireNonNull(text, "text");
        return !text.isEmpty()
                && text.length() <= MAX_NAME_CHARS
                && text.chars().allMatch(DiscoveredPeer::isNameCharacter);
    }

    private static boolean isNameCharacter(int c) {
        return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.';
    }
}
