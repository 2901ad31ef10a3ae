package dev.livesync.mesh;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.Discovery;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * This peer's place in a group of peers that find each other by a {@link Discovery}, and that all have one secret. {@link Sync#mesh} makes it.
 *
 * <p><strong>Who dials.</strong> It listens at an address, and dials those whom the discovery names: of two peers the one whose name is the smaller. Where
 * that one doesn't, perhaps since it can't, the other does after 5 to 10 seconds. Each is {@linkplain KeptPeer kept}, so it is dialled again
 * after a session has ended, until it has left and three dials in a row have failed since. If two peers have several sessions with each other after all, the one with
 * the smaller name closes all but the newest.
 *
 * <p><strong>How many.</strong> With as many peers as {@link MeshOptions#maxPeers} or fewer there is a session with each. With more, it takes those that
 * are next to it when all names are put in a ring, half of the number on each side; others do the same, so all stay connected, and what one
 * writes reaches the others over those between. Callers are never turned away for their number.
 *
 * <p><strong>What is bounded.</strong> A discovery may say what it likes: at most 512 names are known at a time, and at most 40 dials begin in a second. A peer
 * that has failed twice gives its place to others. One that doesn't prove the secret is left alone for a minute.
 *
 * <p>What happens is told to {@link SyncListener}: {@link SyncListener#keptPeerChanged} for those that are dialled from here, {@link
 * SyncListener#sessionOpened} and {@link SyncListener#sessionClosed} for all of them, {@link SyncListener#refused} for callers without the secret.
 *
 * <p>Any thread. It has no thread of its own. LiveSync implements this, and a later version may tell more.
 */
public interface Mesh extends AutoCloseable {
    /**
     * Under which name others see this peer.
     *
     * @return the discovery's word for it
     */
    String name();

    /**
     * Where this peer listens, and the secret as its fragment.
     *
     * @return as {@link dev.livesync.Endpoint#address()}
     */
    String address();

    /**
     * The same without the secret, for logs: what the discovery announces.
     *
     * @return the address as bound
     */
    String publicAddress();

    /**
     * The names of those that are there, as far as the discovery has told.
     *
     * @return a copy, in order
     */
    List<String> present();

    /**
     * Those that are dialled from here.
     *
     * @return a copy, in order of their names
     */
    List<KeptPeer> keptPeers();

    /**
     * The sessions with peers of this mesh, whoever dialled.
     *
     * @return a copy, in order of their names
     */
    List<Session> sessions();

    /**
     * Waits until this peer has left.
     *
     * @return completes when it was closed, its discovery is closed and all its sessions have ended; fails with {@link ErrorKind#INTERNAL} if a defect ended it.
     *     Cancelling it cancels nothing else
     */
    CompletableFuture<Void> closed();

    /**
     * Leaves: closes the discovery, listens and dials no more, and ends the sessions with peers of this mesh as {@link Session#close} does, in
     * order, delivering, in bounded time. Idempotent. A second call waits for the first. From a thread that this would wait for it returns at once
     * and goes on. {@link Sync#close} does the same. Never throws; how a session ended that could not deliver what was written before, {@link
     * SyncListener#sessionClosed} tells by its {@link SyncException}.
     */
    @Override
    void close();
}
