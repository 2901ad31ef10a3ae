package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.Database;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A batch of which two peers left a part each at a hub, and which no peer of the hub's may leave whole: nobody waits for it for ever. */
class OverQuotaTest {
    /** Seven of them are over the 64 MiB that one peer may leave pending; six are not. */
    private static final int DOCUMENT = 10 << 20;

    private static final int BATCH = 12;
    private static final Cid SOME_ROOT = Cid.hash(Cid.DAG_CBOR, new byte[] {7});

    @TempDir
    private Path directory;

    private static List<Event> batch() {
        List<Event> events = new ArrayList<>();
        List<Cid> parents = List.of();
        for (int i = 0; i < BATCH; i++) {
            Value document = new Value.Mapping(Map.of("t", new Value.Text("x".repeat(DOCUMENT))));
            Cid root = i == BATCH - 1 ? SOME_ROOT : null;
            Event event = Events.put(Keys.ofId("d" + i), Encoded.of(document), root, parents);
            events.add(event);
            parents = List.of(event.cid());
        }
        return events;
    }

    private static void commit(Database database, String peer, List<Event> events) {
        for (Event event : events) {
            database.replica().commit(new Commit(List.of(), List.of(event), new Origin("session of " + peer, peer)));
        }
    }

    @Test
    @Tag("soak")
    void dialOnceSaysThatItIsNotEqualAndEnds() {
        Path hub = directory.resolve("hub");
        Path leaf = directory.resolve("leaf");
        List<Event> batch = batch();
        try (Database database = Database.open(hub)) {
            commit(database, "one", batch.subList(0, BATCH / 2));
            commit(database, "two", batch.subList(BATCH / 2, BATCH));
            assertThat(database.summary().pending()).isZero();
            assertThat(database.summary().documents()).isEqualTo(BATCH);
        }
        try (Command listen = Command.start("listen", hub, "ws://127.0.0.1:0/")) {
            String address = listen.line(1);
            try (Command dial = Command.start("dial", leaf, address, "--once")) {
                dial.message(line -> line.contains("waiting until both sides are equal"));
                assertThat(dial.failed(1))
                        .startsWith("livesync: peer ws://")
                        .contains("has not sent all ancestors of its own heads")
                        .contains("over the limit for one peer")
                        .doesNotContain("pendingBytesPerPeer");
            }
            listen.terminate();
            assertThat(listen.exitCode()).as(listen::toString).isZero();
        }
        Stored.intact(leaf, "the leaf");
        Stored.intact(hub, "the hub");
    }
}
