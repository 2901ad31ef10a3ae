package dev.livesync.database.live;

import dev.livesync.api.Cid;
import java.util.Comparator;
import java.util.List;

/**
 * What makes a result the next one.
 *
 * <p>Any thread; it does not change. LiveSync implements this, and a later version may tell more: programs only read it.
 *
 * @param <D> what the result holds: {@link dev.livesync.database.Document}
 */
public interface LiveUpdate<D> {
    /**
     * Whether this is the whole result, as the first update is.
     *
     * @return true if every document of the result is among the changes, as added
     */
    boolean isFirst();

    /**
     * What became of documents: those that were removed, the last first, then the others in the order in which they lie now.
     *
     * @return each document at most once; none in a first update of an empty result only; immutable
     */
    List<LiveChange<D>> changes();

    /**
     * The moment of the result.
     *
     * @return the database's clock
     */
    List<Cid> clock();

    /**
     * Makes the result before into the one that follows.
     *
     * @param result what the updates so far have made of an empty list; can be changed
     */
    default void applyTo(List<D> result) {
        List<LiveChange<D>> changes = changes();
        changes.stream()
                .filter(change -> change.kind() == LiveChangeKind.REMOVED || change.kind() == LiveChangeKind.MOVED)
                .sorted(Comparator.comparing((LiveChange<D> change) -> change.from())
                        .reversed())
                .forEach(change -> result.remove(change.from()));
        for (LiveChange<D> change : changes) {
            if (change.kind() == LiveChangeKind.ADDED || change.kind() == LiveChangeKind.MOVED) {
                result.add(change.to(), change.document());
            }
        }
        for (LiveChange<D> change : changes) {
            if (change.kind() == LiveChangeKind.CHANGED) {
                result.set(change.to(), change.document());
            }
        }
    }
}
