package dev.livesync.core.reconcile;

/**
 * Sizes that one end chooses for itself.
 *
 * @param messageBytes about the largest message that it sends, but for one with many heads
 * @param unasked how many events are sent to a peer that may have some of them, to spare a round trip; at most 128
 * @param unaskedBytes how many bytes these may have
 */
public record ReconcileLimits(int messageBytes, int unasked, long unaskedBytes) {
    /** For a channel with ordinary delays. */
    public static final ReconcileLimits DEFAULT = new ReconcileLimits(64 << 10, 64, 16 << 10);

    /** Checks. */
    public ReconcileLimits {
        if (messageBytes < 4_096 || unasked < 0 || unasked > 128 || unaskedBytes < 0) {
            throw new IllegalArgumentException(messageBytes + ", " + unasked + ", " + unaskedBytes);
        }
    }
}
