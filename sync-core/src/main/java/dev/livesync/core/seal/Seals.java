package dev.livesync.core.seal;

/**
 * Both directions of a sealed session.
 *
 * @param sealer for what this end sends
 * @param opener for what the peer sends
 */
public record Seals(Sealer sealer, Opener opener) {
    /** Erases both keys. Idempotent. */
    public void destroy() {
        sealer.destroy();
        opener.destroy();
    }
}
