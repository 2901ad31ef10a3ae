package dev.livesync.replica.postgres;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a transaction on a {@link ModelledServer} has written and holds. */
final class ModelledTransaction {
    /** A row that it has written, or removed where that is null. */
    record Write<K extends Comparable<? super K>, V>(
            ModelledTable<K, V> table, K key, @Nullable V row) {
        private Runnable apply() {
            return table.apply(key, row);
        }
    }

    private record Held<K extends Comparable<? super K>>(ModelledTable<K, ?> table, K key) {
        private void release(ModelledTransaction by) {
            table.release(key, by);
        }
    }

    /** Whose thread waits for nobody but itself. */
    final Thread thread = Thread.currentThread();

    /** Called when the server takes it back. */
    final Runnable onEnd;

    private final Map<ModelledTable<?, ?>, Map<Object, Write<?, ?>>> writes = new LinkedHashMap<>();
    private final List<Held<?>> held = new ArrayList<>();
    /** Whether nobody is left who could say what becomes of it: the server commits it when somebody waits for it, if not before. */
    boolean left;

    /** Whether it makes a database. */
    boolean creates;

    private boolean ended;

    ModelledTransaction(Runnable onEnd) {
        this.onEnd = onEnd;
    }

    boolean isEnded() {
        return ended;
    }

    @SuppressWarnings("unchecked")
    <K extends Comparable<? super K>, V> @Nullable Write<K, V> write(ModelledTable<K, V> table, K key) {
        Map<Object, Write<?, ?>> of = writes.get(table);
        return of == null ? null : (Write<K, V>) of.get(key);
    }

    @SuppressWarnings("unchecked")
    <K extends Comparable<? super K>, V> Collection<Write<K, V>> writes(ModelledTable<K, V> table) {
        Map<Object, ?> of = writes.get(table);
        return of == null ? List.of() : (Collection<Write<K, V>>) of.values();
    }

    /** Whether it has written nothing. */
    boolean isEmpty() {
        return writes.isEmpty();
    }

    <K extends Comparable<? super K>, V> void put(ModelledTable<K, V> table, K key, @Nullable V row) {
        writes.computeIfAbsent(table, none -> new LinkedHashMap<>()).put(key, new Write<>(table, key, row));
    }

    <K extends Comparable<? super K>> void hold(ModelledTable<K, ?> table, K key) {
        table.hold(key, this);
        held.add(new Held<>(table, key));
    }

    /** Applies what was written; returns how to undo it. */
    List<Runnable> commit() {
        List<Runnable> undo = new ArrayList<>();
        if (!ended) {
            writes.values().forEach(of -> of.values().forEach(write -> undo.add(write.apply())));
            end();
        }
        return undo;
    }

    /** Lets go of all. */
    void end() {
        ended = true;
        held.forEach(each -> each.release(this));
        held.clear();
        writes.clear();
    }
}
