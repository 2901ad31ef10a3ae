package dev.livesync.core.mesh;

import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.api.discovery.DiscoveryListener;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a discovery has said and nobody has looked at yet: of each name the latest, and of so many names. What is beyond that is dropped, as
 * it may be of hints. Any thread.
 */
final class Sightings implements DiscoveryListener {
    private final int most;
    private final Runnable onNews;
    private final Map<String, Optional<DiscoveredPeer>> latest = new LinkedHashMap<>();
    private boolean closed;

    /**
     * Makes an empty one.
     *
     * @param most how many names are kept
     * @param onNews called after something was said, on the thread that said it
     */
    Sightings(int most, Runnable onNews) {
        this.most = most;
        this.onNews = onNews;
    }

    @Override
    public void found(DiscoveredPeer peer) {
        put(peer.name(), peer);
    }

    @Override
    public void lost(String name) {
        put(name, null);
    }

    private void put(String name, @Nullable DiscoveredPeer peer) {
        synchronized (this) {
            if (closed || latest.size() >= most && !latest.containsKey(name) || !DiscoveredPeer.isName(name)) {
                return;
            }
            latest.put(name, Optional.ofNullable(peer));
        }
        onNews.run();
    }

    /** What was said since the last time, in the order in which the names came up; empty for those who were lost. */
    synchronized Map<String, Optional<DiscoveredPeer>> take() {
        Map<String, Optional<DiscoveredPeer>> taken = new LinkedHashMap<>(latest);
        latest.clear();
        return taken;
    }

    /** Hears nothing more. */
    synchronized void close() {
        closed = true;
        latest.clear();
    }
}
