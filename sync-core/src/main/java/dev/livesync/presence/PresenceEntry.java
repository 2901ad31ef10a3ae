package dev.livesync.presence;

import java.util.Objects;

/**
 * A value that a peer shows at this moment.
 *
 * @param peer the random id of the {@code Sync} that has set it; another one after each start. Nobody proves it: whoever may write can also show something in
 *     the name of others
 * @param key the key within that peer's values
 * @param value a {@link String}, {@link Boolean}, {@link Long}, {@link Double}, or a {@link java.util.List} or {@link java.util.Map} of such, in which there
 *     may be nulls; immutable
 * @param own whether this {@code Sync} has set it
 */
public record PresenceEntry(String peer, String key, Object value, boolean own) {
    /** Refuses nulls. */
    public PresenceEntry {
        Objects.requireNonNull(peer, "peer");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
    }
}
