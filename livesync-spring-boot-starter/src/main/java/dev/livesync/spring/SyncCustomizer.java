package dev.livesync.spring;

import dev.livesync.Sync;

/** A bean that changes how the {@link Sync} is built, after the properties have had their say. Several are called in the order of {@code @Order}. */
@FunctionalInterface
public interface SyncCustomizer {
    /**
     * Changes what it likes.
     *
     * @param builder of the application's {@code Sync}; not to be kept
     */
    void customize(Sync.Builder builder);
}
