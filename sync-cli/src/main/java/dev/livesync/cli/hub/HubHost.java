package dev.livesync.cli.hub;

import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Replicated;
import dev.livesync.api.transport.TransportContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** What a hub has from the command that runs it. Any thread. */
public interface HubHost {
    /** An open database. */
    interface OpenedDatabase extends AutoCloseable {
        /**
         * The database.
         *
         * @return open until this is closed
         */
        Replicated database();

        /**
         * What keeps it from storing, as far as is known.
         *
         * @return empty if nothing does
         */
        default Optional<String> problem() {
            return Optional.empty();
        }

        /**
         * Says what keeps it in step from now on.
         *
         * @param sync not closed with the database
         */
        void serves(Sync sync);

        @Override
        void close();
    }

    /**
     * Opens a database, or creates one.
     *
     * @param directory where
     * @param reload reads the configuration again, for commands on this directory
     * @return the database
     */
    OpenedDatabase open(Path directory, Supplier<String> reload);

    /**
     * A database in a store that several hubs share.
     *
     * @param directory this hub's own, for its grants; made if there is none
     * @param place where the documents are, in a few words without a secret
     * @param replica stays its owner's to close
     * @param problem what keeps it from storing, as far as is known
     */
    record StoredDatabase(Path directory, String place, Replica replica, Supplier<Optional<String>> problem) {}

    /**
     * Has commands on a directory use a database that is in a store, and takes the directory for this process.
     *
     * @param stored the database
     * @param reload reads the configuration again, for commands on this directory
     * @return the database; to be closed before its replica
     */
    OpenedDatabase open(StoredDatabase stored, Supplier<String> reload);

    /**
     * Reads a secret.
     *
     * @param file where; made with a new secret if there is none
     * @return the secret
     * @throws IOException if it can't be read
     */
    String secret(Path file) throws IOException;

    /**
     * Makes a listener that tells of a database's sessions.
     *
     * @param name what to call the database
     * @return the listener
     */
    SyncListener listener(String name);

    /**
     * Fetches the content of attachments.
     *
     * @return a listener that does
     */
    SyncListener attachments();

    /**
     * Where timers and the time come from.
     *
     * @return empty for those of the machine
     */
    default Optional<Time> time() {
        return Optional.empty();
    }

    /**
     * Timers and the time, for who owns them.
     *
     * @param scheduler one-shot timers
     * @param nanos monotonic time
     * @param clock the time of day, by which grants expire
     */
    record Time(TransportContext.Scheduler scheduler, LongSupplier nanos, InstantSource clock) {}

    /**
     * Says something to whoever runs the hub.
     *
     * @param line one line
     */
    void note(String line);
}
