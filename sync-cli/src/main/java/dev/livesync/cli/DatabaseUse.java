package dev.livesync.cli;

import dev.livesync.database.Database;

/** A database for the time of a command: opened for it and closed after it, or that of the process, which stays open. */
final class DatabaseUse implements AutoCloseable {
    private final Database database;
    private final boolean own;

    private DatabaseUse(Database database, boolean own) {
        this.database = database;
        this.own = own;
    }

    static DatabaseUse own(Database database) {
        return new DatabaseUse(database, true);
    }

    static DatabaseUse held(Database database) {
        return new DatabaseUse(database, false);
    }

    Database database() {
        return database;
    }

    @Override
    public void close() {
        if (own) {
            database.close();
        }
    }
}
