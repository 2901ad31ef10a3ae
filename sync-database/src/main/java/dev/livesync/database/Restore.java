package dev.livesync.database;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import dev.livesync.car.CarReader;
import dev.livesync.car.CarSeal;
import dev.livesync.car.Limits;
import dev.livesync.database.disk.Directories;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.FileDisk;
import dev.livesync.database.disk.StorageFailures;
import dev.livesync.database.log.SegmentLog;
import dev.livesync.database.pieces.PieceStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes a database of a backup. It grows in a directory beside the one that is wanted, and gets that one's name when it is whole; so what a
 * failure or a kill leaves is no database by that name.
 */
final class Restore {
    /** How the directory beside is called. */
    static final String UNFINISHED = ".restoring";

    private static final int SECTION_BYTES = 4 << 20;
    private static final int SECTION_BLOCKS = 10_000;
    /** As much as any database may hold. */
    private static final Limits LIMITS = Limits.DEFAULT.toBuilder()
            .blockBytes(Integer.MAX_VALUE)
            .headerBytes(1 << 28)
            .roots(Integer.MAX_VALUE)
            .build();

    private final String name;
    private final Path directory;
    private final Path unfinished;

    private Restore(String name, Path directory) {
        this.name = name;
        this.directory = directory;
        Path absolute = directory.toAbsolutePath().normalize();
        Path last = absolute.getFileName();
        if (last == null) {
            throw new SyncException(ErrorKind.CONFIGURATION, directory + " cannot become a database: it has no name");
        }
        this.unfinished = absolute.resolveSibling(last + UNFINISHED);
    }

    /**
     * Restores a database.
     *
     * @param in the CAR
     * @param name the CAR's, for messages
     * @param directory new or empty
     */
    static Summary run(InputStream in, String name, Path directory) {
        Restore restore = new Restore(name, directory);
        try {
            restore.requireFree();
            restore.clear();
            boolean done = false;
            try {
                Summary summary;
                try (Database database = Database.openToRestore(restore.unfinished)) {
                    restore.fill(database, new CarReader(in, LIMITS));
                    summary = database.summary();
                }
                restore.putInPlace();
                done = true;
                return summary;
            } finally {
                if (!done) {
                    restore.clear();
                }
            }
        } catch (IOException e) {
            throw StorageFailures.storage("cannot restore database " + directory, e);
        }
    }

    private void requireFree() throws IOException {
        if (Files.exists(directory) && !(Files.isDirectory(directory) && isEmpty(directory))) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION,
                    directory
                            + " is not empty: a restore makes a new database, so name a directory that is empty or new");
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }

    /** Removes what an earlier attempt has left, unless it is still under way. */
    private void clear() throws IOException {
        if (!Files.exists(unfinished)) {
            return;
        }
        try (Disk disk = Directories.open(unfinished, SegmentLog::isOwnFile)) {
            for (String name : disk.list()) {
                if (!name.equals(FileDisk.LOCK)) {
                    disk.delete(name);
                }
            }
        }
        Files.deleteIfExists(unfinished.resolve(FileDisk.LOCK));
        Files.deleteIfExists(unfinished);
    }

    private void fill(Database database, CarReader car) {
        try {
            List<Cid> roots = car.roots();
            List<Block> section = new ArrayList<>();
            long bytes = 0;
            CarSeal seal = new CarSeal();
            Block block = car.next();
            for (Block next; block != null && (next = car.next()) != null; block = next) {
                seal.add(block.cid());
                if (PieceStore.mayHold(block)) {
                    database.embedded().attachments().store().add(block);
                    continue;
                }
                section.add(block);
                bytes += block.size();
                if (bytes >= SECTION_BYTES || section.size() >= SECTION_BLOCKS) {
                    database.readmit(section);
                    section.clear();
                    bytes = 0;
                }
            }
            if (block != null && !seal.isSealedBy(block)) {
                throw new SyncException(
                        ErrorKind.MALFORMED,
                        "it does not end with the seal of a backup: it was cut off or damaged, or is another CAR, which import would take");
            }
            database.readmit(section);
            database.embedded().attachments().store().force();
            database.embedded().attachments().dropErased();
            requireWhole(database, roots);
        } catch (SyncException e) {
            throw e.kind() == ErrorKind.STORAGE ? e : new SyncException(e.kind(), name + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw StorageFailures.storage("cannot read " + name, e);
        }
    }

    private static void requireWhole(Database database, List<Cid> roots) {
        try (Snapshot snapshot = database.replica().snapshot()) {
            Summary summary = snapshot.summary();
            if (summary.events() + summary.pending() == 0 && summary.blocks() > 0) {
                throw new SyncException(ErrorKind.MALFORMED, "it has no events: it is no backup of a database");
            }
            for (Cid root : roots) {
                boolean waits = summary.events() == 0 && snapshot.block(root) != null;
                if (!waits && !snapshot.isComplete(root)) {
                    throw new SyncException(
                            ErrorKind.MALFORMED,
                            "its root " + root
                                    + " is no event, or lacks ancestors: it is no whole backup; perhaps its end was cut off");
                }
            }
            if (roots.isEmpty() && summary.blocks() > 0) {
                throw new SyncException(ErrorKind.MALFORMED, "it has no roots: it is no backup of a database");
            }
        }
    }

    private void putInPlace() throws IOException {
        Files.deleteIfExists(directory);
        Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
        Path parent = unfinished.getParent();
        if (parent != null) {
            FileDisk.syncDirectory(parent);
        }
    }
}
