package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Opens database directories; in the process that holds a database, hands out that one. */
final class Databases {
    private Databases() {}

    /** Opens a database for commands that write, and creates the directory if there is none. */
    static DatabaseUse openOrCreate(Console console, Path directory) {
        return held(console).orElseGet(() -> {
            StoreMark.refuse(directory);
            return DatabaseUse.own(Database.open(directory));
        });
    }

    /**
     * Opens a database for commands that read. Takes no lock and writes nothing, so that a database can be read that is on a read-only
     * mount, belongs to another user, or is open elsewhere.
     *
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if nothing is there, and as {@link Database#openReadOnly(Path)}
     */
    static DatabaseUse read(Console console, Path directory) {
        return held(console).orElseGet(() -> DatabaseUse.own(read(directory)));
    }

    /** As {@link #read(Console, Path)}, from the files, whoever has it open. */
    static Database read(Path directory) {
        requirePresent(directory);
        return Database.openReadOnly(directory);
    }

    private static Optional<DatabaseUse> held(Console console) {
        return console.held().map(DatabaseUse::held);
    }

    /**
     * Opens an existing database for commands that write. Creates none, so that a mistyped name leaves nothing behind.
     *
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if nothing is there, and as {@link Database#open(Path)}
     */
    static DatabaseUse open(Console console, Path directory) {
        return held(console).orElseGet(() -> {
            requirePresent(directory);
            return DatabaseUse.own(Database.open(directory));
        });
    }

    /** Refuses a directory in which there is nothing, or not the documents. */
    static void requirePresent(Path directory) {
        StoreMark.refuse(directory);
        if (isAbsent(directory)) {
            throw new SyncException(
                    ErrorKind.NOT_FOUND, "no database at " + directory + " (import, put, listen and dial make one)");
        }
    }

    /** Whether there is nothing in that place, and nothing on its way to it. */
    static boolean isAbsent(Path directory) {
        return Files.notExists(directory) ? !isBeingReplaced(directory) : isEmpty(directory);
    }

    /** Whether a forget was ended before it was done: whoever opens the database finishes it. */
    private static boolean isBeingReplaced(Path directory) {
        Path name = directory.getFileName();
        return name != null && Files.exists(directory.resolveSibling(name + ".forgetting"));
    }

    private static boolean isEmpty(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        } catch (IOException e) {
            return false; // no directory, or none of ours: the database says what it is
        }
    }
}
