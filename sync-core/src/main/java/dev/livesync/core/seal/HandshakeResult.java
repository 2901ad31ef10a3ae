package dev.livesync.core.seal;

import java.util.Optional;

/**
 * What both ends have come to.
 *
 * @param credential the name of the credential that the peer used, as this end calls it
 * @param peer what the peer said
 * @param sameClock whether both have said the same clock
 * @param salt 16 bytes that both ends know, and that nobody could know before
 * @param seals for every message from now on; empty where the channel itself is encrypted between these two ends, which is not done twice
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record HandshakeResult(
        String credential, HandshakePayload peer, boolean sameClock, byte[] salt, Optional<Seals> seals) {}
