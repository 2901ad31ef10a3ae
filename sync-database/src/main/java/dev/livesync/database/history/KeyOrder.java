package dev.livesync.database.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The keys of a table in ascending order: blocks of at most 512 sorted numbers. Follows the table when it is asked, so that loading
 * a million keys sorts once. For the writer.
 */
final class KeyOrder {
    private static final int BLOCK = 512;

    private final KeyTable keys;
    private final List<int[]> blocks = new ArrayList<>();
    private int followed;

    KeyOrder(KeyTable keys) {
        this.keys = keys;
    }

    /** A place in the order; valid until a key is added to the table. */
    final class Position {
        private int block;
        private int at;

        private Position(int block, int at) {
            this.block = block;
            this.at = at;
        }

        /** The next key's number, or -1 after the last. */
        int next() {
            while (block < blocks.size() && at == blocks.get(block).length) {
                block++;
                at = 0;
            }
            return block == blocks.size() ? -1 : blocks.get(block)[at++];
        }
    }

    Position first() {
        follow();
        return new Position(0, 0);
    }

    /** Before the first key greater than this one, which need not be in the table. */
    Position after(String key) {
        follow();
        if (blocks.isEmpty()) {
            return new Position(0, 0);
        }
        int block = blockOf(key);
        int[] ids = blocks.get(block);
        int at = search(ids, key);
        boolean there = at < ids.length && keys.name(ids[at]).equals(key);
        return new Position(block, there ? at + 1 : at);
    }

    private void follow() {
        int size = keys.size();
        if (size - followed > 64 + followed / 64) {
            rebuild(size);
        } else {
            for (int id = followed; id < size; id++) {
                insert(id);
            }
        }
        followed = size;
    }

    private void rebuild(int size) {
        int[] fresh = new int[size - followed];
        Arrays.setAll(fresh, i -> followed + i);
        IntSort.sort(fresh, (a, b) -> keys.name(a).compareTo(keys.name(b)));
        int[] all = new int[size];
        int count = 0;
        int next = 0;
        for (int[] block : blocks) {
            for (int id : block) {
                while (next < fresh.length && keys.name(fresh[next]).compareTo(keys.name(id)) < 0) {
                    all[count++] = fresh[next++];
                }
                all[count++] = id;
            }
        }
        while (next < fresh.length) {
            all[count++] = fresh[next++];
        }
        blocks.clear();
        for (int from = 0; from < size; from += BLOCK / 2) {
            blocks.add(Arrays.copyOfRange(all, from, Math.min(size, from + BLOCK / 2)));
        }
    }

    private void insert(int id) {
        String key = keys.name(id);
        if (blocks.isEmpty()) {
            blocks.add(new int[] {id});
            return;
        }
        int block = blockOf(key);
        int[] ids = blocks.get(block);
        int at = search(ids, key);
        int[] more = Arrays.copyOf(ids, ids.length + 1);
        System.arraycopy(ids, at, more, at + 1, ids.length - at);
        more[at] = id;
        if (more.length < BLOCK) {
            blocks.set(block, more);
        } else {
            blocks.set(block, Arrays.copyOfRange(more, 0, BLOCK / 2));
            blocks.add(block + 1, Arrays.copyOfRange(more, BLOCK / 2, BLOCK));
        }
    }

    /** The last block whose first key is not greater, or the first block. */
    private int blockOf(String key) {
        int from = 0;
        int to = blocks.size();
        while (to - from > 1) {
            int middle = (from + to) >>> 1;
            if (keys.name(blocks.get(middle)[0]).compareTo(key) <= 0) {
                from = middle;
            } else {
                to = middle;
            }
        }
        return from;
    }

    private int search(int[] ids, String key) {
        int from = 0;
        int to = ids.length;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (keys.name(ids[middle]).compareTo(key) < 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
