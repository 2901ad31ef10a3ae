package dev.livesync.database.columns;

import java.util.Arrays;

/** From ints that are not negative to ints, without boxes: open addressing. Keys are never removed one by one. */
public final class IntMap {
    /** Key plus one and value side by side; key zero is free. */
    private int[] slots = new int[32];

    private int size;

    /** Makes an empty map. */
    public IntMap() {}

    /** Receives entries. */
    @FunctionalInterface
    public interface Entries {
        /**
         * Receives one entry.
         *
         * @param key not negative
         * @param value its value
         */
        void accept(int key, int value);
    }

    /**
     * Looks a key up.
     *
     * @param key not negative
     * @param otherwise what to return if the key has no value
     * @return the key's value, or {@code otherwise}
     */
    public int get(int key, int otherwise) {
        int at = slot(slots, key);
        return slots[at] == 0 ? otherwise : slots[at + 1];
    }

    /**
     * Gives a key a value unless it has one.
     *
     * @param key not negative
     * @param value its value from now on, if it had none
     * @return the value that the key has now
     */
    public int putIfAbsent(int key, int value) {
        int at = slot(slots, key);
        if (slots[at] != 0) {
            return slots[at + 1];
        }
        if (4 * (size + 1) > slots.length) {
            grow();
            at = slot(slots, key);
        }
        size++;
        slots[at] = key + 1;
        slots[at + 1] = value;
        return value;
    }

    /**
     * Gives a key the greater of a value and the one that it has.
     *
     * @param key not negative
     * @param value its least value from now on
     * @param otherwise what to return if the key had no value
     * @return the value that the key had, or {@code otherwise}
     */
    public int raise(int key, int value, int otherwise) {
        int before = get(key, otherwise);
        if (putIfAbsent(key, value) < value) {
            slots[slot(slots, key) + 1] = value;
        }
        return before;
    }

    /**
     * Counts the keys.
     *
     * @return how many have a value
     */
    public int size() {
        return size;
    }

    /**
     * Passes on all entries, in no particular order.
     *
     * @param entries receives them; must not change the map
     */
    public void forEach(Entries entries) {
        for (int at = 0; at < slots.length; at += 2) {
            if (slots[at] != 0) {
                entries.accept(slots[at] - 1, slots[at + 1]);
            }
        }
    }

    /** Removes all entries. A table that was much too large for them is given up for a small one. */
    public void clear() {
        if (slots.length > 8 * size + 32) {
            slots = new int[32];
        } else {
            Arrays.fill(slots, 0);
        }
        size = 0;
    }

    private void grow() {
        int[] bigger = new int[2 * slots.length];
        forEach((key, value) -> {
            int to = slot(bigger, key);
            bigger[to] = key + 1;
            bigger[to + 1] = value;
        });
        slots = bigger;
    }

    private static int slot(int[] table, int key) {
        int pairs = table.length / 2 - 1;
        int at = (key * 0x9e3779b9) >>> 7 & pairs;
        while (table[2 * at] != 0 && table[2 * at] != key + 1) {
            at = at + 1 & pairs;
        }
        return 2 * at;
    }
}
