package dev.livesync.database.disk;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Tells which directories are databases, which can become one, and which hold something else. */
public final class Directories {
    private Directories() {}

    /**
     * Takes a directory for this process, creating it if it does not exist.
     *
     * @param directory a database or empty
     * @param ours tells the files of a database by their names
     * @return the disk, to be closed by the caller
     * @throws SyncException {@link ErrorKind#IN_USE}, {@link ErrorKind#CONFIGURATION} if it is a file or holds other things,
     *     {@link ErrorKind#STORAGE}; nothing has been changed then
     */
    public static Disk open(Path directory, Predicate<String> ours) {
        try {
            requireNoFile(directory);
            if (!Files.exists(directory)) {
                create(directory);
            }
            requireOurs(directory, ours);
            return FileDisk.lock(directory);
        } catch (IOException e) {
            throw StorageFailures.storage("cannot open database " + directory, e);
        }
    }

    /**
     * Looks at a database that is there. Takes no lock and changes nothing.
     *
     * @param directory a database, of anybody's
     * @param ours tells the files of a database by their names
     * @return the disk, to be closed by the caller
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if there is nothing; {@link ErrorKind#CONFIGURATION} if it is a file or holds other
     *     things; {@link ErrorKind#STORAGE}
     */
    public static Disk openReadOnly(Path directory, Predicate<String> ours) {
        try {
            requireNoFile(directory);
            if (Files.notExists(directory) && !Files.isSymbolicLink(directory)) {
                throw new SyncException(ErrorKind.NOT_FOUND, "no database at " + directory);
            }
            requireOurs(directory, ours);
            return FileDisk.readOnly(directory.toRealPath());
        } catch (IOException e) {
            throw StorageFailures.storage("cannot open database " + directory, e);
        }
    }

    private static void requireNoFile(Path directory) {
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, directory + " is a file; a database is a directory of its own");
        }
    }

    private static void requireOurs(Path directory, Predicate<String> ours) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            List<String> names =
                    entries.map(p -> p.getFileName().toString()).sorted().toList();
            List<String> others =
                    names.stream().filter(n -> !n.equals(FileDisk.LOCK)).toList();
            if (names.stream().noneMatch(ours) && !others.isEmpty()) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        directory + " is no database: it holds other files (" + others.get(0)
                                + "); name a database, or a directory that is empty or new");
            }
        }
    }

    /** Creates a directory with its parents, each entry durable. */
    private static void create(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath();
        List<Path> changed = new ArrayList<>();
        for (Path p = absolute; p != null && !Files.exists(p); p = p.getParent()) {
            Path parent = p.getParent();
            if (parent != null) {
                changed.add(parent);
            }
        }
        Files.createDirectories(absolute, OwnerOnly.directory(absolute));
        for (Path parent : changed) {
            FileDisk.syncDirectory(parent);
        }
    }
}
