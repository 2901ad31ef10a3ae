package dev.livesync.database;

import dev.livesync.api.Cid;
import dev.livesync.database.history.Decision;
import dev.livesync.database.replica.PastView;
import dev.livesync.database.replica.ReadView;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** The versions that were written over, but for the newest of each document. */
final class PastVersions {
    private PastVersions() {}

    /**
     * Tells them from the others.
     *
     * @param keep how many of each document don't count
     */
    static Predicate<Cid> of(ReadView view, int keep) {
        PastView past = new PastView(view);
        BitSet present = present(past.winners(), past.conflicts());
        BitSet found = new BitSet();
        Map<String, Integer> passed = new HashMap<>();
        for (PrimitiveIterator.OfInt events = past.events().iterator(); events.hasNext(); ) {
            int event = events.nextInt();
            if (!present.get(event) && passed.merge(past.key(event), 1, Integer::sum) > keep) {
                found.set(event);
            }
        }
        return among(view, found);
    }

    /**
     * Tells those from the others that were written over at some clock already.
     *
     * @param clock heads that the database once had
     */
    static Predicate<Cid> at(ReadView view, List<Cid> clock) {
        int[] heads = clock.stream().mapToInt(view::index).toArray();
        if (Arrays.stream(heads).anyMatch(head -> head < 0)) {
            return cid -> false; // the log was mended, or is an earlier one
        }
        PastView past = new PastView(view);
        BitSet found = past.since(heads);
        found.flip(0, view.events());
        found.andNot(present(past.winners(heads), past.conflicts(heads)));
        found.andNot(present(past.winners(), past.conflicts()));
        return among(view, found);
    }

    private static BitSet present(BitSet winners, List<Decision> conflicts) {
        conflicts.forEach(decision ->
                IntStream.range(0, decision.size()).map(decision::event).forEach(winners::set));
        return winners;
    }

    private static Predicate<Cid> among(ReadView view, BitSet found) {
        return cid -> {
            int index = view.index(cid);
            return index >= 0 && found.get(index);
        };
    }
}
