package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Concurrent events by the thousand, as an insider writes them: whatever was committed, everything goes on. */
@Timeout(300)
class ManyHeadsTest {
    @TempDir
    private Path directory;

    @Test
    void moreHeadsThanAnEventHasParents() {
        heal(10_001);
    }

    @Test
    @Tag("soak")
    void twoHundredThousand() {
        heal(200_000);
    }

    private void heal(int heads) {
        try (Database db = Database.open(directory)) {
            restore(db, concurrent(heads));
            assertThat(db.clock()).hasSize(heads);
            Map<String, String> before = Replicas.documents(db);
            assertThat(before).hasSize(heads);

            db.put("new", Map.of("n", 1));

            assertThat(db.clock()).hasSize(1);
            before.put("new", "{\"n\":1}");
            assertThat(Replicas.documents(db)).isEqualTo(before);
            assertThat(db.verify().problems()).isEmpty();
        }
        try (Database db = Database.open(directory)) {
            assertThat(db.clock()).hasSize(1);
            assertThat(db.summary().documents()).isEqualTo(heads + 1);
            db.delete("new");
            assertThat(db.summary().documents()).isEqualTo(heads);
        }
    }

    /** As a restore does: nobody's quota. */
    static void restore(Database db, List<Event> events) {
        db.replica().commit(new Commit(List.of(), events, Origin.LOCAL));
    }

    /** Events without parents, each of a document of its own. */
    static List<Event> concurrent(int count) {
        List<Event> events = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            events.add(Replicas.put("d" + i, "{\"n\":" + i + "}"));
        }
        return events;
    }
}
