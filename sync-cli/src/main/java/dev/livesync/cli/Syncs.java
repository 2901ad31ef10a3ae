package dev.livesync.cli;

import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.database.Database;

/** Makes the {@link Sync} of a command: all transports that are on the class path, the default limits. */
final class Syncs {
    private Syncs() {}

    /** One whose offers listen at an address of the user's. */
    static Sync listeningAt(String transport, String address, Database database, SyncListener listener) {
        return Sync.builder(database)
                .listener(listener)
                .listenAddress(transport, address)
                .build();
    }

    static Sync of(Database database, SyncListener listener) {
        return Sync.builder(database).listener(listener).build();
    }
}
