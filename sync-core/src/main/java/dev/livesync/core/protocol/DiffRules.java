package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.message.ClockDigest;
import dev.livesync.core.message.WireMessage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a dialect decides about diffs. Called as {@link Dialect} is. */
public interface DiffRules {
    /**
     * The CIDs that our diff names.
     *
     * @param snapshot what is here
     * @param named the heads that the diff names
     * @param known what the peer has; null until its diff has come
     * @param last whether there is no more waiting for the peer's diff
     * @return the names; null to wait for the peer's diff
     */
    @Nullable
    DiffNames names(Snapshot snapshot, List<Cid> named, @Nullable CidSet known, boolean last);

    /**
     * The digest for the heads that our diff doesn't list.
     *
     * @param heads all of them
     * @param named those that the diff names
     * @return null if it names all, or if the peer could not read it
     */
    @Nullable
    ClockDigest digest(List<Cid> heads, List<Cid> named);

    /** Called when our diff was sent. */
    void asked();

    /**
     * Whether our answer waits for the peer's.
     *
     * @param diff what the peer has
     * @return true to wait
     */
    boolean isTheirsFirst(WireMessage.Diff diff);

    /**
     * Creates the answer to the peer's diff.
     *
     * @param snapshot what is here; closed with the answer
     * @param diff what the peer has
     * @return an answer that has said nothing yet
     */
    DiffAnswer answer(Snapshot snapshot, WireMessage.Diff diff);
}
