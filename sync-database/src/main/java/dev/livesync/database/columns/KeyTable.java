package dev.livesync.database.columns;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Numbers for keys: each key that was ever named has one, from 0 upwards in the order of naming, for good.
 *
 * <p><strong>Threads.</strong> One thread adds, under the database's lock. Others may read meanwhile: what was added before they learnt of it
 * through a volatile, such as the number of events, is there for them.
 */
public final class KeyTable {
    private static final int SHIFT = 10;
    private static final int PAGE = 1 << SHIFT;

    private static final VarHandle PAGES = MethodHandles.arrayElementVarHandle(Object[].class);

    /** Each page is a {@code String[]}, or {@link PackedKeys} if none of its keys was read since they were loaded. */
    private volatile Object[] pages = new Object[8];
    /** What {@link #hash} says of each key, for the writer: growing the table must not read all keys again. */
    private final IntColumn hashes = new IntColumn();

    private volatile int[] slots = new int[64];
    private volatile int size;

    /** 2^61 - 1, a prime. */
    private static final long PRIME = (1L << 61) - 1;

    /** Keys are hashed as polynomials at this point, so that a peer who doesn't know it can't choose keys that collide. */
    private long point;

    /**
     * Makes an empty table.
     *
     * @param seed any number that peers can't guess; nothing but speed depends on it
     */
    public KeyTable(long seed) {
        point = 0x10000 + (seed >>> 4);
    }

    /**
     * Returns the number of a key; a new key gets the next number. For the writer.
     *
     * @param key the key as it stands in events
     * @return its number
     */
    public int intern(String key) {
        int hash = hash(key);
        int known = find(key, hash);
        if (known >= 0) {
            return known;
        }
        int id = size;
        int page = id >>> SHIFT;
        Object[] all = pages;
        if (page >= all.length) {
            all = Arrays.copyOf(all, 2 * all.length);
            pages = all;
        }
        if (all[page] == null) {
            all[page] = new String[PAGE];
        }
        page(page)[id & (PAGE - 1)] = key;
        hashes.set(id, hash);
        int[] table = slots;
        if (2L * (id + 1) > table.length) {
            int[] bigger = new int[2 * table.length];
            for (int i = 0; i <= id; i++) {
                insert(bigger, i, hashes.get(i));
            }
            slots = bigger;
        } else {
            insert(table, id, hash);
        }
        size = id + 1;
        return id;
    }

    /**
     * Looks a key up.
     *
     * @param key any string
     * @return its number, or -1 if it has none
     */
    public int find(String key) {
        return find(key, hash(key));
    }

    private int find(String key, int hash) {
        int limit = size;
        int[] table = slots;
        int mask = table.length - 1;
        int s = hash & mask;
        while (true) {
            int id = table[s] - 1;
            if (id < 0) {
                return -1;
            }
            if (id < limit && hashes.get(id) == hash && name(id).equals(key)) {
                return id;
            }
            s = s + 1 & mask;
        }
    }

    /**
     * Returns the key with a number.
     *
     * @param id a number that was given
     * @return the key
     */
    public String name(int id) {
        return page(id >>> SHIFT)[id & (PAGE - 1)];
    }

    private String[] page(int number) {
        Object[] all = pages;
        Object page = PAGES.getAcquire(all, number);
        if (page instanceof PackedKeys packed) {
            String[] keys = packed.unpack(PAGE);
            // Whoever comes second takes the first one's: the writer may have added to that.
            Object before = PAGES.compareAndExchange(all, number, packed, keys);
            return before == packed ? keys : (String[]) before;
        }
        return (String[]) page;
    }

    /**
     * Finds keys by how they begin, without making strings of keys that nobody has read.
     *
     * @param prefix how they begin
     * @param from the first number that is looked at
     * @param to the first that isn't; no more than the reader has learnt of
     * @return their numbers, ascending
     */
    public int[] startingWith(String prefix, int from, int to) {
        byte[] encoded = prefix.getBytes(StandardCharsets.UTF_8);
        return IntStream.range(from, to)
                .filter(id -> PAGES.getAcquire(pages, id >>> SHIFT) instanceof PackedKeys packed
                        ? packed.startsWith(id & (PAGE - 1), encoded)
                        : name(id).startsWith(prefix))
                .toArray();
    }

    /**
     * How many keys have numbers.
     *
     * @return the number that the next new key will have
     */
    public int size() {
        return size;
    }

    private static void insert(int[] table, int id, int hash) {
        int mask = table.length - 1;
        int s = hash & mask;
        while (table[s] != 0) {
            s = s + 1 & mask;
        }
        table[s] = id + 1;
    }

    private int hash(String key) {
        long h = 1;
        for (int i = 0; i < key.length(); i++) {
            // h * point + char, modulo the prime: the product's high bits count for 2^61 = 1, that is 8 = 2^64.
            long low = h * point;
            long high = Math.multiplyHigh(h, point) << 3 | low >>> 61;
            h = (low & PRIME) + high + key.charAt(i);
            h = (h & PRIME) + (h >>> 61);
        }
        h = h >= PRIME ? h - PRIME : h;
        return (int) (h * 0x9e3779b97f4a7c15L >>> 32);
    }

    /**
     * Writes the table. For the writer.
     *
     * @param out takes it
     */
    public void save(ImageWriter out) {
        snapshot().accept(out);
    }

    /**
     * Takes a snapshot of the current content, which any thread can write without a lock while more is added. For the writer.
     *
     * @return writes it, as {@link #save} does
     */
    public Consumer<ImageWriter> snapshot() {
        int count = size;
        int[] table = slots;
        return out -> {
            out.putLong(point);
            out.putInt(count);
            out.putInt(table.length);
            out.putTable(table, count);
            hashes.save(out, count);
            for (int from = 0; from < count; from += PAGE) {
                Object page = PAGES.getAcquire(pages, from >>> SHIFT);
                int n = Math.min(PAGE, count - from);
                PackedKeys packed = page instanceof PackedKeys p ? p : PackedKeys.of((String[]) page, n);
                packed.save(out);
            }
        };
    }

    /**
     * Fills an empty table.
     *
     * @param in what {@link #save} wrote
     */
    public void load(ImageReader in) {
        point = in.getLong();
        int count = in.getCount(8);
        int[] table = in.getTable(count);
        hashes.load(in, count);
        Object[] all = new Object[Math.max(8, (count + PAGE - 1) / PAGE)];
        for (int from = 0; from < count; from += PAGE) {
            all[from >>> SHIFT] = PackedKeys.load(in, Math.min(PAGE, count - from));
        }
        pages = all;
        slots = table;
        size = count;
    }
}
