package dev.livesync.database;

import static dev.livesync.database.Replicas.PEER;
import static dev.livesync.database.Replicas.put;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * What a database is used for in an hour, from a seed: puts, batches, deletes, syncs with whole and with missing histories, compactions,
 * restarts. The same seed makes the same events on any disk.
 */
final class Script {
    /** What may be done. */
    @FunctionalInterface
    interface Step extends Consumer<Database> {}

    /** A database as its users see it. */
    record Seen(List<Cid> clock, Map<String, String> documents, long events, long pending) {
        static Seen of(Database db) {
            return new Seen(
                    db.clock(),
                    Replicas.documents(db),
                    db.summary().events(),
                    db.summary().pending());
        }
    }

    final List<Step> steps = new ArrayList<>();
    private final Random random;
    private final Database peer = Database.inMemory();
    private Event absent = put("absent", "{}");

    /** The options for small segments; nothing in them depends on time. */
    static DatabaseOptions options(long seed) {
        return DatabaseOptions.builder()
                .segmentBytes(2_048)
                .time(() -> Instant.EPOCH)
                .random(new Random(seed))
                .build();
    }

    Script(long seed, int count) {
        random = new Random(seed);
        for (int i = 0; i < count; i++) {
            steps.add(step(i));
        }
        peer.close();
    }

    private Step step(int i) {
        String id = "k" + random.nextInt(12);
        String text = "z".repeat(random.nextInt(500));
        switch (random.nextInt(13)) {
            case 0 -> {
                return db -> db.write(b -> b.put(id, "{}").put(id + "b", "{}").put("n" + i, "{}"));
            }
            case 1 -> {
                return db -> {
                    if (db.get(id).isPresent()) {
                        db.delete(id);
                    }
                };
            }
            case 2 -> { // a peer's own history, with its trees
                peer.put("p" + id, "{\"n\":" + i + "}");
                List<Block> nodes = Replicas.nodes(peer);
                List<Event> events = Replicas.events(peer);
                return db -> db.replica().commit(new Commit(nodes, events, PEER));
            }
            case 3 -> {
                Event waiting = put("late" + i, "{\"r\":" + i + "}", absent);
                return db -> Replicas.commit(db, PEER, waiting);
            }
            case 4 -> {
                Event arrived = absent;
                absent = put("absent", "{\"n\":" + i + "}");
                return db -> Replicas.commit(db, PEER, arrived);
            }
            case 5, 6 -> {
                return Database::compact;
            }
            case 7 -> {
                return null; // a restart
            }
            default -> {
                return db -> db.put(id, Map.of("text", text, "i", i));
            }
        }
    }

    /** What is seen after each step, first before any; on a disk that never fails. */
    List<Seen> play() {
        List<Seen> seen = new ArrayList<>();
        Database db = Database.inMemory(options(1));
        seen.add(Seen.of(db));
        for (Step step : steps) {
            if (step != null) {
                step.accept(db);
            }
            seen.add(Seen.of(db));
        }
        db.close();
        return seen;
    }
}
