package dev.livesync.core.protocol.livesync;

import dev.livesync.core.message.Feature;
import dev.livesync.core.protocol.Dialect;
import dev.livesync.core.protocol.alpha.AlphaDialect;
import java.util.Set;

/** Chooses the dialect of a peer. */
public final class Dialects {
    private Dialects() {}

    /**
     * The dialect of a peer.
     *
     * @param features what both ends named in their handshake; empty if there was none
     * @return the alpha's where there was no handshake
     */
    public static Dialect.Factory of(Set<Feature> features) {
        if (Feature.isNative(features)) {
            return NativeDialect::new;
        }
        return features.contains(Feature.HELLO) ? LiveSyncDialect::new : AlphaDialect::new;
    }

    /**
     * Whether a session can begin without diffs where both ends have said the same clock.
     *
     * @param features what both ends named in their handshake
     * @return true where the clock says all that a peer needs to have
     */
    public static boolean canBeginEqual(Set<Feature> features) {
        return features.contains(Feature.EVENTS);
    }
}
