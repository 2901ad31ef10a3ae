package dev.livesync.grant;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.PeerIdentity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Lists of grants, each name, each secret and each peer without a secret once. */
final class GrantLists {
    private GrantLists() {}

    /** A list with one more. */
    static List<Grant> with(List<Grant> grants, Grant added) {
        for (Grant grant : grants) {
            if (grant.name().equals(added.name())) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "there is a grant " + added.name() + "; revoke it, or choose another name");
            }
            if (!grant.hasSecret() && !added.hasSecret()) {
                requireOthers(grant, added);
            } else if (grant.secret().equals(added.secret())) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "grants " + grant.name() + " and " + added.name() + " have the same secret");
            }
        }
        List<Grant> all = new ArrayList<>(grants);
        all.add(added);
        all.sort(Comparator.comparing(Grant::name));
        return List.copyOf(all);
    }

    /** Who comes without a secret has to be somebody's alone: nothing else tells which grant is meant. */
    private static void requireOthers(Grant one, Grant other) {
        for (PeerIdentity peer : one.peers()) {
            if (other.peers().contains(peer)) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "grants " + one.name() + " and " + other.name() + " are both for " + peer.scheme() + ":"
                                + peer.name() + " without a secret");
            }
        }
    }

    /** A list without one. */
    static List<Grant> without(List<Grant> grants, String name) {
        return grants.stream().filter(grant -> !grant.name().equals(name)).toList();
    }
}
