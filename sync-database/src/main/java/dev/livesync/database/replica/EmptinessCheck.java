package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.database.replica.ChainDocuments.Base;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks whether a ready event leaves no document. Guarded by the replica's lock. */
final class EmptinessCheck {
    /** How many starts of chains are cached: many chains begin at the same few events. */
    private static final int BASES = 16;

    private final DerivedState derived;

    @SuppressWarnings("serial") // never serialized
    private final Map<List<Cid>, Base> bases = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Cid>, Base> eldest) {
            return size() > BASES;
        }
    };

    EmptinessCheck(DerivedState derived) {
        this.derived = derived;
    }

    /** The documents before a chain; null if a parent of its first event is not complete. */
    private @Nullable ChainDocuments before(List<Cid> parents) {
        Base base = bases.get(parents);
        if (base == null) {
            int[] indexes = derived.indexes(parents);
            if (indexes == null) {
                return null;
            }
            base = new Base(derived, indexes);
            bases.put(parents, base);
        }
        return ChainDocuments.of(base);
    }

    /**
     * Whether a ready event leaves no document. False if that can't be computed yet; then the event is {@linkplain PendingEvents#postpone
     * checked again} later.
     */
    boolean isNothingAfter(PendingEvent e) {
        ArrayDeque<PendingEvent> path = new ArrayDeque<>();
        PendingEvent at = e;
        while (at.documents == null) {
            derived.pending.counted(1);
            PendingEvent fork = at.fork;
            if (fork != null && fork.isUndecided()) {
                return postponed(e, path, fork);
            }
            path.push(at);
            PendingEvent before = at.parents.size() == 1 ? derived.pending.get(at.parents.get(0)) : null;
            if (before == null) {
                break;
            }
            at = before;
        }
        ChainDocuments documents = at.documents == null ? before(at.parents) : at.documents;
        if (documents == null) {
            return postponed(e, path, at);
        }
        for (PendingEvent next : path) {
            documents = documents.then(next.key, next.delete);
            next.documents = documents;
        }
        return documents.isNothing();
    }

    private boolean postponed(PendingEvent e, ArrayDeque<PendingEvent> path, PendingEvent fork) {
        path.forEach(p -> p.fork = fork);
        derived.pending.postpone(e, fork);
        return false;
    }

    /** The same for an event that continues a run on top of complete events. */
    boolean isNothingAfter(List<PendingEvent> run, PendingEvent e) {
        int known = run.size();
        while (known > 0 && run.get(known - 1).documents == null) {
            known--;
        }
        ChainDocuments documents =
                known > 0 ? run.get(known - 1).documents : before((run.isEmpty() ? e : run.get(0)).parents);
        if (documents == null) {
            throw new IllegalStateException("a run begins at " + (run.isEmpty() ? e : run.get(0)).cid);
        }
        for (PendingEvent next : run.subList(known, run.size())) {
            derived.pending.counted(1);
            documents = documents.then(next.key, next.delete);
            next.documents = documents;
        }
        derived.pending.counted(1);
        documents = documents.then(e.key, e.delete);
        e.documents = documents;
        return documents.isNothing();
    }
}
