package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.database.replica.Remainder.Base;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds out which ready events leave no document. Guarded by the replica's lock. */
final class Remainders {
    /** Many chains begin at few places, and what was found out about one of these is worth keeping for a while. */
    private static final int BASES = 16;

    private final WriterState writer;

    @SuppressWarnings("serial") // never serialized
    private final Map<List<Cid>, Base> bases = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Cid>, Base> eldest) {
            return size() > BASES;
        }
    };

    Remainders(WriterState writer) {
        this.writer = writer;
    }

    /** What there is before a chain; null if a parent of its first event is not complete. */
    private @Nullable Remainder before(List<Cid> parents) {
        Base base = bases.get(parents);
        if (base == null) {
            int[] indexes = writer.indexes(parents);
            if (indexes == null) {
                return null;
            }
            base = new Base(writer, indexes);
            bases.put(parents, base);
        }
        return Remainder.of(base);
    }

    /**
     * Whether a ready event leaves no document. If nobody can say yet, it is not, and is {@linkplain PendingEvents#postpone asked again}
     * once that has changed.
     */
    boolean isNothingAfter(PendingEvent e) {
        ArrayDeque<PendingEvent> path = new ArrayDeque<>();
        PendingEvent at = e;
        while (at.remainder == null) {
            writer.pending.counted(1);
            PendingEvent fork = at.fork;
            if (fork != null && fork.isUndecided()) {
                return postponed(e, path, fork);
            }
            path.push(at);
            PendingEvent before = at.parents.size() == 1 ? writer.pending.get(at.parents.get(0)) : null;
            if (before == null) {
                break;
            }
            at = before;
        }
        Remainder remainder = at.remainder == null ? before(at.parents) : at.remainder;
        if (remainder == null) {
            return postponed(e, path, at);
        }
        for (PendingEvent next : path) {
            remainder = remainder.then(next.key, next.delete);
            next.remainder = remainder;
        }
        return remainder.isNothing();
    }

    private boolean postponed(PendingEvent e, ArrayDeque<PendingEvent> path, PendingEvent fork) {
        path.forEach(p -> p.fork = fork);
        writer.pending.postpone(e, fork);
        return false;
    }

    /** The same for an event that goes on with a run on top of complete events. */
    boolean isNothingAfter(List<PendingEvent> run, PendingEvent e) {
        int known = run.size();
        while (known > 0 && run.get(known - 1).remainder == null) {
            known--;
        }
        Remainder remainder =
                known > 0 ? run.get(known - 1).remainder : before((run.isEmpty() ? e : run.get(0)).parents);
        if (remainder == null) {
            throw new IllegalStateException("a run begins at " + (run.isEmpty() ? e : run.get(0)).cid);
        }
        for (PendingEvent next : run.subList(known, run.size())) {
            writer.pending.counted(1);
            remainder = remainder.then(next.key, next.delete);
            next.remainder = remainder;
        }
        writer.pending.counted(1);
        remainder = remainder.then(e.key, e.delete);
        e.remainder = remainder;
        return remainder.isNothing();
    }
}
