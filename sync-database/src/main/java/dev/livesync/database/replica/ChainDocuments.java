package dev.livesync.database.replica;

import dev.livesync.database.history.EventGraph;
import java.util.ArrayDeque;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The documents after an event of an incomplete batch: those before the batch, changed by a chain of puts and deletes. They are computed
 * from those after the event before in a logarithmic number of steps, however long the batch and however it branches.
 */
final class ChainDocuments {
    private final Base base;
    private final @Nullable ChainDocuments before;
    private final String key;
    /** Whether this event is the chain's first for its key. */
    private final boolean first;
    /** The keys in the chain so far, and whether each has a document now. */
    private final @Nullable KeyFlags named;

    private final int present;
    /** A key outside the chain that has a document, once one was looked for. */
    private @Nullable String witness;
    /** How many of the chain's keys had a document before it; -1 if not known. */
    private int replaced;

    private ChainDocuments(
            Base base,
            @Nullable ChainDocuments before,
            String key,
            boolean first,
            @Nullable KeyFlags named,
            int present,
            @Nullable String witness) {
        this.base = base;
        this.before = before;
        this.key = key;
        this.first = first;
        this.named = named;
        this.present = present;
        this.witness = witness;
        this.replaced = before == null ? 0 : -1;
    }

    /** The documents before the chain. */
    static ChainDocuments of(Base base) {
        return new ChainDocuments(base, null, "", false, null, 0, null);
    }

    /** The documents after one more event. */
    ChainDocuments then(String key, boolean delete) {
        Boolean was = KeyFlags.get(named, key);
        int now = present - (was != null && was ? 1 : 0) + (delete ? 0 : 1);
        return new ChainDocuments(
                base,
                this,
                key,
                was == null,
                KeyFlags.with(named, key, !delete),
                now,
                key.equals(witness) ? null : witness);
    }

    /** Whether there is no document. */
    boolean isNothing() {
        if (present > 0 || witness != null) {
            return false;
        }
        if (base.isCheap()) {
            return base.count() == replaced();
        }
        witness = base.anyBut(named);
        return witness == null;
    }

    private int replaced() {
        ArrayDeque<ChainDocuments> path = new ArrayDeque<>();
        ChainDocuments at = this;
        while (at.replaced < 0 && at.before != null) {
            path.push(at);
            at = at.before;
        }
        int count = at.replaced;
        for (ChainDocuments r : path) {
            count += r.first && base.has(r.key) ? 1 : 0;
            r.replaced = count;
        }
        return count;
    }

    /** The documents at the parents of a chain's first event. They never change, but the way to look them up does. */
    static final class Base {
        /** Up to this many lookups of one document cost less than reading all. */
        private static final int FEW_LOOKS = 8;

        private final DerivedState derived;
        private final int[] parents;
        /** The size of the graph at which its current documents are these; -1 for never. */
        private final int current;

        private int looks;
        private @Nullable BitSet documents;
        private int count = -1;

        Base(DerivedState derived, int[] parents) {
            this.derived = derived;
            this.parents = parents;
            int[] heads = derived.documents.heads();
            boolean isCurrent = parents.length == heads.length;
            for (int i = 0; i < parents.length && isCurrent; i++) {
                isCurrent = derived.graph.isLeaf(parents[i]);
            }
            current = isCurrent ? derived.graph.size() : -1;
        }

        private boolean isCurrent() {
            return derived.graph.size() == current;
        }

        /** Whether {@link #has} and {@link #count} are cheap, or were called so often that all documents should be read. */
        boolean isCheap() {
            if (!isCurrent() && documents == null && looks >= FEW_LOOKS) {
                BitSet all = new BitSet();
                for (int put : derived.past.at(parents)) {
                    all.set(derived.graph.key(put));
                }
                documents = all;
                count = all.cardinality();
            }
            return documents != null || isCurrent();
        }

        boolean has(String key) {
            int number = derived.keys.find(key);
            if (number < 0) {
                return false;
            }
            return documents != null ? documents.get(number) : derived.documents.document(number) != EventGraph.NONE;
        }

        int count() {
            if (count < 0) {
                count = derived.documents.count();
            }
            return count;
        }

        /** The key of a document that is none of these; null if there is none. */
        @Nullable
        String anyBut(@Nullable KeyFlags named) {
            looks++;
            int[] numbers = KeyFlags.keys(named).stream()
                    .mapToInt(derived.keys::find)
                    .filter(number -> number >= 0)
                    .toArray();
            derived.pending.counted(numbers.length);
            int remains = derived.past.anyAfter(parents, numbers);
            return remains == EventGraph.NONE ? null : derived.keys.name(derived.graph.key(remains));
        }
    }
}
