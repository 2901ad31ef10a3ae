package dev.livesync.spring;

import dev.livesync.Endpoint;
import dev.livesync.KeptPeer;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.grant.Grants;
import java.util.List;
import java.util.Map;

/**
 * The database of an application, what keeps it in step, and where others find it. {@link Database} and {@link Sync} are beans, too, but final classes:
 * where a proxy is wanted, such as for {@code @Lazy} or another scope, this interface takes their place.
 *
 * <p>Any thread.
 */
public interface SyncedDatabase {
    /**
     * The database.
     *
     * @return the bean; Spring closes it, after the sync
     */
    Database database();

    /**
     * What keeps it in step.
     *
     * @return the bean; closed when the application stops, before its web server does
     */
    Sync sync();

    /**
     * Who may sync, beside those who know an address's own secret.
     *
     * @return the bean
     */
    Grants grants();

    /**
     * Where others dial this application: its own port first, where there is a hub.
     *
     * @return by the properties {@code livesync.hub} and {@code livesync.listen}; empty before the application has started
     */
    List<Endpoint> endpoints();

    /**
     * The peers that are kept connected.
     *
     * @return by the names in the property {@code livesync.peers}; empty before the application has started
     */
    Map<String, KeptPeer> peers();
}
