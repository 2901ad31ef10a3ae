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
import dev.livesync.car.CarV2;
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

/**
 * Takes a CAR into a database, section by section, each of them durable. Blocks that are there already change nothing. Nothing is stored before
 * the first event has come: a CAR of something else leaves nothing behind.
 */
final class CarImport {
    private static final int SECTION_BYTES = 4 << 20;
    private static final int SECTION_BLOCKS = 10_000;

    /** The limits for reading: a database may have been exported with any number of heads. */
    private static final Limits LIMITS = Limits.DEFAULT.toBuilder()
            .headerBytes(1 << 28)
            .roots(Integer.MAX_VALUE)
            .build();

    /** Backups begin with events; alphas write a tree, of nodes of at most a few KiB, before each. */
    private static final int MAX_BYTES_BEFORE_EVENTS = 32 << 20;

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
    private long stored;
    private long accepted;
    private boolean eventSeen;

    CarImport(Database database, String file, Acknowledge acknowledge, LongConsumer progress) {
        this.database = database;
        this.file = file;
        this.acknowledge = acknowledge;
        this.progress = progress;
    }

    /** Imports a CAR of version 1 and returns how many events became complete through it. */
    long run(InputStream in) throws IOException {
        return run(in, "CAR");
    }

    /** Imports the CAR inside one of version 2 and returns how many events became complete through it. */
    long runV2(InputStream in) throws IOException {
        InputStream inner;
        try {
            inner = CarV2.inner(in);
        } catch (SyncException e) {
            throw new SyncException(e.kind(), file + ": " + e.getMessage(), e);
        }
        long events = run(inner, "CAR version 2");
        if (!eventSeen) {
            throw noEvent("CAR version 2");
        }
        return events;
    }

    private SyncException noEvent(String what) {
        return new SyncException(
                ErrorKind.UNSUPPORTED, file + ": a " + what + " with no event of a database in it; nothing was stored");
    }

    private long run(InputStream in, String what) throws IOException {
        List<Cid> roots;
        try {
            roots = takeAll(new CarReader(in, LIMITS));
        } catch (SyncException e) {
            throw new SyncException(
                    e.kind(), file + ": " + e.getMessage() + " (" + stored + " blocks before it stored)", e);
        }
        if (!eventSeen && (seen > 0 || !roots.isEmpty())) {
            throw noEvent(what);
        }
        requireComplete(roots);
        return accepted;
    }

    /** Takes the blocks up to the end or to what cannot be read, and gives the roots. */
    private List<Cid> takeAll(CarReader car) throws IOException {
        List<Cid> roots = car.roots();
        Block held = null;
        SyncException unreadable = null;
        for (boolean more = true; more; ) {
            Block block = null;
            try {
                block = car.next();
            } catch (SyncException e) {
                unreadable = e;
            }
            more = block != null;
            if (held != null && (more || !seal.isSealedBy(held))) { // the seal of a backup is no part of the database
                seal.add(held.cid());
                add(held);
            }
            held = block;
        }
        flush();
        if (unreadable != null) {
            throw unreadable;
        }
        return roots;
    }

    private void add(Block block) {
        Optional<Event> event = Events.tryDecode(block, Limits.DEFAULT);
        event.ifPresentOrElse(events::add, () -> blocks.add(block));
        eventSeen |= event.isPresent();
        seen++;
        bytes += block.size();
        if (!eventSeen) {
            if (bytes > MAX_BYTES_BEFORE_EVENTS) {
                throw new SyncException(
                        ErrorKind.UNSUPPORTED, "no event of a database among its first " + seen + " blocks");
            }
        } else if (bytes >= SECTION_BYTES || blocks.size() + events.size() >= SECTION_BLOCKS) {
            flush();
        }
    }

    private void flush() {
        if (!eventSeen || blocks.isEmpty() && events.isEmpty()) {
            return;
        }
        CommitResult result = database.replica().commit(new Commit(blocks, events, origin));
        stored += blocks.size() + events.size();
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
                if (!snapshot.isComplete(root)) {
                    throw new SyncException(
                            ErrorKind.MALFORMED,
                            file + ": its root " + root
                                    + " is no event, or waits for events that are not in the file; what is complete was stored");
                }
            }
        }
    }
}
