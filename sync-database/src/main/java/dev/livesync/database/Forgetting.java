package dev.livesync.database;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.disk.Directories;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.FileDisk;
import dev.livesync.database.disk.StorageFailures;
import dev.livesync.database.log.SegmentLog;
import dev.livesync.database.maintenance.ForgetResult;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * A database without some events and without what was written on top of them: events are for ever, so it is written anew, beside the old
 * one, and takes its place when it is whole.
 */
final class Forgetting {
    private static final String UNFINISHED = ".forgetting";
    private static final String BEFORE = ".before-forget";
    private static final String GRANTS = "livesync.grants";
    private static final String GRANTS_LOCK = "livesync.grants.lock";
    /** Windows refuses to rename a directory in which a file is open. */
    private static final boolean RENAMES_WHAT_IS_OPEN = File.separatorChar == '/';

    private static final int SECTION_EVENTS = 1_000;
    private static final long SECTION_BYTES = 8 << 20;

    private final Path directory;
    private final Path unfinished;
    private final Path before;
    private long kept;

    private Forgetting(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        Path last = absolute.getFileName();
        if (last == null) {
            throw new SyncException(ErrorKind.CONFIGURATION, directory + " is no database: it has no name");
        }
        this.directory = absolute;
        this.unfinished = absolute.resolveSibling(last + UNFINISHED);
        this.before = absolute.resolveSibling(last + BEFORE);
    }

    /**
     * Finishes what was ended between its two renames: the database as it was has its other name, and the new one, which is whole, has not yet
     * the right one. Does nothing otherwise.
     */
    static void finish(Path directory) {
        if (Files.exists(directory) || directory.toAbsolutePath().normalize().getFileName() == null) {
            return;
        }
        Forgetting forgetting = new Forgetting(directory);
        if (Files.exists(forgetting.before) && Files.exists(forgetting.unfinished)) {
            try {
                forgetting.takeItsPlace();
            } catch (IOException e) {
                throw StorageFailures.storage("cannot finish to forget events in database " + directory, e);
            }
        }
    }

    static ForgetResult run(Path directory, Collection<Cid> events) {
        return run(directory, events, () -> {});
    }

    /**
     * Forgets events.
     *
     * @param whole called when the new database is whole and has not taken its place
     */
    static ForgetResult run(Path directory, Collection<Cid> events, Runnable whole) {
        finish(directory);
        Forgetting forgetting = new Forgetting(directory);
        try {
            return forgetting.run(events, whole);
        } catch (IOException e) {
            throw StorageFailures.storage("cannot forget events in database " + directory, e);
        }
    }

    private ForgetResult run(Collection<Cid> events, Runnable whole) throws IOException {
        if (Files.exists(before)) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION,
                    before + " is there: it is the database as it was before an earlier call; move it away first");
        }
        if (Files.notExists(directory)) {
            throw new SyncException(ErrorKind.NOT_FOUND, "no database at " + directory);
        }
        clear();
        long forgotten;
        boolean moved = false;
        Disk held = Directories.open(directory, SegmentLog::isOwnFile);
        try (held) {
            forgotten = copy(new LentDisk(held), events);
            // A grant that somebody revokes meanwhile must not come back.
            Closeable grants = FileDisk.hold(directory.resolve(GRANTS_LOCK));
            try (grants) {
                copyGrants();
                whole.run();
                if (!RENAMES_WHAT_IS_OPEN) {
                    grants.close();
                    held.close();
                }
                Files.move(directory, before, StandardCopyOption.ATOMIC_MOVE);
                moved = true;
                takeItsPlace();
            }
        } finally {
            if (!moved) {
                clear();
            }
        }
        return new Results.Forgotten(forgotten, kept, before);
    }

    /**
     * Writes the new database.
     *
     * @param disk the old one's, which stays ours until the new one has taken its place: nobody writes what the copy would lack
     * @return how many events it lacks
     */
    private long copy(Disk disk, Collection<Cid> events) {
        try (Database old = Database.on(disk, directory, DatabaseOptions.defaults());
                Snapshot snapshot = old.replica().snapshot()) {
            Set<Cid> dropped = dropped(snapshot, events);
            try (Database fresh = Database.openToRestore(unfinished)) {
                fill(fresh, snapshot, dropped);
                fresh.embedded()
                        .attachments()
                        .copyNamed(old.embedded().attachments().store());
            }
            return dropped.size();
        }
    }

    private void copyGrants() throws IOException {
        Path grants = directory.resolve(GRANTS);
        if (Files.exists(grants)) {
            Files.copy(grants, unfinished.resolve(GRANTS), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    /** Somebody who opens the database just now may finish it, too. */
    private void takeItsPlace() throws IOException {
        try {
            Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            if (Files.notExists(directory)) {
                throw e;
            }
        }
        Path parent = directory.getParent();
        if (parent != null) {
            FileDisk.syncDirectory(parent);
        }
    }

    /** These events, the batches that they are in, and all that descend from them. */
    private Set<Cid> dropped(Snapshot snapshot, Collection<Cid> events) {
        Set<Cid> dropped = new HashSet<>();
        Deque<Cid> todo = new ArrayDeque<>(events);
        while (!todo.isEmpty()) {
            Cid cid = todo.pop();
            Event event = snapshot.event(cid);
            if (event == null) {
                throw new SyncException(
                        ErrorKind.NOT_FOUND,
                        "event " + cid + " is not in database " + directory + ", or waits for others");
            }
            if (dropped.add(cid)) {
                // A batch is there as a whole or not at all: what leads to it from within goes with it.
                event.parents().stream().filter(snapshot::isInterior).forEach(todo::push);
            }
        }
        for (Iterator<Cid> all = snapshot.eventsSince(List.of()); all.hasNext(); ) {
            Cid cid = all.next();
            Event event = stored(snapshot, cid);
            if (event.parents().stream().anyMatch(dropped::contains)) {
                dropped.add(cid);
            }
        }
        return dropped;
    }

    private void fill(Database fresh, Snapshot snapshot, Set<Cid> dropped) {
        List<Event> section = new ArrayList<>();
        long bytes = 0;
        for (Iterator<Cid> all = snapshot.eventsSince(List.of()); all.hasNext(); ) {
            Cid cid = all.next();
            if (dropped.contains(cid)) {
                continue;
            }
            Event event = stored(snapshot, cid);
            section.add(event);
            bytes += event.block().size();
            kept++;
            if ((section.size() >= SECTION_EVENTS || bytes >= SECTION_BYTES) && !snapshot.isInterior(cid)) {
                commit(fresh, section);
                section.clear();
                bytes = 0;
            }
        }
        commit(fresh, section);
    }

    private static void commit(Database fresh, List<Event> section) {
        if (!section.isEmpty()) {
            fresh.replica().commit(new Commit(List.<Block>of(), section, Origin.LOCAL));
        }
    }

    private static Event stored(Snapshot snapshot, Cid cid) {
        Event event = snapshot.event(cid);
        if (event == null) {
            throw new SyncException(ErrorKind.CORRUPT, "event " + cid + " is listed but not stored (see verify)");
        }
        return event;
    }

    /** Removes what an earlier attempt has left, unless it is still under way. */
    private void clear() throws IOException {
        if (Files.notExists(unfinished)) {
            return;
        }
        try (Disk disk = Directories.open(unfinished, SegmentLog::isOwnFile)) {
            for (String name : disk.list()) {
                if (!name.equals(FileDisk.LOCK)) {
                    disk.delete(name);
                }
            }
        }
        Files.deleteIfExists(unfinished.resolve(GRANTS));
        Files.deleteIfExists(unfinished.resolve(FileDisk.LOCK));
        Files.deleteIfExists(unfinished);
    }
}
