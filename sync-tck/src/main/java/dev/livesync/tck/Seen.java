package dev.livesync.tck;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a snapshot told at one moment. */
record Seen(Cursor cursor, List<Cid> heads, Set<Cid> events, List<Cid> stored, Summary summary) {
    static Seen of(Snapshot s) {
        return new Seen(
                s.cursor(),
                s.heads(),
                new HashSet<>(ReplicaSubject.list(s.eventsSince(List.of()))),
                ReplicaSubject.list(s.storedCids()),
                s.summary());
    }

    /** That another look found the same, but for the cursor, of which a replica may have several for one place. */
    void requireSame(String when, Seen later) {
        Expect.equal(when + ": the heads", heads, later.heads);
        Expect.sameOnce(when + ": the complete events", events, later.events);
        Expect.equal(when + ": the stored CIDs", stored, later.stored);
        Expect.equal(when + ": the summary", summary, later.summary);
    }
}
