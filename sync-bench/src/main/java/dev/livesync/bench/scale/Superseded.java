package dev.livesync.bench.scale;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.Database;
import dev.livesync.database.maintenance.CompactionResult;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;

/** How much of what is superseded a compaction gives back. */
public final class Superseded {
    private final Database database;

    /**
     * Prepares to measure.
     *
     * @param database a filled one
     */
    public Superseded(Database database) {
        this.database = database;
    }

    /**
     * What was measured.
     *
     * @param superseded content that is neither an event nor in the tree of the documents, in bytes
     * @param returned by how much the files became smaller
     */
    public record Figures(long superseded, long returned) {}

    /**
     * Puts random documents again, one by one, and compacts.
     *
     * @param documents how many there are
     * @param puts how many to put
     * @param seed chooses
     * @return bytes
     */
    public Figures run(int documents, int puts, long seed) {
        Store store = new Store(database, seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < puts; i++) {
            store.put(random.nextInt(documents), 1 + i);
        }
        long superseded = superseded();
        CompactionResult done = database.compact();
        return new Figures(superseded, done.bytesBefore() - done.bytesAfter());
    }

    private long superseded() {
        try (Snapshot snapshot = database.replica().snapshot()) {
            long bytes = snapshot.summary().bytes();
            for (Iterator<Block> nodes = snapshot.tree(snapshot.heads().get(0)).blocks(); nodes.hasNext(); ) {
                bytes -= nodes.next().size();
            }
            for (Iterator<Cid> events = snapshot.eventsSince(List.of()); events.hasNext(); ) {
                Block block = snapshot.block(events.next());
                bytes -= block == null ? 0 : block.size();
            }
            return bytes;
        }
    }
}
