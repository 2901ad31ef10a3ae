package dev.livesync.core.reconcile;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Snapshot;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.function.Predicate;

/** Events by their short ids: 8 bytes each, and 8 more once one has been looked for. */
final class ShortIdEvents implements ComparedEvents {
    private final ShortIds shortIds;
    private final TableMemory memory;
    private long[] ids = new long[16];
    private int size;
    private int listed;
    /** Places of ids, 1 more; 0 is free. Empty until an id is looked for. A peer can't choose our ids, so nothing clusters. */
    private int[] table = {};

    private final BitSet marks = new BitSet();

    ShortIdEvents(ShortIds shortIds, Snapshot snapshot, Collection<Cid> frontier, TableMemory memory) {
        this.shortIds = shortIds;
        this.memory = memory;
        Iterator<Cid> events = snapshot.eventsSince(frontier);
        while (events.hasNext()) {
            if (size == ids.length) {
                memory.claim((long) Long.BYTES * size);
                ids = Arrays.copyOf(ids, 2 * size);
            }
            ids[size++] = shortIds.id(events.next());
        }
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int idBytes() {
        return ShortIds.BYTES;
    }

    Sketch sketch() {
        return new Sketch(shortIds, ids, size, memory);
    }

    @Override
    public void list(MessageOutput out, int count) {
        for (int end = listed + count; listed < end; listed++) {
            out.fixed(ids[listed], ShortIds.BYTES);
        }
    }

    /** Writes all ids in their narrow form. */
    void listNarrow(MessageOutput out) {
        for (int i = 0; i < size; i++) {
            out.fixed(ids[i], ShortIds.NARROW);
        }
    }

    @Override
    public void mark(int position) {
        marks.set(position);
    }

    @Override
    public boolean hear(MessageInput in) {
        return mark(in.fixed(ShortIds.BYTES));
    }

    /** Records an id; false if there is none such. */
    boolean mark(long id) {
        int at = find(id);
        if (at >= 0) {
            marks.set(at);
        }
        return at >= 0;
    }

    @Override
    public Predicate<Cid> marked() {
        return cid -> {
            int at = find(shortIds.id(cid));
            return at >= 0 && marks.get(at);
        };
    }

    private int find(long id) {
        if (table.length == 0) {
            fillTable();
        }
        int mask = table.length - 1;
        int slot = (int) id & mask;
        while (table[slot] != 0) {
            if (ids[table[slot] - 1] == id) {
                return table[slot] - 1;
            }
            slot = slot + 1 & mask;
        }
        return -1;
    }

    private void fillTable() {
        int slots = Integer.highestOneBit(Math.max(4, size)) * 4;
        memory.claim((long) Integer.BYTES * slots);
        table = new int[slots];
        int mask = table.length - 1;
        for (int i = 0; i < size; i++) {
            int slot = (int) ids[i] & mask;
            while (table[slot] != 0) {
                slot = slot + 1 & mask;
            }
            table[slot] = i + 1;
        }
    }
}
