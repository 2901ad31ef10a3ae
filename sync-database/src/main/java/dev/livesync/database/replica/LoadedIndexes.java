package dev.livesync.database.replica;

import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.index.Indexes;
import dev.livesync.database.query.FieldIndex;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The indexes that a checkpoint had, until the first view is made of them. */
final class LoadedIndexes {
    private final List<FieldIndex> declared;
    /** Whether to go on with what others have declared: for readers, who cannot take it out of the checkpoint. */
    private final boolean takesAll;

    private Indexes loaded = Indexes.NONE;
    /** The documents that those are of. */
    private Winners winners = Winners.of(0, key -> key);

    private int keys;
    private boolean made;

    LoadedIndexes(List<FieldIndex> declared, boolean takesAll) {
        this.declared = declared;
        this.takesAll = takesAll;
    }

    /** Reads indexes of the documents as they are now. */
    void load(ImageReader in, int count, IntUnaryOperator documents) {
        Winners then = Winners.of(count, documents);
        loaded = Indexes.load(in, count, key -> then.get(key) != EventGraph.NONE);
        winners = then;
        keys = count;
    }

    /** Whether some had to be made, so that a checkpoint pays soon. */
    boolean isMade() {
        return made;
    }

    /** The indexes of the first view: what was read is brought up to date, and what wasn't is made. */
    Indexes of(int count, Winners now, Indexes.Documents documents) {
        List<FieldIndex> wanted = takesAll
                ? Stream.concat(declared.stream(), loaded.definitions().stream())
                        .distinct()
                        .toList()
                : declared;
        Indexes indexes = loaded.only(wanted);
        loaded = Indexes.NONE; // not needed again, and much
        if (wanted.isEmpty()) {
            return Indexes.NONE;
        }
        int[] changed = IntStream.range(0, count)
                .filter(key -> now.get(key) != (key < keys ? winners.get(key) : EventGraph.NONE))
                .toArray();
        winners = Winners.of(0, key -> key);
        made = !indexes.definitions().containsAll(wanted);
        return indexes.with(changed, documents).declared(wanted, count, documents);
    }
}
