package dev.livesync.core.message;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/** What two LiveSync peers can agree on beyond the alpha's messages; {@code docs/protocol.md}, section 4. */
public enum Feature {
    /** Proofs of secrets, error messages and a goodbye. Every other feature needs it. */
    HELLO("hello"),
    /** Messages of any size, in pieces. */
    FRAGMENTS("fragments"),
    /** Credit: the receiver limits the bytes in flight. */
    CREDITS("credits"),
    /** Acknowledgements of what is durable at the other end. */
    ACKS("acks"),
    /** Pings, so that a silent peer is noticed. */
    HEARTBEAT("heartbeat"),
    /** Trees do not travel. */
    EVENTS("events"),
    /** What one end may do at the other, and refusals of single CARs. */
    RIGHTS("rights");

    private final String wireName;

    Feature(String wireName) {
        this.wireName = wireName;
    }

    /**
     * The name in messages.
     *
     * @return lower case
     */
    public String wireName() {
        return wireName;
    }

    /**
     * The features that this build knows among a peer's names; others are ignored.
     *
     * @param names from a signal or a handshake
     * @return a new set
     */
    public static Set<Feature> named(Collection<String> names) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (Feature f : values()) {
            if (names.contains(f.wireName)) {
                features.add(f);
            }
        }
        return features;
    }
}
