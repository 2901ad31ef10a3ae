package dev.livesync.grant;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Subscription;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The grants that a listener knows. Changes count at once: a new grant opens sessions from then on, and the sessions of one that was revoked
 * end. So secrets are changed without a restart: add one, give it out, revoke the other.
 *
 * <p>Any thread. Applications that keep grants elsewhere implement this; {@link #list} is asked for each caller and about twice a second, so
 * it should be quick, and may read a file.
 */
public interface Grants {
    /**
     * All grants, expired ones among them.
     *
     * @return by name, ascending; each name once
     * @throws SyncException if they can't be read: nobody is let in then, and sessions go on
     */
    List<Grant> list();

    /**
     * One grant.
     *
     * @param name its name
     * @return empty if there is none
     * @throws SyncException as {@link #list}
     */
    default Optional<Grant> find(String name) {
        return list().stream().filter(grant -> grant.name().equals(name)).findFirst();
    }

    /**
     * Adds a grant.
     *
     * @param grant the grant
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if there is one of this name, or with this secret; as {@link #list}; {@link
     *     ErrorKind#STORAGE} if it can't be kept. Nothing has changed then
     */
    void add(Grant grant);

    /**
     * Takes a grant away. Sessions that were opened with it end.
     *
     * @param name its name
     * @return false if there is none
     * @throws SyncException as {@link #list}; {@link ErrorKind#STORAGE} if it can't be kept. Nothing has changed then
     */
    boolean revoke(String name);

    /**
     * Calls a listener after each change. Listeners that end sessions look twice a second all the same; this is quicker.
     *
     * @param listener called on the thread that made the change; quick, doesn't throw
     * @return ends the calls
     */
    default Subscription onChange(Runnable listener) {
        return () -> {};
    }

    /**
     * Grants that end with the process.
     *
     * @return none to begin with
     */
    static Grants inMemory() {
        return new MemoryGrants();
    }

    /**
     * Grants in the file {@code livesync.grants} of a directory, a database's say. Only its owner can read it. It may be changed by several
     * processes, each change whole; all see the changes of all. A file that others can read, or that isn't one of grants, is refused: {@link
     * ErrorKind#CONFIGURATION} or {@link ErrorKind#CORRUPT}, naming file and offset. See {@code docs/formats.md}.
     *
     * @param directory exists; without the file in it there are no grants
     * @return the grants
     */
    static Grants inDirectory(Path directory) {
        return new DirectoryGrants(directory);
    }
}
