package dev.livesync.database.index;

import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.index.Index.Placement;
import dev.livesync.database.order.SortableBytes;
import dev.livesync.database.query.FieldIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The indexes of a view: derived from its documents and nothing else, so that equal documents make equal ones. Immutable; the next view's share what hasn't changed.
 *
 * <p>A document that cannot be read, because the disk is damaged, doesn't keep others from being written: its indexes are set aside until it is written anew or can be read again, and queries look at all
 * documents meanwhile, and fail where that one is.
 */
public final class Indexes {
    /** No indexes. */
    public static final Indexes NONE = new Indexes(List.of());

    private static final byte[] ABSENT = {};

    private final List<Index> all;

    private Indexes(List<Index> all) {
        this.all = List.copyOf(all);
    }

    /** Where the documents are. */
    public interface Documents {
        /**
         * How many keys there are.
         *
         * @return one more than the greatest number of a key
         */
        int keys();

        /**
         * The name of a key.
         *
         * @param key its number
         * @return the name
         */
        String name(int key);

        /**
         * Reads a document.
         *
         * @param key its number
         * @return its content; null if there is none
         * @throws SyncException if it cannot be read
         */
        @Nullable
        Value read(int key);
    }

    /**
     * All indexes.
     *
     * @return in the order in which they were declared
     */
    public List<Index> all() {
        return all;
    }

    /**
     * What they are over.
     *
     * @return in the order in which they were declared
     */
    public List<FieldIndex> definitions() {
        return all.stream().map(Index::definition).toList();
    }

    /**
     * The indexes after a change.
     *
     * @param keys the keys of the documents that may have changed
     * @param documents as they are now
     * @return those of the documents as they are
     */
    public Indexes with(int[] keys, Documents documents) {
        if (all.isEmpty()) {
            return this;
        }
        int[] toRead = all.stream().allMatch(Index::isWhole) ? keys : withUnreadable(keys);
        if (toRead.length == 0) {
            return this;
        }
        List<List<Placement>> changes = new ArrayList<>();
        all.forEach(index -> changes.add(new ArrayList<>(toRead.length)));
        SortableBytes scratch = new SortableBytes();
        for (int key : toRead) {
            String name = documents.name(key);
            Value document = null;
            boolean read = false;
            boolean readable = true;
            for (int i = 0; i < all.size(); i++) {
                Index index = all.get(i);
                if (!index.holdsKey(name)) {
                    continue;
                }
                if (!read) {
                    read = true;
                    try {
                        document = documents.read(key);
                    } catch (SyncException e) {
                        readable = false;
                    }
                }
                byte[] bytes = document == null ? ABSENT : index.bytes(document, scratch);
                changes.get(i).add(new Placement(key, bytes, readable));
            }
        }
        List<Index> next = new ArrayList<>(all.size());
        for (int i = 0; i < all.size(); i++) {
            next.add(with(all.get(i), changes.get(i), documents));
        }
        return new Indexes(next);
    }

    /** A checkpoint may have been forged: its index is made anew when that shows. */
    private static Index with(Index index, List<Placement> changes, Documents documents) {
        try {
            return index.with(changes, documents::name);
        } catch (EntryTree.NoEntryException e) {
            return make(List.of(index.definition()), documents.keys(), documents)
                    .all
                    .get(0);
        }
    }

    private int[] withUnreadable(int[] keys) {
        return IntStream.concat(
                        IntStream.of(keys), all.stream().flatMapToInt(index -> IntStream.of(index.unreadable())))
                .distinct()
                .toArray();
    }

    /**
     * Those of some definitions.
     *
     * @param definitions which
     * @return those that are there, in their order
     */
    public Indexes only(List<FieldIndex> definitions) {
        return new Indexes(all.stream()
                .filter(index -> definitions.contains(index.definition()))
                .toList());
    }

    /**
     * The same with other definitions: keeps those that are there, and makes those that aren't.
     *
     * @param definitions which there are to be
     * @param keys how many keys there are
     * @param documents all documents
     * @return the indexes in that order
     */
    public Indexes declared(List<FieldIndex> definitions, int keys, Documents documents) {
        List<FieldIndex> absent = definitions.stream()
                .filter(definition -> find(definition) == null)
                .toList();
        Indexes made = absent.isEmpty() ? NONE : make(absent, keys, documents);
        List<Index> result = new ArrayList<>();
        for (FieldIndex definition : definitions) {
            Index known = find(definition);
            Index index = known == null ? made.find(definition) : known;
            if (index != null) {
                result.add(index);
            }
        }
        return new Indexes(result);
    }

    private @Nullable Index find(FieldIndex definition) {
        return all.stream()
                .filter(index -> index.definition().equals(definition))
                .findFirst()
                .orElse(null);
    }

    private static Indexes make(List<FieldIndex> definitions, int keys, Documents documents) {
        List<Index> empty = definitions.stream().map(Index::empty).toList();
        List<byte[][]> bytes = new ArrayList<>();
        empty.forEach(index -> bytes.add(new byte[keys][]));
        List<Integer> unreadable = new ArrayList<>();
        SortableBytes scratch = new SortableBytes();
        for (int key = 0; key < keys; key++) {
            Value document = null;
            try {
                document = documents.read(key);
            } catch (SyncException e) {
                unreadable.add(key);
            }
            for (int i = 0; document != null && i < empty.size(); i++) {
                if (empty.get(i).holdsKey(documents.name(key))) {
                    bytes.get(i)[key] = empty.get(i).bytes(document, scratch);
                }
            }
        }
        List<Index> made = new ArrayList<>();
        IntFunction<String> names = documents::name;
        for (int i = 0; i < empty.size(); i++) {
            Index index = empty.get(i);
            int[] missing = unreadable.stream()
                    .filter(key -> index.holdsKey(documents.name(key)))
                    .mapToInt(Integer::intValue)
                    .toArray();
            made.add(Index.of(index.definition(), bytes.get(i), missing, names));
        }
        return new Indexes(made);
    }

    /**
     * Writes all of them.
     *
     * @param out takes them
     * @param goesOn called between them; throws when it is no longer wanted
     */
    public void save(ImageWriter out, Runnable goesOn) {
        out.putInt(all.size());
        for (Index index : all) {
            goesOn.run();
            index.save(out);
        }
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @param in gives it
     * @param keys how many keys there were then
     * @param documents whether a key had a document
     * @return the indexes of that moment
     * @throws ImageReader.DamagedException if they are of other documents
     */
    public static Indexes load(ImageReader in, int keys, IntPredicate documents) {
        List<Index> all = new ArrayList<>();
        for (int left = in.getCount(12); left > 0; left--) {
            all.add(Index.load(in, keys, documents));
        }
        return new Indexes(all);
    }
}
