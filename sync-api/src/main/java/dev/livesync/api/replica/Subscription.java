package dev.livesync.api.replica;

/** Ends something that was subscribed to. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    /**
     * Ends it. Idempotent, any thread, also in the call that it ends; never blocks for long and never throws. May wait for a call that
     * has begun.
     */
    @Override
    void close();
}
