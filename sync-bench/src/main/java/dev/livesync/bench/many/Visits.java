package dev.livesync.bench.many;

import dev.livesync.api.Event;
import dev.livesync.bench.peer.Clock;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.database.DocumentListener;
import java.util.List;

/** When documents of some numbers came to one peer. Any thread. */
final class Visits implements DocumentListener {
    private static final int PREFIX = SampleDocuments.id(0).length() - 7;

    private int from;
    private long[] times = new long[0];
    private int left;

    /** From now on these are waited for. */
    synchronized void watch(int first, int count) {
        from = first;
        times = new long[count];
        left = count;
    }

    void arrived(Event event) {
        String key = event.key();
        arrived(key.substring(key.indexOf("doc-")));
    }

    private synchronized void arrived(String id) {
        int at = Integer.parseInt(id, PREFIX, id.length(), 10) - from;
        if (at >= 0 && at < times.length && times[at] == 0) {
            times[at] = Clock.micros();
            left--;
        }
    }

    @Override
    public void changed(List<String> ids) {
        ids.forEach(this::arrived);
    }

    synchronized boolean isComplete() {
        return left == 0;
    }

    synchronized long[] times() {
        return times.clone();
    }
}
