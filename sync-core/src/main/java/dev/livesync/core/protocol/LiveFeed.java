package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.CarBytes;
import dev.livesync.core.protocol.alpha.AlphaAnswer;
import dev.livesync.core.protocol.alpha.AlphaPeer;
import dev.livesync.core.protocol.alpha.UpdateCars;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Changes as they happen, read from the replica's feed and turned into CARs when the channel has room: what piles up while it
 * has none stays in the replica. Changes that this session brought itself are left out.
 */
final class LiveFeed implements AutoCloseable {
    /** How many CIDs of a page are in memory. */
    private static final int PAGE_EVENTS = 1_000;

    private final Replica replica;
    private final Origin self;
    private final Predicate<Cid> skip;
    private final long salt;
    private final @Nullable AlphaPeer alpha;
    private final MessageSizes sizes;
    private final boolean treesTravel;
    private final boolean tips;
    private final Deliveries deliveries;

    private Cursor cursor;
    private List<Cid> heads;
    private List<Cid> frontier;
    private boolean dirty = true;

    private @Nullable Page page;

    /** What is on that page, and who waits for no more than it; see {@link Deliveries#passed}. */
    private List<Change> passing = List.of();

    private long passingUpTo;

    /** What is left of one read of the feed. */
    private interface Page extends AutoCloseable {
        @Nullable
        CarBytes next();

        @Override
        void close();
    }

    /**
     * A feed.
     *
     * @param tips whether CARs have to say where they lead
     * @param start where the peer's knowledge ends
     * @param heads the clock there
     * @param skip events that the peer sent itself
     * @param salt of the session's sets
     * @param alpha what an alpha has; null for one of our own
     * @param deliveries told what has been sent
     */
    LiveFeed(
            Replica replica,
            Origin self,
            MessageSizes sizes,
            boolean treesTravel,
            boolean tips,
            Cursor start,
            List<Cid> heads,
            Predicate<Cid> skip,
            long salt,
            @Nullable AlphaPeer alpha,
            Deliveries deliveries) {
        this.salt = salt;
        this.replica = replica;
        this.self = self;
        this.sizes = sizes;
        this.treesTravel = treesTravel;
        this.tips = tips;
        this.cursor = start;
        this.heads = heads;
        this.frontier = heads;
        this.skip = skip;
        this.alpha = alpha;
        this.deliveries = deliveries;
    }

    /** There may be more to read. */
    void changed() {
        dirty = true;
    }

    /** Whether everything that is known of was sent. */
    boolean isDry() {
        return page == null && !dirty;
    }

    /** The replica's clock when the feed was read last. */
    List<Cid> heads() {
        return heads;
    }

    /** A clock that the peer has, or is being sent. */
    List<Cid> frontier() {
        return frontier;
    }

    /** The next CAR; null if everything that is known of was sent. */
    @Nullable
    CarBytes next() {
        while (true) {
            if (page != null) {
                CarBytes car = page.next();
                if (car != null) {
                    return car;
                }
                close();
                deliveries.passed(passing, passingUpTo);
            }
            if (!dirty) {
                return null;
            }
            read();
        }
    }

    private void read() {
        dirty = false;
        long asked = deliveries.latest();
        List<Cid> before;
        try (Snapshot snapshot = replica.snapshot()) {
            before = snapshot.heads();
        }
        Changes changes = replica.changes(cursor, PAGE_EVENTS);
        cursor = changes.next();
        if (changes.changes().isEmpty()) {
            heads = before;
            frontier = before;
            deliveries.passed(List.of(), asked);
            return;
        }
        dirty = true;
        passing = changes.changes();
        passingUpTo = asked > 0 && replica.changes(cursor, 1).changes().isEmpty() ? asked : 0;
        List<Change> foreign = changes.changes().stream()
                .filter(c -> !self.session().equals(c.origin().session()))
                .toList();
        if (foreign.isEmpty()) {
            deliveries.passed(passing, passingUpTo);
            return;
        }
        // Taken after the changes, so it has them.
        Snapshot snapshot = replica.snapshot();
        try {
            heads = snapshot.heads();
            if (!treesTravel) {
                page = new EventPage(snapshot, foreign);
            } else if (alpha != null && alpha.wouldForkLong(snapshot)) {
                page = new WholePage(snapshot, alpha);
            } else {
                page = new TreePage(snapshot, foreign);
            }
        } finally {
            if (page == null) {
                snapshot.close();
            }
        }
    }

    /** Forgets the page that was being sent. */
    @Override
    public void close() {
        Page last = page;
        page = null;
        if (last != null) {
            last.close();
        }
    }

    /** Events only, as few CARs as possible. */
    private final class EventPage implements Page {
        private final Snapshot snapshot;
        private final Sections sections;

        EventPage(Snapshot snapshot, List<Change> changes) {
            this.snapshot = snapshot;
            List<Cid> events = new ArrayList<>();
            changes.forEach(c -> events.addAll(c.events()));
            sections = new Sections(new EventBatches(snapshot, events.iterator(), skip), sizes, tips);
        }

        @Override
        public @Nullable CarBytes next() {
            return sections.next();
        }

        @Override
        public void close() {
            snapshot.close();
        }
    }

    /** Another branch that is long: as an answer, whose heads come last and as one. */
    private final class WholePage implements Page {
        private final AlphaAnswer answer;

        WholePage(Snapshot snapshot, AlphaPeer peer) {
            answer = new AlphaAnswer(snapshot, peer::has, sizes, salt, peer);
        }

        @Override
        public @Nullable CarBytes next() {
            // An ok is for who has asked.
            return answer.next() instanceof CarBytes car ? car : null;
        }

        @Override
        public void close() {
            answer.close();
        }
    }

    /** As the alpha does it: a CAR for each event or batch. */
    private final class TreePage implements Page {
        private final Snapshot snapshot;
        private final Queue<Change> changes;
        private final Queue<CarBytes> ready = new ArrayDeque<>();
        private @Nullable UpdateCars current;

        TreePage(Snapshot snapshot, List<Change> changes) {
            this.snapshot = snapshot;
            this.changes = new ArrayDeque<>(changes);
        }

        @Override
        public @Nullable CarBytes next() {
            while (ready.isEmpty()) {
                if (current == null) {
                    Change change = changes.poll();
                    if (change == null) {
                        return null;
                    }
                    current = new UpdateCars(snapshot, change, skip, sizes, alpha);
                }
                List<CarBytes> cars = current.next();
                if (cars.isEmpty()) {
                    current = null;
                }
                ready.addAll(cars);
            }
            return ready.poll();
        }

        @Override
        public void close() {
            snapshot.close();
        }
    }
}
