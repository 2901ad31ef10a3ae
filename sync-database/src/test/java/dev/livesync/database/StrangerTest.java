package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Event;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What README says of a history without a common beginning: it may decide an old conflict anew. */
@ExtendWith(Quiet.class)
class StrangerTest {
    @Test
    void anEventWithoutParentsMayChangeWhoHasWon() {
        try (Database db = Database.inMemory()) {
            Event root = Replicas.put("other", "{}");
            Event near = Replicas.put("k", "{\"by\":\"near\"}", root);
            Event left = Replicas.put("left", "{}", near);
            Event right = Replicas.put("right", "{}", near);
            Event far = Replicas.put("k", "{\"by\":\"far\"}", root);
            Event tip = far;
            Replicas.commit(db, Replicas.PEER, root, near, left, right, far);
            for (int i = 0; i < 4; i++) {
                tip = Replicas.put("far" + i, "{}", tip);
                Replicas.commit(db, Replicas.PEER, tip);
            }
            // Two paths of two steps to the one, one path of five to the other.
            Event merge = Replicas.put("merge", "{}", left, right, tip);
            Replicas.commit(db, Replicas.PEER, merge);
            Event last = merge;
            for (int i = 0; i < 3; i++) {
                last = Replicas.put("later" + i, "{}", last);
                Replicas.commit(db, Replicas.PEER, last);
            }
            assertThat(db.get("k").orElseThrow().json()).isEqualTo("{\"by\":\"near\"}");
            Replicas.commit(db, Replicas.OTHER, Replicas.put("stranger", "{}"));
            assertThat(db.get("k").orElseThrow().json()).isEqualTo("{\"by\":\"far\"}");
            // Whoever writes it decides it.
            db.put("k", "{\"by\":\"me\"}");
            Replicas.commit(db, Replicas.OTHER, Replicas.put("stranger 2", "{}"));
            assertThat(db.get("k").orElseThrow().json()).isEqualTo("{\"by\":\"me\"}");
        }
    }
}
