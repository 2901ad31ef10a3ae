package dev.livesync.database;

import dev.livesync.api.Cid;
import dev.livesync.database.replica.PastView;
import dev.livesync.database.replica.ReadView;
import java.util.BitSet;
import java.util.HashMap;
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
        BitSet present = past.winners();
        past.conflicts()
                .forEach(decision ->
                        IntStream.range(0, decision.size()).map(decision::event).forEach(present::set));
        BitSet found = new BitSet();
        Map<String, Integer> passed = new HashMap<>();
        for (PrimitiveIterator.OfInt events = past.events().iterator(); events.hasNext(); ) {
            int event = events.nextInt();
            if (!present.get(event) && passed.merge(past.key(event), 1, Integer::sum) > keep) {
                found.set(event);
            }
        }
        return cid -> {
            int index = view.index(cid);
            return index >= 0 && found.get(index);
        };
    }
}
