package dev.livesync.core.handshake;

import org.jspecify.annotations.Nullable;

/**
 * The secrets that one side knows before the channel opens.
 *
 * @param secret the offer's, or the listening address's
 * @param offer the offer's handle; null where an address was dialled
 * @param offerHash SHA-256 of the offer's text; empty where an address was dialled
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Exchange(Secret secret, @Nullable String offer, byte[] offerHash) {
    /**
     * Creates the exchange of a dialled or listening address.
     *
     * @param secret the address's secret
     * @return what is known
     */
    public static Exchange address(Secret secret) {
        return new Exchange(secret, null, new byte[0]);
    }
}
