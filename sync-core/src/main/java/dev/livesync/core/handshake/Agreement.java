package dev.livesync.core.handshake;

import java.util.Set;

/**
 * What two ends agreed on once both have proved the secret.
 *
 * @param features those that both hellos name
 * @param window the peer's first grant of credit, in bytes
 */
public record Agreement(Set<String> features, long window) {
    /** Copies the set. */
    public Agreement {
        features = Set.copyOf(features);
    }
}
