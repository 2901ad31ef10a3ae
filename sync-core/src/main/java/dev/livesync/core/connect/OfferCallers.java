package dev.livesync.core.connect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who has called for one offer and waits for its answer, in the order in which they came; so many at a time.
 *
 * <p>One more puts out the newest of the address that has the most places. So an address that comes without end puts out its own, and whoever was
 * there before it, or came from elsewhere, stays until the answer is known. A silent caller's age says nothing here: the honest one may have
 * to wait for minutes, until somebody has carried its answer back. Not thread-safe.
 *
 * @param <C> a caller, by its identity
 */
final class OfferCallers<C> {
    private final int most;
    private final Map<C, String> addresses = new LinkedHashMap<>();

    /**
     * Creates one without callers.
     *
     * @param most how many there may be
     */
    OfferCallers(int most) {
        this.most = most;
    }

    /**
     * Adds a caller.
     *
     * @param caller who has come now
     * @param address what counts as one address
     * @param stays tells who has a place whoever comes, the newcomer among them
     * @return who has lost its place for it; the caller itself if it got none; null for nobody
     */
    @Nullable
    C add(C caller, String address, Predicate<C> stays) {
        C leaving = null;
        if (addresses.size() >= most && !stays.test(caller)) {
            leaving = toLeave(address, stays);
            if (leaving == null) {
                return caller;
            }
            addresses.remove(leaving);
        }
        addresses.put(caller, address);
        return leaving;
    }

    private @Nullable C toLeave(String newcomers, Predicate<C> stays) {
        Map<String, Integer> places = new HashMap<>();
        List<C> movable = new ArrayList<>();
        addresses.forEach((caller, address) -> {
            if (!stays.test(caller)) {
                movable.add(0, caller);
                places.merge(address, 1, Integer::sum);
            }
        });
        C leaving = null;
        int largest = 0;
        for (C caller : movable) { // newest first
            String address = addresses.getOrDefault(caller, "");
            // Of addresses with as many places, the newcomer's own has to make room.
            int weight = 2 * places.getOrDefault(address, 0) + (address.equals(newcomers) ? 1 : 0);
            if (weight > largest) {
                largest = weight;
                leaving = caller;
            }
        }
        return leaving;
    }

    /** Whether a caller is here. */
    boolean has(C caller) {
        return addresses.containsKey(caller);
    }

    /** Takes a caller out; false if it is not here. */
    boolean remove(C caller) {
        return addresses.remove(caller) != null;
    }

    /** All of them, oldest first; a copy. */
    List<C> all() {
        return new ArrayList<>(addresses.keySet());
    }

    /** Takes all of them out. */
    List<C> clear() {
        List<C> all = all();
        addresses.clear();
        return all;
    }
}
