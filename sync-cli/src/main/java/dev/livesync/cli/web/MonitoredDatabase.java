package dev.livesync.cli.web;

import dev.livesync.Sync;
import dev.livesync.api.replica.Replica;
import dev.livesync.database.Database;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A database whose numbers are shown.
 *
 * @param name what it is called; unique among those that are shown together
 * @param replica stays its owner's to close
 * @param database the same with its documents, in a directory or in memory; null for one in a store
 * @param problem what keeps it from storing, as far as is known
 * @param sync what keeps it in step; null while nothing does
 */
public record MonitoredDatabase(
        String name,
        Replica replica,
        @Nullable Database database,
        Supplier<Optional<String>> problem,
        @Nullable Sync sync) {
    /**
     * One in a directory or in memory.
     *
     * @param name what it is called; unique among those that are shown together
     * @param database stays its owner's to close
     * @param sync what keeps it in step; null while nothing does
     */
    public MonitoredDatabase(String name, Database database, @Nullable Sync sync) {
        this(name, database.replica(), database, Optional::empty, sync);
    }

    /**
     * The same under another name.
     *
     * @param other the name
     * @return the same database
     */
    public MonitoredDatabase named(String other) {
        return new MonitoredDatabase(other, replica, database, problem, sync);
    }
}
