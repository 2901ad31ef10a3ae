package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.Database;
import dev.livesync.transport.memory.MemoryNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** An insider writes more concurrent events than any message or event can name; its honest peers sync and heal. */
@Timeout(600)
class ManyHeadsSyncTest {
    private static final Cid SOME_ROOT = Cid.hash(Cid.DAG_CBOR, new byte[] {7});

    @Test
    void honestPeersGoOn() throws Exception {
        goOn(10_001);
    }

    @Test
    @Tag("soak")
    void honestPeersGoOnWithTwoHundredThousand() throws Exception {
        goOn(200_000);
    }

    private static void goOn(int heads) throws Exception {
        try (Database insider = Database.inMemory();
                Database hub = Database.inMemory();
                Database late = Database.inMemory()) {
            flood(insider, heads);
            hub.put("honest", Map.of("n", 1));
            syncUntilEqual(insider, hub);
            assertThat(hub.summary().documents()).isEqualTo(heads + 1);

            hub.put("honest", Map.of("n", 2));
            assertThat(hub.clock()).hasSize(1);

            syncUntilEqual(hub, late);
            late.put("late", Map.of("n", 3));
            syncUntilEqual(late, hub);
            syncUntilEqual(hub, insider);
            assertThat(insider.clock()).hasSize(1).isEqualTo(late.clock());
            assertThat(insider.summary().documents()).isEqualTo(heads + 2);
        }
    }

    private static void syncUntilEqual(Database left, Database right) throws Exception {
        MemoryNetwork network = new MemoryNetwork();
        try (Sync a = Sync.builder(left).transport(network.provider()).build();
                Sync b = Sync.builder(right).transport(network.provider()).build()) {
            String address = a.listen("memory:left").get(10, TimeUnit.SECONDS).address();
            Session session = b.dial(address).get(60, TimeUnit.SECONDS);
            session.awaitEqual().get(300, TimeUnit.SECONDS);
        }
        assertThat(left.clock()).isEqualTo(right.clock());
    }

    private static void flood(Database db, int heads) {
        List<Event> events = new ArrayList<>(heads);
        for (int i = 0; i < heads; i++) {
            Encoded document = Encoded.of(new Value.Mapping(Map.of("n", new Value.Int(i))));
            events.add(Events.put(Keys.ofId("d" + i), document, SOME_ROOT, List.of()));
        }
        db.replica().commit(new Commit(List.of(), events, Origin.LOCAL));
    }
}
