package dev.livesync.replica.postgres;

import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The rows of one table of a {@link ModelledServer}: those that are committed, and who holds which. Rows never change, they are replaced. */
final class ModelledTable<K extends Comparable<? super K>, V> {
    private final TreeMap<K, V> committed = new TreeMap<>();
    private final Map<K, ModelledTransaction> holders = new HashMap<>();

    /** What a transaction sees: its own rows, else what is committed; null if there is none. */
    @Nullable
    V get(ModelledTransaction transaction, K key) {
        ModelledTransaction.Write<K, V> own = transaction.write(this, key);
        return own == null ? committed.get(key) : own.row();
    }

    /** All that a transaction sees, by key. */
    NavigableMap<K, V> all(ModelledTransaction transaction) {
        return with(transaction, new TreeMap<>(committed));
    }

    /** The same, of rows from a key to another one, both included. */
    NavigableMap<K, V> range(ModelledTransaction transaction, K from, K to) {
        return from.compareTo(to) > 0
                ? new TreeMap<>()
                : with(transaction, new TreeMap<>(committed.subMap(from, true, to, true)))
                        .subMap(from, true, to, true);
    }

    private NavigableMap<K, V> with(ModelledTransaction transaction, NavigableMap<K, V> rows) {
        transaction.writes(this).forEach(write -> {
            V row = write.row();
            if (row == null) {
                rows.remove(write.key());
            } else {
                rows.put(write.key(), row);
            }
        });
        return rows;
    }

    /** What is committed. */
    Map<K, V> committed() {
        return committed;
    }

    @Nullable
    ModelledTransaction holder(K key) {
        return holders.get(key);
    }

    void hold(K key, ModelledTransaction transaction) {
        holders.put(key, transaction);
    }

    void release(K key, ModelledTransaction transaction) {
        holders.remove(key, transaction);
    }

    /** Replaces a row, or removes it; returns how to undo that. */
    Runnable apply(K key, @Nullable V row) {
        V before = set(key, row);
        return () -> set(key, before);
    }

    private @Nullable V set(K key, @Nullable V row) {
        return row == null ? committed.remove(key) : committed.put(key, row);
    }
}
