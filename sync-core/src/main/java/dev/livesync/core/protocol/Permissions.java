package dev.livesync.core.protocol;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.core.message.Feature;
import dev.livesync.grant.Rights;
import org.jspecify.annotations.Nullable;

/** What each end may do at the other, and the first refusal of changes of ours. */
final class Permissions {
    /** What a peer without the right to write is told. */
    static final String READ_ONLY = "there is read access only here, and what was sent is not stored";

    private final Rights peers;
    private final boolean understood;
    private final Effects effects;
    private final PeerFailures failures;
    private final Deliveries deliveries;
    private Rights own = Rights.READ_WRITE;
    private @Nullable SyncException refusal;

    Permissions(ProtocolConfig config, Effects effects, PeerFailures failures, Deliveries deliveries) {
        peers = config.rights();
        understood = config.features().contains(Feature.RIGHTS);
        this.effects = effects;
        this.failures = failures;
        this.deliveries = deliveries;
    }

    /** Whether the peer has to be told of its rights: whoever isn't may do everything. */
    boolean areLimited() {
        return !peers.canRead() || !peers.canWrite();
    }

    /** The error that the peer doesn't speak of rights and hasn't all of them; null if it isn't so. */
    @Nullable
    SyncException notUnderstood() {
        return areLimited() && !understood
                ? failures.of(
                        ErrorKind.UNSUPPORTED, "is granted " + peers + " access only, which its build does not know of")
                : null;
    }

    /** What the peer may do here. */
    Rights peers() {
        return peers;
    }

    boolean peerReads() {
        return peers.canRead();
    }

    boolean peerWrites() {
        return peers.canWrite();
    }

    /** Whether the peer lets us read. */
    boolean reads() {
        return own.canRead();
    }

    /** Whether the peer lets us write. */
    boolean writes() {
        return own.canWrite();
    }

    /**
     * Takes what the peer says of our rights.
     *
     * @param late whether its diff came before
     */
    void stated(Rights rights, boolean late) {
        if (!understood) {
            return;
        }
        if (late) {
            throw new SyncException(ErrorKind.MALFORMED, "rights were stated after a diff");
        }
        own = rights;
        effects.rightsStated(rights);
    }

    /** Called when there are changes that the peer would not take. */
    void withheld() {
        if (refusal == null) {
            refused(
                    0,
                    failures.of(
                            ErrorKind.REFUSED,
                            "gives read access only: what was written here stays in this database, and the peer does not get it"));
        }
    }

    /**
     * Called when the peer has refused changes.
     *
     * @param car the first CAR that it refused
     */
    void refused(long car, SyncException why) {
        if (refusal == null) {
            refusal = why;
        }
        deliveries.refused(car, why);
        effects.changesRefused(why);
    }
}
