package dev.livesync;

import dev.livesync.core.Tunables;
import dev.livesync.core.message.Feature;
import dev.livesync.core.seal.CipherWarmUp;
import java.util.Set;
import java.util.function.Supplier;

/** The door through which tests of other packages turn what no user turns. */
public final class Tuned {
    private Tuned() {}

    public static Sync.Builder with(Tunables tunables, Sync.Builder builder) {
        return builder.tunables(tunables);
    }

    /** With a warm-up of the test's own. */
    public static Sync.Builder with(CipherWarmUp warmUp, Sync.Builder builder) {
        return builder.warmUp(warmUp);
    }

    /** On a machine with networks of the test's own. */
    public static Sync.Builder networks(Supplier<Set<String>> networks, Sync.Builder builder) {
        return builder.networks(networks);
    }

    /** As an older build, which knows fewer features. */
    public static Sync.Builder features(Set<Feature> features, Sync.Builder builder) {
        return builder.features(features);
    }

    public static Tunables window(long bytes) {
        return copy(bytes, Tunables.DEFAULT.unproved(), Tunables.DEFAULT.openOffers());
    }

    public static Tunables unproved(int channels) {
        return copy(Tunables.DEFAULT.window(), channels, Tunables.DEFAULT.openOffers());
    }

    public static Tunables openOffers(int offers) {
        return copy(Tunables.DEFAULT.window(), Tunables.DEFAULT.unproved(), offers);
    }

    /** With sections of another size. */
    public static Tunables sections(int bytes) {
        Tunables d = Tunables.DEFAULT;
        return new Tunables(
                d.window(),
                d.messageBytes(),
                d.carBlocks(),
                d.diffCids(),
                d.controlBytes(),
                bytes,
                d.pieceBytes(),
                d.signalChars(),
                d.unproved(),
                d.unprovedOfAddress(),
                d.firstMessageMillis(),
                d.refusals(),
                d.callersOfOffer(),
                d.openOffers());
    }

    private static Tunables copy(long window, int unproved, int openOffers) {
        Tunables d = Tunables.DEFAULT;
        return new Tunables(
                window,
                d.messageBytes(),
                d.carBlocks(),
                d.diffCids(),
                d.controlBytes(),
                d.sectionBytes(),
                d.pieceBytes(),
                d.signalChars(),
                unproved,
                Math.min(unproved, d.unprovedOfAddress()),
                d.firstMessageMillis(),
                d.refusals(),
                d.callersOfOffer(),
                openOffers);
    }
}
