package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Events of a session that were refused: what descends from them is refused, too, or it would wait for them for ever. */
final class RefusedEvents {
    private static final int MOST = 100_000;

    private final Set<Cid> events = new HashSet<>();

    void add(List<Event> refused) {
        refused.forEach(event -> events.add(event.cid()));
    }

    /** Whether there are more than are worth remembering. */
    boolean areTooMany() {
        return events.size() > MOST;
    }

    /** Whether one of these events was refused or has a parent that was. */
    boolean concern(List<Event> others) {
        if (events.isEmpty()) {
            return false;
        }
        for (Event event : others) {
            if (events.contains(event.cid()) || event.parents().stream().anyMatch(events::contains)) {
                return true;
            }
        }
        return false;
    }
}
