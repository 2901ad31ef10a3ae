package dev.livesync.bench.peer;

import dev.livesync.database.DocumentListener;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** When each document changed for the first time since {@link #forget}. Any thread. */
final class Arrivals implements DocumentListener {
    private final Map<String, Long> times = new ConcurrentHashMap<>();

    @Override
    public void changed(List<String> ids) {
        long now = Clock.micros();
        for (String id : ids) {
            times.putIfAbsent(id, now);
        }
    }

    void forget() {
        times.clear();
    }

    int count() {
        return times.size();
    }

    /** The microsecond; fails for a document that has not arrived. */
    long time(String id) {
        Long time = times.get(id);
        if (time == null) {
            throw new IllegalStateException(id + " has not arrived");
        }
        return time;
    }
}
