package dev.livesync.api.discovery;

import dev.livesync.api.ErrorKind;
import java.util.concurrent.CompletionStage;

/**
 * Announces this peer to others, and tells which others there are: as long as it is open, over whatever it finds them by.
 *
 * <p><strong>What it says are hints.</strong> A peer may be told of that has gone, that never was, or that is not of the group, and one that is
 * there may be missing for a while. Whoever uses a discovery dials those it tells of, has them prove the secret, and bounds how many it tries.
 *
 * <p><strong>Threads.</strong> Any. Nothing here blocks for long. A discovery that loses its room or its network looks for it again by itself,
 * as long as it is open; meanwhile it says that the peers are lost, or nothing.
 *
 * <p>One discovery serves one group: it is started once, and closed by whoever started it.
 */
public interface Discovery extends AutoCloseable {
    /**
     * Announces this peer and begins to tell of others. Called once, first.
     *
     * @param self what to announce
     * @param listener told of others, from now on until the discovery is closed
     * @return completes with the name under which others see this peer, which {@link DiscoveredPeer} restricts. It should be unique in the group,
     *     and stays the same as long as the discovery is open. Fails with a {@link dev.livesync.api.SyncException}: {@link ErrorKind#CONFIGURATION} for an
     *     address that can't be announced here, {@link ErrorKind#UNREACHABLE} if the room or the network isn't there, {@link ErrorKind#CLOSED} if it was
     *     closed. The listener may be called before it completes
     */
    CompletionStage<String> start(Advertisement self, DiscoveryListener listener);

    /**
     * Takes the announcement back and tells of nobody any more: no call of the listener begins after this has returned. Idempotent; never
     * blocks for long, never throws.
     */
    @Override
    void close();
}
