package dev.livesync.simulation.world;

import dev.livesync.api.Cid;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What the guest of a world may do, and since when no longer: nothing may pass that the grant does not let pass. */
final class Visitors {
    private static final String NAME = "guest";
    /** Sessions end within half a second of it. */
    private static final long GRACE = 1_000_000_000L;

    private final Rights rights;
    private final Machine guest;
    private final Machine host;
    private final Grants grants;
    private final Random random;
    private @Nullable Long revoked;

    Visitors(Rights rights, Machine guest, Machine host, Grants grants, Random random) {
        this.rights = rights;
        this.guest = guest;
        this.host = host;
        this.grants = grants;
        this.random = random;
        host.admit(grants);
        giveSecret();
    }

    Machine guest() {
        return guest;
    }

    Rights rights() {
        return rights;
    }

    boolean isRevoked() {
        return revoked != null;
    }

    boolean revoke(long now) {
        if (revoked != null) {
            return false;
        }
        grants.revoke(NAME);
        revoked = now;
        return true;
    }

    /** The old secret opens nothing from here on. */
    void giveSecret() {
        grants.revoke(NAME);
        Grant grant = Grant.of(NAME, rights, random);
        grants.add(grant);
        revoked = null;
        guest.keep(host.name() + "-guests", grant.secret());
    }

    /** Throws if an event may not be where it is. */
    void requireAllowed(Cid event, Births.Birth birth, Machine where) {
        if ((birth.author() == guest) == (where == guest)) {
            return;
        }
        boolean allowed = where == guest ? rights.canRead() : rights.canWrite();
        if (!allowed) {
            throw new AssertionError(event + " of " + birth.author().name() + " is at " + where.name()
                    + ", and the guest may only " + rights);
        }
        if (revoked != null && birth.at() > revoked + GRACE) {
            throw new AssertionError(event + " of " + birth.author().name() + " came to " + where.name()
                    + " although it was written after the grant was revoked");
        }
    }
}
