package dev.livesync.database.versions;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What happened in a database up to one moment.
 *
 * <p>Reading a history costs nothing while nobody reads it. A call that has to find out what became of versions goes through the history once, in memory, as far
 * back as nothing is decided; content is read from the disk where a {@linkplain DocumentVersion#value() value} is asked for.
 *
 * <p>Any thread; it does not change, and can be read until the database is closed: {@link ErrorKind#CLOSED} then. LiveSync implements this, and a later version may
 * tell more: programs only read it.
 */
public interface History {
    /**
     * The moment.
     *
     * @return the heads, in text order; immutable
     */
    List<Cid> clock();

    /**
     * All versions of all documents. An event that changes no document, such as LiveSync makes to merge heads for an alpha, is told as a deletion of {@code _livesync/bridge}, an
     * id that no document can have.
     *
     * @return the versions, the one that came here last first, so that none comes before one that knew of it
     */
    Stream<DocumentVersion> versions();

    /**
     * All versions of one document. Looks at each event's key.
     *
     * @param id its id
     * @return as {@link #versions()}; nothing if there never was such a document
     */
    Stream<DocumentVersion> versions(String id);

    /**
     * Looks for one version.
     *
     * @param event its event
     * @return empty if it isn't here, or waits for what is before it
     */
    Optional<DocumentVersion> version(Cid event);

    /**
     * All conflicts.
     *
     * @return those that nobody has settled, by id in the order of UTF-16 code units
     */
    Stream<DocumentConflict> conflicts();

    /**
     * The conflict of one document.
     *
     * @param id its id
     * @return empty if it isn't in conflict
     */
    Optional<DocumentConflict> conflict(String id);

    /**
     * Which peers are known to have how much of this: those met last, up to 256. Kept with the database, written at each {@linkplain dev.livesync.database.Database#close close} and now and then before;
     * after a crash some of it has to be learnt again, by the next session.
     *
     * @return what is known now, the peer met last first; immutable
     */
    List<KnownPeer> peers();
}
