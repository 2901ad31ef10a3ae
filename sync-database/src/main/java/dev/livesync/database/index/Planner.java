package dev.livesync.database.index;

import dev.livesync.api.Value;
import dev.livesync.database.order.IdOrder;
import dev.livesync.database.order.SortableBytes;
import dev.livesync.database.order.ValueOrder;
import dev.livesync.database.query.Condition;
import dev.livesync.database.query.PageKey;
import dev.livesync.database.query.Query;
import dev.livesync.database.query.Query.FieldCondition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Chooses what a query goes by. An index gives all documents that can match and perhaps others, so whoever goes by it still asks the query of each.
 *
 * <p>Of an index it uses: the fields that have to be equal to something, from the first on; then a range, a prefix or a list of values of the next one; and the order of the fields that
 * are left, if it is the query's. How many entries that are is counted, not guessed.
 */
public final class Planner {
    /** Where other conditions leave something out, as many are looked at for each that is found, it is assumed. */
    private static final long LOOKS = 64;
    /** Looking at so few costs less than finding out what else there is. */
    private static final long FEW = 16;

    private final Query query;
    private final IntFunction<String> names;

    private Planner(Query query, IntFunction<String> names) {
        this.query = query;
        this.names = names;
    }

    /**
     * Chooses an index.
     *
     * @param query what to find
     * @param indexes what there is
     * @param names of the keys
     * @param others counts the documents that are to be looked at without an index; not asked if an index leaves next to none
     * @return what to look at; null if no index leaves less to look at
     */
    public static @Nullable IndexScan choose(
            Query query, Indexes indexes, IntFunction<String> names, LongSupplier others) {
        Planner planner = new Planner(query, names);
        long least = Long.MAX_VALUE;
        IndexScan best = null;
        for (Index index : indexes.all()) {
            if (index.isWhole() && planner.serves(index)) {
                IndexScan scan = planner.scan(index);
                long cost = cost(query, scan.size(), scan.isOrdered(), planner.leavesNothing(index));
                if (best == null || cost < least || cost == least && scan.isOrdered() && !best.isOrdered()) {
                    least = cost;
                    best = scan;
                }
            }
        }
        if (best == null || least <= FEW) {
            return best;
        }
        long without = cost(
                query,
                others.getAsLong(),
                query.order().isEmpty(),
                query.conditions().isEmpty());
        return least < without || least == without && best.isOrdered() ? best : null;
    }

    private static long cost(Query query, long candidates, boolean ordered, boolean allMatch) {
        long limit = query.limit().orElse(Long.MAX_VALUE);
        if (!ordered || limit >= candidates) {
            return candidates;
        }
        return allMatch ? limit : Math.min(candidates, limit >= Long.MAX_VALUE / LOOKS ? limit : LOOKS * limit);
    }

    private boolean serves(Index index) {
        return index.definition().idPrefix().isEmpty()
                || query.idPrefixes().stream().anyMatch(index::holds);
    }

    /** Whether all conditions are met by what the index gives; said only where that is plain. */
    private boolean leavesNothing(Index index) {
        List<String> fixed = index.definition().pointers().subList(0, fixed(index));
        return query.firstId().isEmpty()
                && query.endId().isEmpty()
                && query.conditions().stream()
                        .allMatch(c -> c.condition() instanceof Condition.Equal && fixed.contains(c.pointer()));
    }

    /** How many fields, from the first on, have to be equal to something. */
    private int fixed(Index index) {
        List<String> pointers = index.definition().pointers();
        int fixed = 0;
        while (fixed < pointers.size() && equal(pointers.get(fixed)) != null) {
            fixed++;
        }
        return fixed;
    }

    private @Nullable Value equal(String pointer) {
        return query.conditions().stream()
                .filter(c -> c.pointer().equals(pointer))
                .map(FieldCondition::condition)
                .filter(Condition.Equal.class::isInstance)
                .map(c -> ((Condition.Equal) c).value())
                .findFirst()
                .orElse(null);
    }

    private IndexScan scan(Index index) {
        List<String> pointers = index.definition().pointers();
        SortableBytes bytes = new SortableBytes();
        int fixed = fixed(index);
        pointers.subList(0, fixed).forEach(pointer -> bytes.add(equal(pointer)));
        boolean ordered = isOrder(pointers.subList(fixed, pointers.size()));
        List<byte[]> ranges = fixed < pointers.size()
                ? ranges(bytes, pointers.get(fixed))
                : List.of(bytes.toByteArray(), bytes.after());
        int[] bounds = ranges.stream().mapToInt(bound -> rank(index, bound, "")).toArray();
        for (int i = 0; i < bounds.length; i += 2) {
            bounds[i + 1] = Math.max(bounds[i], bounds[i + 1]);
        }
        if (ordered) {
            clip(index, bounds);
        }
        return new IndexScan(index, bounds, ordered);
    }

    private int rank(Index index, byte[] bytes, String key) {
        return index.tree().rank(bytes, key, names);
    }

    /** Whether the query's order is that of these fields and then of the ids. */
    private boolean isOrder(List<String> pointers) {
        Set<String> order = new LinkedHashSet<>(query.order());
        order.removeIf(pointer -> equal(pointer) != null);
        return new ArrayList<>(order).equals(pointers);
    }

    /** The ranges of an index's next field that can match, as bytes, each from one inclusive to the next exclusive. */
    private List<byte[]> ranges(SortableBytes bytes, String pointer) {
        int size = bytes.size();
        byte[] lower = bytes.toByteArray();
        byte[] upper = bytes.after();
        for (FieldCondition each : query.conditions()) {
            if (!each.pointer().equals(pointer)) {
                continue;
            }
            Condition condition = each.condition();
            if (condition instanceof Condition.OneOf oneOf) {
                return values(bytes, size, oneOf);
            }
            List<byte[]> range = range(bytes, size, condition);
            lower = Arrays.compareUnsigned(lower, range.get(0)) < 0 ? range.get(0) : lower;
            upper = Arrays.compareUnsigned(upper, range.get(1)) > 0 ? range.get(1) : upper;
        }
        return List.of(lower, upper);
    }

    private static List<byte[]> values(SortableBytes bytes, int size, Condition.OneOf oneOf) {
        List<byte[]> ranges = new ArrayList<>();
        byte[] before = null;
        for (Value value : oneOf.values()) {
            bytes.truncate(size);
            bytes.add(value);
            byte[] from = bytes.toByteArray();
            if (before == null || !Arrays.equals(before, from)) { // else both were cut
                ranges.add(from);
                ranges.add(bytes.after());
                before = from;
            }
        }
        return ranges;
    }

    private static List<byte[]> range(SortableBytes bytes, int size, Condition condition) {
        bytes.truncate(size);
        byte[] lower = bytes.toByteArray();
        byte[] upper = bytes.after();
        if (condition instanceof Condition.Existence presence) {
            bytes.addRank(ValueOrder.rank(null));
            lower = presence.present() ? lower(bytes, true) : lower(bytes, false);
            upper = presence.present() ? upper : bytes.after();
        } else if (condition instanceof Condition.TextPrefix prefix) {
            bytes.addPrefix(prefix.prefix());
            lower = lower(bytes, false);
            upper = upper(bytes, false);
        } else if (condition instanceof Condition.Range range) {
            add(bytes, range.lower(), range.upper(), false);
            lower = lower(bytes, range.lower() != null && range.lowerOpen());
            bytes.truncate(size);
            add(bytes, range.upper(), range.lower(), true);
            upper = upper(bytes, range.upper() != null && range.upperOpen());
        }
        return List.of(lower, upper);
    }

    /** Adds a bound, or where there is none what bounds all values of the other bound's type. */
    private static void add(SortableBytes bytes, @Nullable Value bound, @Nullable Value other, boolean last) {
        if (bound != null) {
            bytes.add(bound);
        } else {
            bytes.addRank(ValueOrder.rank(other instanceof Value.Bool ? new Value.Bool(last) : other));
        }
    }

    /** What was cut may stand for more than the bound, which then isn't left out. */
    private static byte[] lower(SortableBytes bytes, boolean open) {
        return open && !SortableBytes.isCut(bytes.size()) ? bytes.after() : bytes.toByteArray();
    }

    private static byte[] upper(SortableBytes bytes, boolean open) {
        return open && !SortableBytes.isCut(bytes.size()) ? bytes.toByteArray() : bytes.after();
    }

    /** Leaves out what comes before the page. */
    private void clip(Index index, int[] bounds) {
        PageKey after = query.after().orElse(null);
        if (after == null) {
            return;
        }
        SortableBytes bytes = new SortableBytes();
        List<String> order = query.order();
        for (String pointer : index.definition().pointers()) {
            Value equal = equal(pointer);
            int at = order.indexOf(pointer);
            bytes.add(equal != null || at < 0 ? equal : value(after, at));
        }
        boolean cut = SortableBytes.isCut(bytes.size());
        String key = IdOrder.bound(after.id());
        int rank;
        if (query.isDescending()) {
            rank = cut ? rank(index, bytes.after(), "") : rank(index, bytes.toByteArray(), key);
        } else {
            // No key has U+0000, so this comes right behind it.
            rank = cut ? rank(index, bytes.toByteArray(), "") : rank(index, bytes.toByteArray(), key + '\0');
        }
        for (int i = 0; i < bounds.length; i += 2) {
            if (query.isDescending()) {
                bounds[i + 1] = Math.max(bounds[i], Math.min(bounds[i + 1], rank));
            } else {
                bounds[i] = Math.min(bounds[i + 1], Math.max(bounds[i], rank));
            }
        }
    }

    private static @Nullable Value value(PageKey key, int at) {
        List<Value> wrapped = key.values().get(at).items();
        return wrapped.isEmpty() ? null : wrapped.get(0);
    }
}
