package dev.livesync.database;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.RememberedClock;
import dev.livesync.database.replica.PastView;
import dev.livesync.database.replica.ReadView;
import dev.livesync.database.versions.KnownPeer;
import java.time.Instant;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a replica that was met has of a view. */
final class MetPeer implements KnownPeer {
    private final ReadView view;
    private final PastView past;
    private final RememberedClock peer;
    private final int[] frontier;
    private @Nullable BitSet lacking;

    MetPeer(ReadView view, PastView past, RememberedClock peer) {
        this.view = view;
        this.past = past;
        this.peer = peer;
        // What isn't here is newer than the view, or gone with a forget.
        this.frontier = past.newest(peer.heads().stream()
                .mapToInt(view::index)
                .filter(index -> index >= 0)
                .toArray());
    }

    @Override
    public String database() {
        return HexFormat.of().toHexDigits(peer.instance());
    }

    @Override
    public String name() {
        return peer.name();
    }

    @Override
    public Optional<Instant> since() {
        return peer.sinceMillis() == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(peer.sinceMillis()));
    }

    @Override
    public List<Cid> clock() {
        return past.cids(frontier);
    }

    @Override
    public boolean has(Cid event) {
        int index = view.index(event);
        return index >= 0 && !lacking().get(index);
    }

    @Override
    public long lacks() {
        return lacking().cardinality();
    }

    private synchronized BitSet lacking() {
        BitSet found = lacking;
        if (found == null) {
            found = past.since(frontier);
            lacking = found;
        }
        return found;
    }

    @Override
    public String toString() {
        return name() + " (database " + database() + ")";
    }
}
