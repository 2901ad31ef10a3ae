package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.Section;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Changes as they happen, read from the replica's feed and turned into sections when the channel has room: what piles up while it
 * has none stays in the replica. Changes that this session brought itself are left out.
 */
final class LiveFeed implements AutoCloseable {
    /** The number of changes on a page. */
    private static final int PAGE_EVENTS = 1_000;

    private final Replica replica;
    private final Origin self;
    private final Predicate<Cid> skip;
    private final Dialect dialect;
    private final Deliveries deliveries;
    private final LongConsumer passed;

    private Cursor cursor;
    private List<Cid> heads;
    private List<Cid> frontier;
    private boolean dirty = true;

    private @Nullable FeedPage page;

    /** What is on that page, and who waits for no more than it; see {@link Deliveries#passed}. */
    private List<Change> passing = List.of();

    private long passingUpTo;

    /** How many events there were, if nothing follows that page; else -1. */
    private long passingEvents = -1;

    /**
     * Creates a feed.
     *
     * @param dialect makes messages of changes
     * @param start where the peer's knowledge ends
     * @param heads the clock there
     * @param skip events that the peer sent itself
     * @param deliveries told what has been sent
     * @param passed told, each time that all has been sent, how many events there were
     */
    LiveFeed(
            Replica replica,
            Origin self,
            Dialect dialect,
            Cursor start,
            List<Cid> heads,
            Predicate<Cid> skip,
            Deliveries deliveries,
            LongConsumer passed) {
        this.replica = replica;
        this.self = self;
        this.dialect = dialect;
        this.cursor = start;
        this.heads = heads;
        this.frontier = heads;
        this.skip = skip;
        this.deliveries = deliveries;
        this.passed = passed;
    }

    /** Called when there may be more to read. */
    void changed() {
        dirty = true;
    }

    /** Whether everything that was read has been sent and no more is known of. */
    boolean isDry() {
        return page == null && !dirty;
    }

    /** The replica's clock when the feed was read last. */
    List<Cid> heads() {
        return heads;
    }

    /** A clock that the peer has or is being sent. */
    List<Cid> frontier() {
        return frontier;
    }

    /** The next section; null if there is nothing to send, or if that needs more room. */
    @Nullable
    Section next(long room) {
        while (true) {
            if (page != null) {
                Section section = page.next(room);
                if (section != null || page.isHeldBack()) {
                    return section;
                }
                close();
                passed();
            }
            if (!dirty) {
                return null;
            }
            read();
        }
    }

    /** Whether the last {@link #next} left something that needs more room. */
    boolean isHeldBack() {
        return page != null && page.isHeldBack();
    }

    /** One snapshot, before the changes: where they end just there, it serves for all that is asked for. */
    private void read() {
        dirty = false;
        long asked = deliveries.latest();
        Snapshot snapshot = replica.snapshot();
        try {
            List<Cid> before = snapshot.heads();
            Changes changes = replica.changes(cursor, PAGE_EVENTS);
            cursor = changes.next();
            boolean last = cursor.equals(snapshot.cursor());
            if (changes.changes().isEmpty()) {
                heads = before;
                frontier = before;
                deliveries.passed(List.of(), asked);
                passed.accept(snapshot.summary().events());
                return;
            }
            dirty = !last;
            passingEvents = last ? snapshot.summary().events() : -1;
            passing = changes.changes();
            boolean all =
                    asked > 0 && (last || replica.changes(cursor, 1).changes().isEmpty());
            passingUpTo = all ? asked : 0;
            List<Change> foreign = changes.changes().stream()
                    .filter(c -> !self.session().equals(c.origin().session()))
                    .toList();
            if (!foreign.isEmpty()) {
                if (!last) {
                    // Some of the changes came after it.
                    snapshot.close();
                    snapshot = replica.snapshot();
                }
                page = dialect.page(snapshot, foreign, skip);
            }
            heads = snapshot.heads();
            if (last) {
                frontier = heads;
            }
            if (foreign.isEmpty()) {
                passed();
            }
        } finally {
            if (page == null) {
                snapshot.close();
            }
        }
    }

    private void passed() {
        deliveries.passed(passing, passingUpTo);
        if (passingEvents >= 0) {
            passed.accept(passingEvents);
        }
    }

    /** Drops the page that was being sent. */
    @Override
    public void close() {
        FeedPage last = page;
        page = null;
        if (last != null) {
            last.close();
        }
    }
}
