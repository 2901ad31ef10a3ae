package dev.livesync.api.replica;

/** Told what comes over a {@link Broadcast}. Calls come on a thread that all databases of the store share: they must not block or throw. */
public interface BroadcastListener {
    /**
     * A message has come.
     *
     * @param message its bytes, at most {@link Broadcast#maxMessageBytes} of a process that keeps to the rules; the listener's own
     */
    void received(byte[] message);

    /** From here on messages come, and nobody knows how many have not: listening has begun, perhaps anew. */
    void missed();
}
