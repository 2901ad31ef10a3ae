package dev.livesync.core.session;

import dev.livesync.core.message.Feature;
import dev.livesync.core.protocol.CommonClock;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What two ends agreed on once both have proved the secret.
 *
 * @param features those that both named
 * @param window the peer's first grant of credit, in bytes
 * @param credential the name of the credential that the peer came with, or we did; empty for the secret of an address or an offer, which has none
 * @param salt 16 bytes that both ends know, and that nobody could know before
 * @param instance by which the peer's database is remembered; empty if it has said none
 * @param clock that both have stated; empty if theirs differ, or if one has stated none
 * @param meshName under which the peer is announced in a mesh; empty if it has said none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Agreement(
        Set<Feature> features,
        long window,
        Optional<String> credential,
        byte[] salt,
        OptionalLong instance,
        Optional<CommonClock> clock,
        Optional<String> meshName) {
    /** Copies the set. */
    public Agreement {
        features = Set.copyOf(features);
    }
}
