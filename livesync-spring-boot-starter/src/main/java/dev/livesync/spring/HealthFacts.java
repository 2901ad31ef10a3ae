package dev.livesync.spring;

import dev.livesync.KeptPeer;
import dev.livesync.Sync;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Summary;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a health indicator says, for Actuator's old and new packages alike.
 *
 * @param up whether the database can be read, and no peer has been given up
 * @param details for people: counts, and states of peers; no addresses, no secrets
 */
record HealthFacts(boolean up, Map<String, Object> details) {
    static HealthFacts of(SyncedDatabase synced) {
        Map<String, Object> details = new LinkedHashMap<>();
        boolean up = true;
        try {
            Summary summary = synced.database().summary();
            details.put("documents", summary.documents());
            details.put("events", summary.events());
        } catch (SyncException e) {
            up = false;
            details.put("database", e.kind() + ": " + e.getMessage());
        }
        Sync sync = synced.sync();
        details.put("status", sync.status().name());
        details.put("sessions", sync.sessions().size());
        details.put("endpoints", synced.endpoints().size());
        Map<String, Object> peers = new LinkedHashMap<>();
        for (Map.Entry<String, KeptPeer> peer : synced.peers().entrySet()) {
            KeptPeer.Status status = peer.getValue().status();
            up &= status.state() != KeptPeer.State.STOPPED;
            peers.put(
                    peer.getKey(),
                    status.state().name()
                            + status.failure()
                                    .map(failure -> ", " + failure.kind())
                                    .orElse(""));
        }
        if (!peers.isEmpty()) {
            details.put("peers", peers);
        }
        return new HealthFacts(up, details);
    }
}
