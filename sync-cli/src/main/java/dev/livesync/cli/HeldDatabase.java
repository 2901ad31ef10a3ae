package dev.livesync.cli;

import dev.livesync.cli.web.MonitoredDatabase;
import dev.livesync.database.Database;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a command uses that runs in the process that holds its database.
 *
 * @param database the open database; not closed by commands
 * @param reload reads the configuration again, and says in a line what came of it; null where there is none
 * @param monitored the database with what keeps it in step, for status
 */
record HeldDatabase(
        Database database, @Nullable Supplier<String> reload, Supplier<List<MonitoredDatabase>> monitored) {}
