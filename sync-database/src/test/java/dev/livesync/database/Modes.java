package dev.livesync.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Runs a test class against databases of one kind, and closes them. */
abstract class Modes {
    final boolean inDirectory;
    private Path root;
    private int made;
    private final java.util.List<Database> open = new java.util.ArrayList<>();

    Modes(boolean inDirectory) {
        this.inDirectory = inDirectory;
    }

    @BeforeEach
    void makeRoot() throws IOException {
        root = inDirectory ? Files.createTempDirectory("livesync") : null;
    }

    @AfterEach
    void closeAll() throws IOException {
        open.forEach(Database::close);
        if (root != null) {
            try (Stream<Path> all = Files.walk(root)) {
                all.sorted(Comparator.reverseOrder()).forEach(p -> {
                    try {
                        Files.delete(p);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        }
    }

    /** A new, empty database. */
    Database database() {
        return database(DatabaseOptions.defaults());
    }

    Database database(DatabaseOptions options) {
        Database database =
                inDirectory ? Database.open(root.resolve("database-" + made++), options) : Database.inMemory(options);
        open.add(database);
        return database;
    }

    /** The same database after a restart, where it can have one. */
    Database restarted(Database database) {
        return restarted(database, DatabaseOptions.defaults());
    }

    Database restarted(Database database, DatabaseOptions options) {
        if (!inDirectory) {
            return database;
        }
        database.close();
        Database again = Database.open(database.directory().orElseThrow(), options);
        open.add(again);
        return again;
    }
}
