package dev.livesync.bench.workload;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.Document;
import java.util.ArrayList;
import java.util.List;

/** Events as a database writes them, without a database. */
public final class Corpus {
    private Corpus() {}

    /**
     * A chain: each puts the next document after the one before.
     *
     * @param documents what is put
     * @param count how many
     * @return parents before children
     */
    public static List<Event> chain(SampleDocuments documents, int count) {
        List<Event> events = new ArrayList<>(count);
        List<Cid> clock = List.of();
        for (int i = 0; i < count; i++) {
            Encoded value = Encoded.of(
                    Document.of(SampleDocuments.id(i), documents.json(i)).value());
            Event event = Events.put(Keys.ofId(SampleDocuments.id(i)), value, null, clock);
            events.add(event);
            clock = List.of(event.cid());
        }
        return events;
    }
}
