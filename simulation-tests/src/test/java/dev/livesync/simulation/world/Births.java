package dev.livesync.simulation.world;

import dev.livesync.api.Cid;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who wrote which event, and when: so that one that has no business where it is can be told. */
final class Births {
    /**
     * The first that was seen of an event.
     *
     * @param author whose it is
     * @param at nanoseconds of the world
     */
    record Birth(Machine author, long at) {}

    private final Map<Cid, Birth> known = new HashMap<>();

    void born(Cid event, Machine author, long at) {
        known.putIfAbsent(event, new Birth(author, at));
    }

    @Nullable
    Birth of(Cid event) {
        return known.get(event);
    }
}
