package dev.livesync.database;

import dev.livesync.api.Cid;
import dev.livesync.car.Keys;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.replica.ChangeSource;
import dev.livesync.database.replica.PastKeys;
import dev.livesync.database.replica.PastView;
import dev.livesync.database.replica.ReadView;
import dev.livesync.database.replica.ViewChange;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tells what changed between views. */
final class ChangeReader {
    private final Database database;

    ChangeReader(Database database) {
        this.database = database;
    }

    /** The changes from a clock to a view, by id. Events that aren't there count for nothing. */
    Stream<DocumentChange> since(ReadView view, List<Cid> clock) {
        PastView past = new PastView(view);
        PastKeys now = past.keys();
        if (clock.isEmpty()) {
            // Of what was gone before the caller came, nobody is told.
            PastKeys nothing = past.keys(new int[0]);
            return view.documents()
                    .mapToObj(event -> new SinceClock(past.key(event), view, now, event, nothing, List.of(), null));
        }
        int[] heads = past.newest(clock.stream()
                .mapToInt(view::index)
                .filter(index -> index != EventGraph.NONE)
                .toArray());
        PastKeys then = past.keys(heads);
        BitSet later = new BitSet();
        view.since(clock).forEach(later::set);
        return view.changedSince(clock)
                .mapToObj(view::key)
                .filter(key -> !key.equals(Keys.RESERVED))
                .map(key -> new SinceClock(key, view, now, view.document(key), then, past.cids(heads), later));
    }

    /** The changes from one view to another, by id. */
    Stream<DocumentChange> between(ViewChange change) {
        PastKeys now = new PastView(change.after()).keys();
        PastKeys then = new PastView(change.before()).keys();
        return change.changes().stream().map(key -> new SinceView(key, change.before(), then, change.after(), now));
    }

    private Optional<Document> read(ReadView view, int event, List<Cid> clock) {
        return event == EventGraph.NONE ? Optional.empty() : Optional.of(database.document(view, event, clock));
    }

    /** A change that leads up to a view. */
    private abstract class Changed implements DocumentChange {
        final String key;
        final ReadView view;
        final PastKeys now;
        final PastKeys then;
        private final int event;
        private @Nullable Document document;

        Changed(String key, ReadView view, PastKeys now, int event, PastKeys then) {
            this.key = key;
            this.view = view;
            this.now = now;
            this.then = then;
            this.event = event;
        }

        abstract ChangeSource source();

        @Override
        public String id() {
            return Keys.toId(key);
        }

        @Override
        public Optional<Document> document() {
            if (event == EventGraph.NONE) {
                return Optional.empty();
            }
            Document known = document;
            if (known == null) {
                known = database.document(view, event, view.heads());
                document = known;
            }
            return Optional.of(known);
        }

        @Override
        public boolean isLocal() {
            return source().own();
        }

        @Override
        public Optional<String> peer() {
            String peer = source().peer();
            return peer.isEmpty() ? Optional.empty() : Optional.of(peer);
        }

        @Override
        public boolean isConflict() {
            database.store.requireOpen();
            return now.isConflict(key);
        }

        @Override
        public boolean isSettled() {
            return !isConflict() && then.isConflict(key);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof DocumentChange change
                    && id().equals(change.id())
                    && document().equals(change.document());
        }

        @Override
        public int hashCode() {
            return Objects.hash(id(), document());
        }

        @Override
        public String toString() {
            return id() + (event == EventGraph.NONE ? " deleted" : " put");
        }
    }

    private final class SinceView extends Changed {
        private final ReadView earlier;
        private final ViewChange.KeyChange change;

        SinceView(ViewChange.KeyChange change, ReadView earlier, PastKeys then, ReadView view, PastKeys now) {
            super(change.key(), view, now, change.after(), then);
            this.earlier = earlier;
            this.change = change;
        }

        @Override
        public Optional<Document> before() {
            return read(earlier, change.before(), earlier.heads());
        }

        @Override
        ChangeSource source() {
            return change.source();
        }
    }

    private final class SinceClock extends Changed {
        private final List<Cid> clock;
        private final @Nullable BitSet later;

        /**
         * A change since some events.
         *
         * @param then what was before, as these events know it
         * @param clock these events
         * @param later all events that came after them; null for all
         */
        SinceClock(
                String key,
                ReadView view,
                PastKeys now,
                int event,
                PastKeys then,
                List<Cid> clock,
                @Nullable BitSet later) {
            super(key, view, now, event, then);
            this.clock = clock;
            this.later = later;
        }

        @Override
        public Optional<Document> before() {
            return read(view, then.document(key), clock);
        }

        @Override
        ChangeSource source() {
            int winner = now.winner(key);
            ChangeSource source = view.source(winner);
            // One's own earlier version holds again: that is somebody else's doing.
            return later == null || later.get(winner) ? source : new ChangeSource(false, "");
        }
    }
}
