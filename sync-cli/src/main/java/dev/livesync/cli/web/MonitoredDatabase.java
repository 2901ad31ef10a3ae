package dev.livesync.cli.web;

import dev.livesync.Sync;
import dev.livesync.database.Database;
import org.jspecify.annotations.Nullable;

/**
 * A database whose numbers are shown.
 *
 * @param name what it is called; unique among those that are shown together
 * @param database stays its owner's to close
 * @param sync what keeps it in step; null while nothing does
 */
public record MonitoredDatabase(
        String name, Database database, @Nullable Sync sync) {}
