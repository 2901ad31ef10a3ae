package dev.livesync.core.protocol;

import dev.livesync.api.replica.Origin;
import dev.livesync.core.message.Feature;
import dev.livesync.grant.Rights;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The configuration of one session's protocol. Immutable.
 *
 * @param peer the peer's name for messages to people, such as an address; no secrets
 * @param origin the mark of this session's commits
 * @param features what both ends named in their handshake; empty for an alpha
 * @param listensFirst whether a large diff of ours waits for the peer's, so that it need not name what only we have; true at
 *     exactly one end, the proposer's, and of no effect with an alpha
 * @param peerWindow the first grant, from the peer's handshake; used with {@link Feature#CREDITS} only
 * @param maxMessageBytes the channel's limit; for an alpha never more than 262,144 is used
 * @param dialect in which way it says what it has to say
 * @param limits how much
 * @param times how long
 * @param salt random, so that nobody can make CIDs that collide in our tables
 * @param sharedSalt 16 bytes that both ends know, and that nobody could know before the session; empty for an alpha
 * @param peerInstance by which the peer's database is {@linkplain dev.livesync.api.replica.PeerFrontiers remembered}; empty if it has said none
 * @param peerName what people call the peer where it is remembered; no secrets
 * @param rights what the peer may do here
 * @param checked whether a commit may be refused for what is in it: each CAR has one of its own then
 * @param common the clock that both ends had at their handshake, so that no diffs are exchanged; empty where they differed, or where one said none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ProtocolConfig(
        String peer,
        Origin origin,
        Set<Feature> features,
        boolean listensFirst,
        long peerWindow,
        int maxMessageBytes,
        Dialect.Factory dialect,
        ProtocolLimits limits,
        ProtocolTimes times,
        long salt,
        byte[] sharedSalt,
        OptionalLong peerInstance,
        String peerName,
        Rights rights,
        boolean checked,
        Optional<CommonClock> common) {
    /** Copies the set. A peer that may not read can't have been told our clock. */
    public ProtocolConfig {
        features = Set.copyOf(features);
        if (common.isPresent() && !rights.canRead()) {
            throw new IllegalArgumentException("a clock for a peer without the right to read");
        }
    }
}
