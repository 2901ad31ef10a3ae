package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who asks about many changes at once is told what each of them alone would have told. */
@ExtendWith(Quiet.class)
class ManyChangesTest {
    private static final int IDS = 60;

    private record Told(boolean conflict, boolean settled, boolean local, String before, String after) {
        static Told by(DocumentChange change) {
            return new Told(
                    change.isConflict(),
                    change.isSettled(),
                    change.isLocal(),
                    change.before().map(Document::json).orElse(""),
                    change.document().map(Document::json).orElse(""));
        }
    }

    @Test
    void manyAreToldAsEachAlone() {
        for (int seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            try (Database db = Database.inMemory()) {
                List<List<Cid>> clocks = new ArrayList<>(List.of(List.of()));
                List<Event> events = new ArrayList<>();
                while (events.size() < 200) {
                    add(db, events, random);
                    if (random.nextInt(20) == 0) {
                        clocks.add(db.clock());
                    }
                }
                List<Cid> clock = clocks.get(random.nextInt(clocks.size()));
                List<DocumentChange> all = db.changesSince(clock).changes();
                List<Told> together = all.stream().map(Told::by).toList();
                for (int i = 0; i < all.size(); i++) {
                    DocumentChange alone = db.changesSince(clock).changes().get(i);
                    assertThat(together.get(i))
                            .as("seed %d, %s since %s", seed, alone.id(), clock)
                            .isEqualTo(Told.by(alone));
                }
            }
        }
    }

    private static void add(Database db, List<Event> events, Random random) {
        String id = "d" + random.nextInt(IDS);
        if (random.nextInt(4) == 0) {
            db.put(id, "{\"here\":" + random.nextInt() + "}");
            return;
        }
        Event[] parents = events.isEmpty() || random.nextInt(10) == 0
                ? new Event[0]
                : random.ints(1 + random.nextInt(2), Math.max(0, events.size() - 5), events.size())
                        .distinct()
                        .mapToObj(events::get)
                        .toArray(Event[]::new);
        Event event = random.nextInt(5) == 0
                ? Replicas.delete(id, true, parents)
                : Replicas.put(id, "{\"there\":" + random.nextInt() + "}", parents);
        Replicas.commit(db, Replicas.PEER, event);
        events.add(event);
    }
}
