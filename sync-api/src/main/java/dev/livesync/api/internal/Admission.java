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
 * The callers of one listener who have not proved anything yet, oldest first: so many in all, and so many of one address.
 *
 * <p>Where there is no room for another, somebody makes room: of the address that has the most places the oldest that has said nothing. If all have
 * said something, it is the oldest that has had its time. So whoever holds places loses them to those who come, and whoever comes and says
 * something at once keeps its own. Any thread.
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
    private final Map<String, Integer> places = new HashMap<>();

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
        boolean addressFull = places.getOrDefault(address, 0) >= mostOfAddress;
        if (addressFull || callers.size() >= most) {
            evicted = toMakeRoom(addressFull ? same : ofLargest(), now);
            if (evicted == null && !addressFull) {
                evicted = toMakeRoom(place -> true, now);
            }
            if (evicted == null) {
                return new Verdict<>(false, null);
            }
            leave(evicted);
        }
        callers.put(caller, new Place(address, now));
        places.merge(address, 1, Integer::sum);
        return new Verdict<>(true, evicted);
    }

    /** The silent ones of the address that has the most places: who comes without end pays for it, and not whoever comes once. */
    private Predicate<Place> ofLargest() {
        String largest = places.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("");
        return place -> !place.spoken && place.address.equals(largest);
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
        Place place = callers.remove(caller);
        if (place != null) {
            places.computeIfPresent(place.address, (address, count) -> count == 1 ? null : count - 1);
        }
    }

    /**
     * Takes all places back.
     *
     * @return who had them, oldest first
     */
    public synchronized List<C> clear() {
        List<C> all = new ArrayList<>(callers.keySet());
        callers.clear();
        places.clear();
        return all;
    }
}
