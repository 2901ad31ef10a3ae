package dev.livesync.transport.partykit;

import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.OpenResources;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/**
 * What all rooms of a transport share.
 *
 * @param configuration limits and policy
 * @param resources what the transport's close ends
 * @param loop where rooms live
 * @param random for masks, seats, numbers and pauses
 * @param sockets those that have not ended, for the transport's close; for all threads
 * @param hosted where somebody listens; for all threads
 */
record RoomServices(
        PartyKitConfiguration configuration,
        OpenResources<BufferedChannel> resources,
        RoomLoop loop,
        SecureRandom random,
        Set<RoomSocket> sockets,
        Set<RoomAddress> hosted) {
    TransportContext context() {
        return resources.context();
    }

    /** A seat that nobody can guess. */
    String randomSeat() {
        byte[] bits = new byte[16];
        random.nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }
}
