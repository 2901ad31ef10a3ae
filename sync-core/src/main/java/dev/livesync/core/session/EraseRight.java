package dev.livesync.core.session;

import dev.livesync.PeerInfo;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Keys;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Refuses records of erasures of peers whose grant doesn't allow them, before they are stored. Whoever comes without a grant may do everything. */
final class EraseRight {
    private EraseRight() {}

    /** The first record that is refused; null if none is. Events that are here already change nothing. */
    static WriteCheck.@Nullable RefusedWrite refusal(PeerInfo peer, Commit commit, Replica replica) {
        if (peer.grant().isEmpty() || peer.rights().canErase()) {
            return null;
        }
        List<Event> records = commit.events().stream()
                .filter(event -> event.key().startsWith(Keys.ERASURES))
                .toList();
        if (records.isEmpty()) {
            return null;
        }
        try (Snapshot snapshot = replica.snapshot()) {
            return records.stream()
                    .filter(event -> !snapshot.isComplete(event.cid()))
                    .findFirst()
                    .map(event -> new WriteCheck.RefusedWrite(
                            event.cid(),
                            "document \"" + Keys.toId(event.key())
                                    + "\" was refused: the grant gives no right to erase"))
                    .orElse(null);
        }
    }
}
