package dev.livesync.api.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The callers of one listener or socket who have not proved anything yet, oldest first: so many in all, and so many of one address. Where there is no
 * room for another, the oldest that has said nothing makes room, of the address that has the most places; if all have said something, the oldest that has had its time. Somebody
 * who holds places thereby loses them to whoever comes, and whoever comes and says something at once keeps its own. Any thread.
 *
 * @param <C> a caller, by its identity
 */
public final class Admission<C> {
    /**
     * What became of a caller.
     *
     * @param admitted whether it has a place
     * @param evicted who made room for it, and has no place any more; null for nobody
     * @param <C> a caller
     */
    public record Verdict<C>(boolean admitted, @Nullable C evicted) {}

    private static final class Place {
        final String address;
        final long since;
        boolean spoken;

        Place(String address, long since) {
            this.address = address;
            this.since = since;
        }
    }

    private final int most;
    private final int mostOfAddress;
    private final long patience;
    private final LongSupplier nanos;
    private final Map<C, Place> callers = new LinkedHashMap<>();

    /**
     * Creates one without callers.
     *
     * @param most how many there may be at once
     * @param mostOfAddress how many of one address
     * @param patience how many nanoseconds nobody who has said something is put out
     * @param nanos monotonic time
     */
    public Admission(int most, int mostOfAddress, long patience, LongSupplier nanos) {
        this.most = most;
        this.mostOfAddress = mostOfAddress;
        this.patience = patience;
        this.nanos = nanos;
    }

    /**
     * Gives a caller a place, if there is one or somebody can make room.
     *
     * @param caller who has none
     * @param address what counts as one address
     * @return whether it has one, and who lost it
     */
    public synchronized Verdict<C> admit(C caller, String address) {
        long now = nanos.getAsLong();
        C evicted = null;
        Predicate<Place> same = place -> place.address.equals(address);
        boolean addressFull = callers.values().stream().filter(same).count() >= mostOfAddress;
        if (addressFull || callers.size() >= most) {
            evicted = toMakeRoom(addressFull ? same : ofLargest(), now);
            if (evicted == null && !addressFull) {
                evicted = toMakeRoom(place -> true, now);
            }
            if (evicted == null) {
                return new Verdict<>(false, null);
            }
            callers.remove(evicted);
        }
        callers.put(caller, new Place(address, now));
        return new Verdict<>(true, evicted);
    }

    /** The silent ones of the address that has the most places: who comes without end pays for it, and not whoever comes once. */
    private Predicate<Place> ofLargest() {
        Map<String, Integer> counts = new HashMap<>();
        String largest = "";
        for (Place place : callers.values()) {
            int count = counts.merge(place.address, 1, Integer::sum);
            if (count > counts.getOrDefault(largest, 0)) {
                largest = place.address;
            }
        }
        String crowded = largest;
        return place -> !place.spoken && place.address.equals(crowded);
    }

    private @Nullable C toMakeRoom(Predicate<Place> among, long now) {
        C overdue = null;
        for (Map.Entry<C, Place> entry : callers.entrySet()) {
            Place place = entry.getValue();
            if (among.test(place)) {
                if (!place.spoken) {
                    return entry.getKey();
                }
                if (overdue == null && now - place.since >= patience) {
                    overdue = entry.getKey();
                }
            }
        }
        return overdue;
    }

    /**
     * Notes that a caller has said something.
     *
     * @param caller ignored if it has no place
     */
    public synchronized void spoke(C caller) {
        Place place = callers.get(caller);
        if (place != null) {
            place.spoken = true;
        }
    }

    /**
     * Takes a place back: its caller has proved what it had to, or has gone.
     *
     * @param caller ignored if it has no place
     */
    public synchronized void leave(C caller) {
        callers.remove(caller);
    }

    /**
     * Takes all places back.
     *
     * @return who had them, oldest first
     */
    public synchronized List<C> clear() {
        List<C> all = new ArrayList<>(callers.keySet());
        callers.clear();
        return all;
    }
}
