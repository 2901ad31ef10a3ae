package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.PeerFrontiers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a {@link NaiveReplica} remembers: for as long as the test runs. */
final class NaiveFrontiers implements PeerFrontiers {
    final Map<Long, List<Cid>> frontiers = new HashMap<>();
    long instance = 1;

    @Override
    public long instance() {
        return instance;
    }

    @Override
    public List<Cid> frontier(long peer) {
        return frontiers.getOrDefault(peer, List.of());
    }

    @Override
    public void remember(long peer, List<Cid> heads) {
        frontiers.put(peer, List.copyOf(heads));
    }
}
