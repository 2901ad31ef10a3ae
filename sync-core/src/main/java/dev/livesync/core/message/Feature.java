package dev.livesync.core.message;

import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/** What two LiveSync peers can agree on beyond the alpha's messages; {@code docs/protocol.md}, section 4. */
public enum Feature {
    /** Proofs of secrets, error messages and a goodbye. Every other feature needs it, but for pieces, introductions and presence. */
    HELLO("hello", 0),
    /** Messages of any size, in pieces. */
    FRAGMENTS("fragments", 1),
    /** Credit: the receiver limits the bytes in flight. */
    CREDITS("credits", 2),
    /** Acknowledgements of what is durable at the other end. */
    ACKS("acks", 3),
    /** Pings, so that a silent peer is noticed. */
    HEARTBEAT("heartbeat", 4),
    /** Trees do not travel. */
    EVENTS("events", 5),
    /** What one end may do at the other, and refusals of single CARs. */
    RIGHTS("rights", 6),
    /** Binary messages, packs and reconciliation; with all of the others. */
    NATIVE("native", 7),
    /** A direct channel in the place of a relayed one, before the first message. Only said on relayed channels. */
    INTRODUCE("introduce", 8),
    /** What peers show each other for the moment; also between a peer and an alpha behind a shim. */
    PRESENCE("presence", 9),
    /** Blocks that belong to no event, in the native dialect. Only said where there can be any. */
    BLOCKS("blocks", 10);

    private static final Set<Feature> NATIVE_NEEDS = EnumSet.range(HELLO, NATIVE);

    private final String wireName;
    private final int bit;

    Feature(String wireName, int bit) {
        this.wireName = wireName;
        this.bit = bit;
    }

    /**
     * The name in signals.
     *
     * @return lower case
     */
    public String wireName() {
        return wireName;
    }

    /**
     * The features of peers that speak in texts and CARs.
     *
     * @return all but the native dialect; a new set
     */
    public static Set<Feature> ofTexts() {
        return EnumSet.complementOf(EnumSet.of(NATIVE));
    }

    /**
     * Whether two peers speak the native dialect.
     *
     * @param common what both named
     * @return true if they named all that it takes
     */
    public static boolean isNative(Set<Feature> common) {
        return common.containsAll(NATIVE_NEEDS);
    }

    /**
     * The features that this build knows among a peer's bits; others are ignored.
     *
     * @param bits from a handshake
     * @return a new set
     */
    public static Set<Feature> of(long bits) {
        Set<Feature> features = EnumSet.noneOf(Feature.class);
        for (Feature f : values()) {
            if ((bits >>> f.bit & 1) != 0) {
                features.add(f);
            }
        }
        return features;
    }

    /**
     * Features as handshakes write them.
     *
     * @param features any
     * @return a bit for each
     */
    public static long bits(Collection<Feature> features) {
        long bits = 0;
        for (Feature f : features) {
            bits |= 1L << f.bit;
        }
        return bits;
    }
}
