package dev.livesync.cli;

import dev.livesync.api.replica.Replica;
import dev.livesync.cli.web.MonitoredDatabase;
import dev.livesync.database.Database;
import dev.livesync.database.versions.KnownPeer;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a command uses that runs in the process that holds its database.
 *
 * @param replica the events
 * @param documents the open database; not closed by commands
 * @param peers who was met, as far as that is kept
 * @param reload reads the configuration again, and says in a line what came of it; null where there is none
 * @param monitored the database with what keeps it in step, for status
 */
record HeldDatabase(
        Replica replica,
        Supplier<Database> documents,
        Supplier<List<KnownPeer>> peers,
        @Nullable Supplier<String> reload,
        Supplier<List<MonitoredDatabase>> monitored) {
    Database database() {
        return documents.get();
    }
}
