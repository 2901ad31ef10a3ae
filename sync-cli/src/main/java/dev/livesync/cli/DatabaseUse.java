package dev.livesync.cli;

import dev.livesync.api.replica.Replica;
import dev.livesync.database.Database;
import dev.livesync.database.versions.KnownPeer;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A database for the time of a command: opened for it and closed after it, or that of the process, which stays open. */
final class DatabaseUse implements AutoCloseable {
    private final Replica replica;
    private final Supplier<Database> documents;
    private final Supplier<List<KnownPeer>> peers;
    private final @Nullable Database own;

    private DatabaseUse(
            Replica replica, Supplier<Database> documents, Supplier<List<KnownPeer>> peers, @Nullable Database own) {
        this.replica = replica;
        this.documents = documents;
        this.peers = peers;
        this.own = own;
    }

    static DatabaseUse own(Database database) {
        return new DatabaseUse(
                database.replica(), () -> database, () -> database.history().peers(), database);
    }

    static DatabaseUse held(HeldDatabase held) {
        return new DatabaseUse(held.replica(), held.documents(), held.peers(), null);
    }

    Database database() {
        return documents.get();
    }

    /** The events, for what needs no documents. */
    Replica replica() {
        return replica;
    }

    /** Who was met, as far as that is kept. */
    List<KnownPeer> peers() {
        return peers.get();
    }

    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
    }
}
