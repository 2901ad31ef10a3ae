package dev.livesync.bench.many;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Every event that any {@link LightReplica} of this process has, each once and with a number. Any thread. */
final class CommonEvents {
    private final Map<Cid, Integer> numbers = new ConcurrentHashMap<>();
    private final List<Event> events = new ArrayList<>();

    /** The number of an event, which is added where it is new. */
    int number(Event event) {
        Integer known = numbers.get(event.cid());
        return known != null ? known : add(event);
    }

    private synchronized int add(Event event) {
        Integer known = numbers.get(event.cid());
        if (known != null) {
            return known;
        }
        int number = events.size();
        events.add(event);
        numbers.put(event.cid(), number);
        return number;
    }

    /** The number of an event; -1 if nobody has it. */
    int number(Cid cid) {
        return numbers.getOrDefault(cid, -1);
    }

    synchronized Event event(int number) {
        return events.get(number);
    }
}
