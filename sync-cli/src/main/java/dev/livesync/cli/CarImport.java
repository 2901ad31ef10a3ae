package dev.livesync.cli;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.CarReader;
import dev.livesync.car.CarSeal;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.car.Limits;
import dev.livesync.database.Database;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Takes a CAR into a database, section by section, each of them durable. Blocks that are there already change nothing. */
final class CarImport {
    private static final int SECTION_BYTES = 4 << 20;
    private static final int SECTION_BLOCKS = 10_000;

    /** A database may have been exported with any number of heads. */
    private static final Limits LIMITS = Limits.DEFAULT.toBuilder()
            .headerBytes(1 << 28)
            .roots(Integer.MAX_VALUE)
            .build();

    private final Database database;
    private final String file;
    private final Acknowledge acknowledge;
    private final LongConsumer progress;
    private final Origin origin = new Origin("import-" + UUID.randomUUID(), "import");
    private final List<Block> blocks = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final CarSeal seal = new CarSeal();
    private long bytes;
    private long seen;
    private long accepted;

    CarImport(Database database, String file, Acknowledge acknowledge, LongConsumer progress) {
        this.database = database;
        this.file = file;
        this.acknowledge = acknowledge;
        this.progress = progress;
    }

    /** Imports the CAR and returns how many events became complete through it. */
    long run(InputStream in) throws IOException {
        CarReader car = new CarReader(in, LIMITS);
        List<Cid> roots;
        Block held = null;
        try {
            roots = car.roots();
            for (Block block = car.next(); block != null; block = car.next()) {
                if (held != null) {
                    seal.add(held.cid());
                    add(held);
                }
                held = block;
            }
        } catch (SyncException e) {
            addLast(held);
            flush();
            throw new SyncException(
                    e.kind(), file + ": " + e.getMessage() + " (" + seen + " blocks before it stored)", e);
        }
        addLast(held);
        flush();
        requireComplete(roots);
        return accepted;
    }

    /** The seal of a backup is no part of the database. */
    private void addLast(@Nullable Block block) {
        if (block != null && !seal.isSealedBy(block)) {
            add(block);
        }
    }

    private void add(Block block) {
        Optional<Event> event = Events.tryDecode(block, Limits.DEFAULT);
        event.ifPresentOrElse(events::add, () -> blocks.add(block));
        seen++;
        bytes += block.size();
        if (bytes >= SECTION_BYTES || blocks.size() + events.size() >= SECTION_BLOCKS) {
            flush();
        }
    }

    private void flush() {
        if (blocks.isEmpty() && events.isEmpty()) {
            return;
        }
        CommitResult result = database.replica().commit(new Commit(blocks, events, origin));
        blocks.clear();
        events.clear();
        bytes = 0;
        accepted += result.accepted().size();
        acknowledge.stored(documents(result.accepted()));
        progress.accept(accepted);
    }

    private List<String> documents(List<Cid> complete) {
        List<String> ids = new ArrayList<>();
        try (Snapshot snapshot = database.replica().snapshot()) {
            for (Cid cid : complete) {
                Event event = snapshot.event(cid);
                if (event != null && event.type() == Event.Type.PUT) {
                    ids.add(Keys.toId(event.key()));
                }
            }
        }
        return ids;
    }

    private void requireComplete(List<Cid> roots) {
        try (Snapshot snapshot = database.replica().snapshot()) {
            for (Cid root : roots) {
                if (snapshot.event(root) == null) {
                    throw new SyncException(
                            ErrorKind.MALFORMED,
                            file + ": its root " + root
                                    + " is no event, or waits for events that are not in the file; what is complete was stored");
                }
            }
        }
    }
}
