package dev.livesync.core.connect;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import java.time.Instant;

/**
 * What an offer gives to whoever accepts it.
 *
 * @param grants where the grant is
 * @param name the grant's name
 */
public record OfferGrant(Grants grants, String name) {
    /** Fails if there is no such grant, or no more. */
    void requireUsable(Instant now) {
        Grant grant = grants.find(name).orElse(null);
        if (grant == null) {
            throw new SyncException(ErrorKind.NOT_FOUND, "there is no grant " + name + " for an offer");
        }
        if (grant.isExpired(now)) {
            throw new SyncException(
                    ErrorKind.NOT_FOUND,
                    "grant " + name + " expired at " + grant.expires().orElseThrow()
                            + ", and no offer is made with it");
        }
    }
}
