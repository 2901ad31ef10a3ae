package dev.livesync.database.versions;

import java.util.List;

/**
 * An application's rule for conflicts: what a document is to be where writers who didn't know of each other have changed it. {@link
 * dev.livesync.database.Database#settler} calls it, on any replica that has it; what it says is written as an ordinary put or delete, which replicas without it, alphas among
 * them, take like any other.
 *
 * <p>It has to be a <em>pure function of the set of versions</em>: no clock, no random numbers, nothing that it keeps or reads elsewhere, and nothing that depends on
 * the order of the list. Then all replicas with the same rule come to the same documents, in whatever order the versions reach them. It is
 * called twice for each decision, with the versions in another order; where it says two things, nothing is written. That finds most rules that are not pure, not all.
 * Replicas with different rules, or with different {@link dev.livesync.database.DatabaseOptions#fidelity}, agree too: on what one of the rules says.
 */
@FunctionalInterface
public interface ConflictResolver {
    /**
     * Decides one conflict.
     *
     * @param id which document
     * @param versions two or more, each once, in an order that means nothing; immutable. None is what this rule has written before: instead of that come the
     *     versions that it was made of
     * @return what the document is to be
     */
    Resolution resolve(String id, List<ConflictVersion> versions);
}
