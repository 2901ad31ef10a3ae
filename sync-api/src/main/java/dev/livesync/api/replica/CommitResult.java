package dev.livesync.api.replica;

import dev.livesync.api.Cid;
import java.util.List;

/**
 * What a commit did. All of it is durable.
 *
 * @param heads the clock after the commit: maximal complete events, in text order
 * @param accepted the events that became complete through it, in causal order; empty if nothing was new. They need not
 *     have been part of this commit: an ancestor may have arrived for events that were pending.
 * @param pending those events of this commit that are stored but not complete
 * @param missing the absent ancestors that {@code pending} waits for, those included that are here as a block only and were never
 *     committed as events; as far as they are known: a replica need not look through
 *     more than 1,000 pending events for them; empty for an interior
 *     event that waits only for the end of its batch
 * @param cursor the place in the feed right after this commit
 */
public record CommitResult(List<Cid> heads, List<Cid> accepted, List<Cid> pending, List<Cid> missing, Cursor cursor) {
    /** Copies the lists. */
    public CommitResult {
        heads = List.copyOf(heads);
        accepted = List.copyOf(accepted);
        pending = List.copyOf(pending);
        missing = List.copyOf(missing);
    }
}
