package dev.livesync.api.replica;

/** Ends something that was subscribed to. */
@FunctionalInterface
public interface Subscription extends AutoCloseable {
    /** Ends it. Idempotent, any thread, never blocks for long and never throws. */
    @Override
    void close();
}
