package dev.livesync.database.columns;

import dev.livesync.api.Cid;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * The digests of the events by index, and back. 32 bytes for a digest and 8 on average for its slot; no objects.
 *
 * <p>One thread adds. Others find whatever was added before they learnt of it through a volatile; they may or may not find what
 * comes later.
 */
public final class CidTable {
    private static final int SHIFT = 8;
    private static final int PAGE = 1 << SHIFT;
    private static final int LOADED_SHIFT = 18;
    private static final int LOADED = 1 << LOADED_SHIFT;

    /** What was loaded, in pages of its own; see {@link IntColumn}. Set before anybody else reads. */
    private long[][] loaded = {};
    /** How many digests fit into the loaded arrays, in whole pages. */
    private int firstPaged;

    private volatile long[][] pages = new long[8][];
    private volatile int[] slots = new int[64];
    private int size;
    /** Odd and secret, so that nobody can mine CIDs for the same slot. */
    private long factor;

    /**
     * Makes an empty table.
     *
     * @param seed any number that peers can't guess; nothing but speed depends on it
     */
    public CidTable(long seed) {
        factor = seed | 1;
    }

    /**
     * Returns the CID at an index.
     *
     * @param i an index that is known to be filled
     * @return the CID
     */
    public Cid get(int i) {
        long[] page = page(i);
        int at = at(i);
        return Cid.ofDigest(Cid.DAG_CBOR, page[at], page[at + 1], page[at + 2], page[at + 3]);
    }

    /**
     * Looks a CID up.
     *
     * @param cid any
     * @param limit the index from which on CIDs count for nothing
     * @return the CID's index, or -1 if it has none below {@code limit}
     */
    public int find(Cid cid, int limit) {
        if (cid.codec() != Cid.DAG_CBOR) {
            return -1;
        }
        int[] table = slots;
        int mask = table.length - 1;
        int s = slot(cid.digestLong(0)) & mask;
        while (true) {
            int i = table[s] - 1;
            if (i < 0) {
                return -1;
            }
            if (i < limit && holds(i, cid)) {
                return i;
            }
            s = s + 1 & mask;
        }
    }

    /**
     * Adds a CID at the next index. For the writer.
     *
     * @param cid the CID of a dag-cbor block
     * @return false, and nothing changed, if it is there already
     */
    public boolean add(Cid cid) {
        int i = size;
        int[] table = slots;
        int mask = table.length - 1;
        int s = slot(cid.digestLong(0)) & mask;
        while (table[s] != 0) {
            if (holds(table[s] - 1, cid)) {
                return false;
            }
            s = s + 1 & mask;
        }
        if (i >= firstPaged) {
            makePage(i >>> SHIFT);
        }
        long[] page = page(i);
        int at = at(i);
        for (int k = 0; k < 4; k++) {
            page[at + k] = cid.digestLong(k);
        }
        size = i + 1;
        if (size * 2L > table.length) {
            rehash();
        } else {
            table[s] = i + 1;
        }
        return true;
    }

    private void makePage(int page) {
        long[][] all = pages;
        if (page >= all.length) {
            all = Arrays.copyOf(all, Math.max(page + 1, all.length * 2));
            pages = all;
        }
        if (all[page] == null) {
            all[page] = new long[PAGE << 2];
        }
    }

    private long[] page(int i) {
        return i < firstPaged ? loaded[i >>> LOADED_SHIFT] : pages[i >>> SHIFT];
    }

    private int at(int i) {
        return (i & (i < firstPaged ? LOADED - 1 : PAGE - 1)) << 2;
    }

    private void rehash() {
        int[] bigger = new int[slots.length * 2];
        for (int i = 0; i < size; i++) {
            insert(bigger, i);
        }
        slots = bigger;
    }

    private void insert(int[] table, int i) {
        int mask = table.length - 1;
        int s = slot(page(i)[at(i)]) & mask;
        while (table[s] != 0) {
            s = s + 1 & mask;
        }
        table[s] = i + 1;
    }

    private boolean holds(int i, Cid cid) {
        long[] page = page(i);
        int at = at(i);
        return page[at] == cid.digestLong(0)
                && page[at + 1] == cid.digestLong(1)
                && page[at + 2] == cid.digestLong(2)
                && page[at + 3] == cid.digestLong(3);
    }

    private int slot(long digest) {
        return (int) (digest * factor >>> 32);
    }

    /**
     * Takes a snapshot of the current content, which any thread can write while more is added. For the writer.
     *
     * @return writes it, without the number of CIDs
     */
    public Consumer<ImageWriter> snapshot() {
        int count = size;
        int[] table = slots;
        return out -> {
            out.putLong(factor);
            out.putInt(table.length);
            out.putTable(table, count);
            int first = Math.min(count, firstPaged);
            for (int from = 0; from < first; from += LOADED) {
                out.putLongs(loaded[from >>> LOADED_SHIFT], 4 * Math.min(LOADED, first - from));
            }
            for (int from = firstPaged; from < count; from += PAGE) {
                out.putLongs(pages[from >>> SHIFT], 4 * Math.min(PAGE, count - from));
            }
        };
    }

    /**
     * Fills an empty table.
     *
     * @param in what {@link #snapshot} wrote
     * @param count how many CIDs it held then
     */
    public void load(ImageReader in, int count) {
        factor = in.getLong();
        int[] table = in.getTable(count);
        int room = (count + PAGE - 1) / PAGE * PAGE;
        long[][] all = new long[(room + LOADED - 1) / LOADED][];
        for (int from = 0; from < count; from += LOADED) {
            long[] page = new long[4 * Math.min(LOADED, room - from)];
            in.getLongs(page, 4 * Math.min(LOADED, count - from));
            all[from >>> LOADED_SHIFT] = page;
        }
        slots = table;
        loaded = all;
        firstPaged = room;
        size = count;
    }
}
