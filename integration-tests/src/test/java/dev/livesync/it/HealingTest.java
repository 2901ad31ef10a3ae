package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Keys;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.Document;
import dev.livesync.database.maintenance.RepairResult;
import dev.livesync.database.maintenance.Verification;
import dev.livesync.transport.memory.MemoryNetwork;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A bit flips somewhere in a database's files: {@code verify} names the block, reading it fails, everything else is read, a repair
 * keeps what is intact, and the next sync with a peer brings the rest.
 */
@Timeout(1_200)
class HealingTest {
    private static final DatabaseOptions OPTIONS =
            DatabaseOptions.builder().segmentBytes(1 << 14).build();

    @TempDir
    private Path root;

    /** The files of a database that was closed, by name. */
    private final Map<String, byte[]> files = new TreeMap<>();

    private final List<Event> events = new ArrayList<>();
    private Path whole = Path.of("");

    @BeforeEach
    void fill() throws IOException {
        whole = root.resolve("whole");
        try (Database db = Database.open(whole, OPTIONS)) {
            for (int i = 0; i < 60; i++) {
                db.put("d" + i % 25, Map.of("n", i, "text", "t".repeat(100 + i)));
            }
            db.delete("d3");
            try (Snapshot snapshot = db.replica().snapshot()) {
                for (Iterator<Cid> all = snapshot.eventsSince(List.of()); all.hasNext(); ) {
                    events.add(snapshot.event(all.next()));
                }
            }
        }
        try (Stream<Path> all = Files.list(whole)) {
            for (Path file : all.toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        assertThat(files).as("so that a damaged database opens").containsKey("checkpoint.idx");
    }

    @Test
    void aFewBits() throws Exception {
        heal(10, System.nanoTime());
    }

    @Test
    @Tag("soak")
    void manyBits() throws Exception {
        heal(500, System.nanoTime());
    }

    private void heal(int times, long seed) throws Exception {
        List<String> segments = files.keySet().stream()
                .filter(name -> name.startsWith("segment"))
                .toList();
        for (int i = 0; i < times; i++) {
            Random random = new Random(seed + i);
            String name = segments.get(random.nextInt(segments.size()));
            int at = random.nextInt(files.get(name).length);
            String context = "seed " + (seed + i) + ", byte " + at + " of " + name;
            Event hit = events.get(random.nextInt(events.size()));
            if (i % 2 == 0) { // inside a certain event's block
                name = where(hit.block());
                at = indexOf(files.get(name), hit.block())
                        + random.nextInt(hit.block().size());
                context = "seed " + (seed + i) + ", event " + hit.cid() + ", byte " + at + " of " + name;
            }
            Path damaged = root.resolve("damaged-" + i);
            copy(damaged, name, at, random.nextInt(8));
            try {
                if (i % 2 == 0) {
                    namedAndNotRead(damaged, hit);
                }
                repairAndSync(damaged);
            } catch (AssertionError | SyncException e) {
                throw new AssertionError(context + ": " + e.getMessage(), e);
            }
        }
    }

    private void copy(Path to, String name, int at, int bit) throws IOException {
        Files.createDirectory(to);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            byte[] bytes = file.getValue().clone();
            if (file.getKey().equals(name)) {
                bytes[at] ^= (byte) (1 << bit);
            }
            Files.write(to.resolve(file.getKey()), bytes);
        }
    }

    private void namedAndNotRead(Path directory, Event hit) {
        Verification found = Database.verify(directory);
        assertThat(found.problems()).anyMatch(p -> p.contains(hit.cid().toString()));
        try (Database db = Database.open(directory, OPTIONS)) {
            String damaged = Keys.toId(hit.key());
            for (int i = 0; i < 25; i++) {
                String id = "d" + i;
                if (id.equals(damaged) && isCurrent(hit) && hit.type() == Event.Type.PUT) {
                    assertThatThrownBy(() -> db.get(id)).isInstanceOfSatisfying(SyncException.class, e -> {
                        assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
                        assertThat(e.getMessage()).contains(hit.cid().toString(), "segment-");
                    });
                } else {
                    assertThat(db.get(id).isPresent()).as(id).isEqualTo(i != 3);
                }
            }
            assertThatThrownBy(() -> block(db, hit.cid()))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT));
        }
    }

    /** The history is linear: the last put of a document is the one that is read. */
    private boolean isCurrent(Event event) {
        return events.stream()
                .filter(e -> e.key().equals(event.key()))
                .reduce((earlier, later) -> later)
                .filter(event::equals)
                .isPresent();
    }

    private static Block block(Database db, Cid cid) {
        try (Snapshot snapshot = db.replica().snapshot()) {
            return snapshot.block(cid);
        }
    }

    private void repairAndSync(Path directory) throws Exception {
        RepairResult repaired = Database.repair(directory);
        assertThat(repaired.after().problems()).isEmpty();
        assertThat(repaired.after().events() + repaired.after().pending())
                .as("all but what one record held")
                .isGreaterThanOrEqualTo(events.size() - 1);
        MemoryNetwork network = new MemoryNetwork();
        try (Database mended = Database.open(directory, OPTIONS);
                Database peer = Database.open(whole, OPTIONS)) {
            try (Sync a = Sync.builder(mended).transport(network.provider()).build();
                    Sync b = Sync.builder(peer).transport(network.provider()).build()) {
                String address =
                        a.listen("memory:mended").get(60, TimeUnit.SECONDS).address();
                Session session = b.dial(address).get(60, TimeUnit.SECONDS);
                session.awaitEqual().get(60, TimeUnit.SECONDS);
            }
            assertThat(mended.clock()).isEqualTo(peer.clock());
            assertThat(mended.all().stream().map(Document::json))
                    .containsExactlyElementsOf(
                            peer.all().stream().map(Document::json).toList());
            assertThat(mended.summary().events()).isEqualTo(events.size());
            assertThat(mended.verify().problems()).isEmpty();
        }
    }

    private String where(Block block) {
        return files.keySet().stream()
                .filter(name -> name.startsWith("segment") && indexOf(files.get(name), block) >= 0)
                .findFirst()
                .orElseThrow();
    }

    private static int indexOf(byte[] bytes, Block block) {
        String all = new String(bytes, StandardCharsets.ISO_8859_1);
        return all.indexOf(new String(block.toByteArray(), StandardCharsets.ISO_8859_1));
    }
}
