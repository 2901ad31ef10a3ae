package dev.livesync.cli;

import dev.livesync.database.versions.KnownPeer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How a peer that was met is printed. */
final class PeerNames {
    private PeerNames() {}

    /** What it was called, or else the number of its database. */
    static String of(KnownPeer peer) {
        return peer.name().isEmpty() ? "database " + peer.database() : Visible.line(peer.name());
    }

    /** Who is known to have an event, for the end of its line. */
    static String acknowledged(List<KnownPeer> by) {
        return " acknowledged by "
                + (by.isEmpty()
                        ? "nobody"
                        : String.join(", ", by.stream().map(PeerNames::of).toList()));
    }

    /** How much of the history it is known to have. */
    static String line(KnownPeer peer) {
        long lacks = peer.lacks();
        return "peer " + of(peer)
                + (lacks == 0 ? " has everything" : " may lack " + lacks + (lacks == 1 ? " event" : " events"))
                + peer.since().map(since -> ", known since " + since).orElse("");
    }

    /** Which peer, for programs. */
    static Map<String, Object> identity(KnownPeer peer) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("database", peer.database());
        fields.put("name", peer.name());
        return fields;
    }

    /** How much it is known to have, for programs. */
    static Map<String, Object> fields(KnownPeer peer) {
        Map<String, Object> fields = identity(peer);
        fields.put("lacks", peer.lacks());
        peer.since().map(Instant::toString).ifPresent(since -> fields.put("since", since));
        return fields;
    }
}
