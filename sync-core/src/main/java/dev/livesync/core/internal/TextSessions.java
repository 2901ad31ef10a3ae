package dev.livesync.core.internal;

import dev.livesync.Sync;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes peers that speak in texts and CARs with everybody, as a build does that doesn't know the native dialect. Any thread.
 *
 * <p>The kit is a module of its own, and the builder's method is no API: the builder leaves here how to call it.
 */
public final class TextSessions {
    private static volatile @Nullable UnaryOperator<Sync.Builder> how;

    private TextSessions() {}

    /**
     * Called by the builder's class, once.
     *
     * @param texts takes the native dialect from a builder
     */
    public static void register(UnaryOperator<Sync.Builder> texts) {
        how = texts;
    }

    /**
     * Takes the native dialect from a peer that is being built.
     *
     * @param builder the peer's
     * @return the same
     */
    public static Sync.Builder in(Sync.Builder builder) {
        return Objects.requireNonNull(how, "registered by the builder's class").apply(builder);
    }
}
