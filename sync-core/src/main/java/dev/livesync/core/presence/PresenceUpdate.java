package dev.livesync.core.presence;

import dev.livesync.api.Value;

/** One piece of news about a peer; what messages of presence consist of. */
sealed interface PresenceUpdate {
    /** The longest time in an update, in milliseconds. */
    long MAX_MILLIS = 60_000;

    /** The largest number: what JavaScript counts exactly. */
    long MAX_NUMBER = (1L << 53) - 1;

    /** The peer's id. */
    String peer();

    /** Grows with each of the peer's own updates: what has a smaller one is older. */
    long number();

    /**
     * A value.
     *
     * @param peer whose it is
     * @param number of the update
     * @param key of the value
     * @param millis for how long it is good, from when it arrives
     * @param value what is shown
     */
    record Stated(String peer, long number, String key, long millis, Value value) implements PresenceUpdate {}

    /**
     * A value is gone.
     *
     * @param peer whose it was
     * @param number of the update
     * @param key of the value
     */
    record Removed(String peer, long number, String key) implements PresenceUpdate {}

    /**
     * A peer may be gone: none of its values up to a number is good for longer than this. It states them anew if it isn't.
     *
     * @param peer which
     * @param number of the newest value that is meant
     * @param millis for how long they are good; 0 if it is gone
     */
    record Fading(String peer, long number, long millis) implements PresenceUpdate {}
}
