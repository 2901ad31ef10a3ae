package dev.livesync.database.replica;

import java.time.Duration;

/**
 * What a peer may bring.
 *
 * @param documentBytes the largest document
 * @param headsPerPeer how many concurrent events of one peer may stay without another upon them
 * @param pendingBytesPerPeer how many bytes of one peer's events may wait for others
 * @param pendingMaxAge how long they may
 */
public record QuotaLimits(int documentBytes, int headsPerPeer, long pendingBytesPerPeer, Duration pendingMaxAge) {
    /** The part of a replica's settings that says this. */
    static QuotaLimits of(Settings settings) {
        return new QuotaLimits(
                settings.limits().documentBytes(),
                settings.headsPerPeer(),
                settings.pendingBytesPerPeer(),
                settings.pendingMaxAge());
    }
}
