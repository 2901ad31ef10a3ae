package dev.livesync.api.discovery;

/**
 * Hears which peers there are. Implemented by whoever starts a {@link Discovery}.
 *
 * <p>Calls about one peer come one at a time and in order; calls about different peers may be concurrent. They return at once and don't throw, so
 * they may be made on any thread, that of a socket too.
 */
public interface DiscoveryListener {
    /**
     * Called when a peer is there, or is there with other addresses than before. It may be called again for what is known.
     *
     * @param peer who, and where
     */
    void found(DiscoveredPeer peer);

    /**
     * Called when a peer is not there any more, as far as the discovery can tell. It may be called for a peer that nobody was told of.
     *
     * @param name the peer's
     */
    void lost(String name);
}
