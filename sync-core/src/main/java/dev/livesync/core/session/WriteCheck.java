package dev.livesync.core.session;

import dev.livesync.PeerInfo;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Replicated;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.car.Keys;
import dev.livesync.grant.Authorizer;
import dev.livesync.grant.DocumentWrite;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks the application about what peers have sent, before it is stored. Any thread; waits for the application. */
public final class WriteCheck {
    /**
     * A refused change.
     *
     * @param event which
     * @param why for the peer; names the document
     */
    record RefusedWrite(Cid event, String why) {}

    private final Authorizer authorizer;
    private final Replicated database;

    /**
     * Makes a check.
     *
     * @param authorizer the application's
     * @param database says what is there
     */
    public WriteCheck(Authorizer authorizer, Replicated database) {
        this.authorizer = authorizer;
        this.database = database;
    }

    /** The first change that is refused; null if none is. Events that are here already change nothing, and are not asked about. */
    @Nullable
    RefusedWrite refusal(PeerInfo peer, Commit commit) {
        Map<String, Optional<Value>> written = new HashMap<>();
        try (Snapshot snapshot = database.replica().snapshot()) {
            for (Event event : commit.events()) {
                // Bridges, which are under a key that no document has, change nothing either.
                if (snapshot.isComplete(event.cid()) || event.key().equals(Keys.RESERVED)) {
                    continue;
                }
                Write write = new Write(peer, event, Keys.toId(event.key()), written);
                Optional<String> why = authorizer.refusal(write);
                if (why.isPresent()) {
                    return new RefusedWrite(event.cid(), "document \"" + write.id() + "\" was refused: " + why.get());
                }
                written.put(write.id(), write.after());
            }
        }
        return null;
    }

    private final class Write implements DocumentWrite {
        private final PeerInfo peer;
        private final Event event;
        private final String id;
        private final Map<String, Optional<Value>> written;

        Write(PeerInfo peer, Event event, String id, Map<String, Optional<Value>> written) {
            this.peer = peer;
            this.event = event;
            this.id = id;
            this.written = written;
        }

        @Override
        public String remote() {
            return peer.remote();
        }

        @Override
        public Optional<PeerIdentity> identity() {
            return peer.identity();
        }

        @Override
        public Optional<String> grant() {
            return peer.grant();
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public Cid event() {
            return event.cid();
        }

        @Override
        public Optional<Value> before() {
            Optional<Value> own = written.get(id);
            return own != null ? own : database.document(id);
        }

        @Override
        public Optional<Value> after() {
            return event.type() == Event.Type.PUT ? Optional.of(event.value()) : Optional.empty();
        }
    }
}
