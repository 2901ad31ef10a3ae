package dev.livesync.cli;

import dev.livesync.database.Database;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a command uses that runs in the process that holds its database.
 *
 * @param database the open database; not closed by commands
 * @param reload reads the configuration again, and says in a line what came of it; null where there is none
 */
record HeldDatabase(Database database, @Nullable Supplier<String> reload) {}
