package dev.livesync.core.seal;

import java.util.Optional;

/**
 * What both ends have come to.
 *
 * @param credential the name of the credential that the peer used, as this end calls it
 * @param peer what the peer said
 * @param sameClock whether both have said the same clock
 * @param seals for every message from now on; empty where the channel itself is encrypted between these two ends, which is not done twice
 */
public record HandshakeResult(String credential, HandshakePayload peer, boolean sameClock, Optional<Seals> seals) {}
