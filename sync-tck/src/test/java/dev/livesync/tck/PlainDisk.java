package dev.livesync.tck;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Origin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a {@link PlainReplica} leaves when its process ends, and what can go wrong with it. */
final class PlainDisk {
    /** Everything after one commit; never changed once it is here. */
    static final class State {
        final ReplicaOracle oracle;
        final Map<Cid, Origin> origins;
        final List<List<Cid>> feed;

        State(ReplicaOracle oracle, Map<Cid, Origin> origins, List<List<Cid>> feed) {
            this.oracle = oracle;
            this.origins = origins;
            this.feed = feed;
        }

        State copy() {
            return new State(oracle.copy(), new LinkedHashMap<>(origins), new ArrayList<>(feed));
        }
    }

    /** Newest last. */
    final List<State> states =
            new ArrayList<>(List.of(new State(new ReplicaOracle(), new LinkedHashMap<>(), new ArrayList<>())));

    final Set<Cid> damaged = new HashSet<>();
    final String identity = Integer.toHexString(System.identityHashCode(this)) + "-";
    int feedStart;
    boolean failing;

    State latest() {
        return states.get(states.size() - 1);
    }
}
