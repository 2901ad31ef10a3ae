package dev.livesync.grant;

import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import dev.livesync.api.transport.PeerIdentity;
import java.util.Optional;

/**
 * A change of one document that a peer has sent and that is not stored yet. LiveSync implements this, and a later version may tell more:
 * programs only read it, within the call that they got it in.
 */
public interface DocumentWrite {
    /**
     * Where the peer is, for people.
     *
     * @return an address or a name, without secrets
     */
    String remote();

    /**
     * Whom the transport has authenticated.
     *
     * @return empty where it has no identities
     */
    Optional<PeerIdentity> identity();

    /**
     * The grant that the peer came with. It brings what others have written, too: events are not signed.
     *
     * @return its name; empty if it came without
     */
    Optional<String> grant();

    /**
     * The document.
     *
     * @return its id
     */
    String id();

    /**
     * The event that changes it.
     *
     * @return its CID
     */
    Cid event();

    /**
     * What the database shows of the document now, or will once the changes before this one in the same section are stored.
     *
     * @return the document without its id; empty if there is none
     * @throws dev.livesync.api.SyncException if the database can't be read; {@link dev.livesync.api.ErrorKind#UNSUPPORTED} if it doesn't say
     *     what is in it, see {@link dev.livesync.api.replica.Replicated#document}
     */
    Optional<Value> before();

    /**
     * What the peer writes. What the database shows afterwards is that, or what the merge makes of it and of concurrent changes.
     *
     * @return the document without its id; empty for a delete
     */
    Optional<Value> after();
}
