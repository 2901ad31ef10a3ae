package dev.livesync.database.index;

import dev.livesync.api.Value;
import dev.livesync.car.Keys;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.order.JsonPointer;
import dev.livesync.database.order.SortableBytes;
import dev.livesync.database.query.FieldIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** One index of a view. Immutable; any thread. */
public final class Index {
    private static final int[] NONE = {};

    private final FieldIndex definition;
    private final List<JsonPointer> pointers;
    private final @Nullable String prefix;
    private final EntryTree tree;
    private final StoredBytes stored;
    /** The keys of documents that could not be read, ascending. */
    private final int[] unreadable;

    private Index(FieldIndex definition, EntryTree tree, StoredBytes stored, int[] unreadable) {
        this.definition = definition;
        this.pointers = definition.pointers().stream().map(JsonPointer::parse).toList();
        this.prefix = definition.idPrefix().orElse(null);
        this.tree = tree;
        this.stored = stored;
        this.unreadable = unreadable;
    }

    /** The same index of other documents. */
    private Index(Index before, EntryTree tree, StoredBytes stored, int[] unreadable) {
        this.definition = before.definition;
        this.pointers = before.pointers;
        this.prefix = before.prefix;
        this.tree = tree;
        this.stored = stored;
        this.unreadable = unreadable;
    }

    static Index empty(FieldIndex definition) {
        return new Index(definition, EntryTree.EMPTY, StoredBytes.EMPTY, NONE);
    }

    /**
     * What it is over.
     *
     * @return as it was declared
     */
    public FieldIndex definition() {
        return definition;
    }

    EntryTree tree() {
        return tree;
    }

    int[] unreadable() {
        return unreadable;
    }

    /** Whether all documents are in it that should be. */
    boolean isWhole() {
        return unreadable.length == 0;
    }

    boolean holds(String id) {
        return prefix == null || id.startsWith(prefix);
    }

    boolean holdsKey(String key) {
        return prefix == null || holds(Keys.toId(key));
    }

    /** The bytes of a document. */
    byte[] bytes(Value document, SortableBytes scratch) {
        scratch.truncate(0);
        for (JsonPointer pointer : pointers) {
            scratch.add(pointer.find(document));
        }
        return scratch.toByteArray();
    }

    /** A document that changed: where it belongs now. */
    static final class Placement {
        private final int key;
        private final byte[] bytes;
        private final boolean readable;

        Placement(int key, byte[] bytes, boolean readable) {
            this.key = key;
            this.bytes = bytes;
            this.readable = readable;
        }
    }

    /** A copy with some documents in other places. */
    Index with(List<Placement> placements, IntFunction<String> names) {
        EntryTree entries = tree;
        StoredBytes bytes = stored;
        int[] missing = unreadable;
        for (Placement change : placements) {
            byte[] before = bytes.get(change.key);
            if (!Arrays.equals(before, change.bytes)) {
                entries = before.length == 0 ? entries : entries.without(before, change.key, names);
                entries = change.bytes.length == 0 ? entries : entries.with(change.bytes, change.key, names);
                bytes = bytes.with(change.key, change.bytes);
            }
            missing = marked(missing, change.key, !change.readable);
        }
        return entries == tree && missing == unreadable ? this : new Index(this, entries, bytes, missing);
    }

    private static int[] marked(int[] keys, int key, boolean mark) {
        int at = Arrays.binarySearch(keys, key);
        if (at >= 0 == mark) {
            return keys;
        }
        List<Integer> all = new ArrayList<>(Arrays.stream(keys).boxed().toList());
        if (mark) {
            all.add(-1 - at, key);
        } else {
            all.remove(at);
        }
        return all.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * An index of all documents at once.
     *
     * @param bytes by the numbers of the keys; null for those that aren't in it
     */
    static Index of(FieldIndex definition, byte[] @Nullable [] bytes, int[] unreadable, IntFunction<String> names) {
        Integer[] keys = new Integer[bytes.length];
        int count = 0;
        for (int key = 0; key < bytes.length; key++) {
            if (bytes[key] != null) {
                keys[count++] = key;
            }
        }
        Arrays.sort(keys, 0, count, (a, b) -> {
            int order = Arrays.compareUnsigned(present(bytes, a), present(bytes, b));
            return order != 0 ? order : names.apply(a).compareTo(names.apply(b));
        });
        int[] sorted = new int[count];
        for (int i = 0; i < count; i++) {
            sorted[i] = keys[i];
        }
        return new Index(
                definition,
                EntryTree.of(count, i -> present(bytes, sorted[i]), sorted),
                StoredBytes.of(bytes),
                unreadable);
    }

    private static byte[] present(byte[] @Nullable [] bytes, int key) {
        return Objects.requireNonNull(bytes[key]);
    }

    void save(ImageWriter out) {
        out.putString(definition.idPrefix().orElse(""));
        out.putInt(pointers.size());
        pointers.forEach(pointer -> out.putString(pointer.toString()));
        out.putInt(unreadable.length);
        out.putInts(unreadable, unreadable.length);
        tree.save(out);
    }

    static Index load(ImageReader in, int keys, IntPredicate documents) {
        String prefix = in.getString();
        String[] pointers = new String[in.getCount(4)];
        for (int i = 0; i < pointers.length; i++) {
            pointers[i] = in.getString();
        }
        int[] unreadable = new int[in.getCount(4)];
        in.getInts(unreadable, unreadable.length);
        EntryTree tree = EntryTree.load(in, keys);
        byte[][] bytes = new byte[keys][];
        tree.forEach((key, data, from, to) -> {
            ImageReader.require(bytes[key] == null && documents.test(key), "the entry of a key", key);
            bytes[key] = Arrays.copyOfRange(data, from, to);
        });
        return new Index(FieldIndex.on(pointers).idPrefix(prefix), tree, StoredBytes.of(bytes), unreadable);
    }
}
