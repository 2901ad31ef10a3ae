package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Events;
import dev.livesync.database.checkpoint.CheckpointStore;
import dev.livesync.database.index.Indexes;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The history of a database whose events are in a store that several processes write: what the embedded database works out of its log, followed in memory.
 *
 * <p>Its owner tells it what the store holds ({@link #follow}, {@link #await}), has it decide on what is to be stored ({@link #accept}), and takes {@linkplain #view
 * views} for readers. A decision changes it at once; if the store then refuses, the owner goes on with a {@linkplain #copy copy} of what was there before.
 *
 * <p>One thread at a time, under the owner's lock.
 */
public final class SharedHistory {
    /** Events to take before the changed keys are looked at, while nobody has a view. */
    private static final int NOTE_EVERY = 8_192;

    private final RandomGenerator random;
    private final State state;
    private final HeadQuota heads = new HeadQuota();
    private @Nullable Winners winners;
    private int noted;
    private boolean spoiled;

    private final class State extends DerivedState {
        State() {
            super(random, List.of(), false);
        }

        @Override
        Block block(Cid cid) {
            throw new UnsupportedOperationException("read through a view");
        }

        @Override
        @Nullable
        Event fresh(int index) {
            return null;
        }

        @Override
        String remedy() {
            return "restart this process, which then reads the history anew";
        }

        @Override
        void accepted(int index, int[] parents, PendingEvent e) {
            heads.accepted(index, parents, e.origin.peer());
        }

        void repeat(DerivedState other, int event) {
            graph.add(
                    other.graph.cid(event),
                    keys.intern(other.keys.name(other.graph.key(event))),
                    other.graph.isDelete(event),
                    other.graph.parents(event));
            documents.accept(event);
            Feed from = other.feed;
            feed.add(event, from.isInterior(event), from.startsCommit(event), false, 0, from.origin(event));
        }
    }

    /**
     * What became of the events of one commit.
     *
     * @param accepted those that became complete, ancestors first, whoever brought them
     * @param pending those of this commit that are not complete
     * @param givenUp pending events that made room or were too old
     * @param missing the absent ancestors that {@code pending} waits for
     * @param heads the clock after it
     */
    public record Outcome(
            List<Step> accepted, List<Cid> pending, List<Cid> givenUp, List<Cid> missing, List<Cid> heads) {
        /** Copies the lists. */
        public Outcome {
            accepted = List.copyOf(accepted);
            pending = List.copyOf(pending);
            givenUp = List.copyOf(givenUp);
            missing = List.copyOf(missing);
            heads = List.copyOf(heads);
        }
    }

    /**
     * An event that became complete.
     *
     * @param event its CID
     * @param interior whether its batch goes on after it
     * @param startsCommit whether it is the first of its commit
     */
    public record Step(Cid event, boolean interior, boolean startsCommit) {}

    /**
     * A history that was read from a checkpoint.
     *
     * @param history without pending events
     * @param place what was said when it was taken
     */
    public record Loaded(SharedHistory history, String place) {}

    /**
     * Makes an empty history.
     *
     * @param random seeds hash tables
     */
    public SharedHistory(RandomGenerator random) {
        this.random = random;
        this.state = new State();
        heads.start();
    }

    /**
     * How many events are complete.
     *
     * @return the position in the feed
     */
    public int events() {
        return state.graph.size();
    }

    /**
     * The CID of a complete event.
     *
     * @param event its index
     * @return its name
     */
    public Cid cid(int event) {
        return state.graph.cid(event);
    }

    /**
     * Whether an event is complete or pending.
     *
     * @param cid any
     * @return false for what was not committed as an event
     */
    public boolean isKnown(Cid cid) {
        return state.isKnownEvent(cid);
    }

    /**
     * How many events are pending.
     *
     * @return their number
     */
    public int pending() {
        return state.pending.size();
    }

    /**
     * Takes the event that is next in the feed of the store. {@link #settle} follows.
     *
     * @param block of the event
     * @param interior whether its batch goes on after it
     * @param startsCommit whether it is the first of its commit
     * @throws SyncException {@link ErrorKind#CORRUPT} if the feed is no history: an event is there twice, or a parent is not there before it
     */
    public void follow(Block block, boolean interior, boolean startsCommit) {
        Event event = Events.decode(block, DerivedState.STORED);
        PendingEvent waiting = state.pending.get(event.cid());
        PendingEvent next = waiting == null ? new PendingEvent(event, Origin.LOCAL, 0, false) : waiting;
        if (state.indexes(event.parents()) == null) {
            throw new SyncException(
                    ErrorKind.CORRUPT, "the feed has event " + event.cid() + " before one of its parents");
        }
        state.accept(next, interior, startsCommit, 0);
        if (winners == null && events() - noted >= NOTE_EVERY) {
            state.noteUntold(); // keeps the watch small
            noted = events();
        }
    }

    /**
     * Takes a pending event of the store; the oldest first. {@link #settle} follows.
     *
     * @param block of the event
     * @param peer against whose quota it counts
     * @param time when it came, in milliseconds
     */
    public void await(Block block, String peer, long time) {
        Event event = Events.decode(block, DerivedState.STORED);
        if (!state.isKnownEvent(event.cid())) {
            state.pending.add(new PendingEvent(event, new Origin("", peer), time, false));
        }
    }

    /**
     * Forgets pending events that others have given up. {@link #settle} follows.
     *
     * @param cids any
     */
    public void giveUp(Collection<Cid> cids) {
        state.pending.remove(List.copyOf(cids));
    }

    /** Works out what pending events wait for, after some were taken from the store. */
    public void settle() {
        if (state.pending.size() > 0) {
            state.pending.recompute();
        }
    }

    /**
     * Takes the events of a commit.
     *
     * @param events in any order, with repeats and known ones
     * @param origin who brings them
     * @param time when, in milliseconds
     * @param limits what a peer may bring
     * @return what became of them
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED}; this history is as it was, unless it {@linkplain #isSpoiled says otherwise}
     */
    public Outcome accept(List<Event> events, Origin origin, long time, QuotaLimits limits) {
        Map<Cid, Event> fresh = new LinkedHashMap<>();
        for (Event e : events) {
            if (!state.isKnownEvent(e.cid())) {
                fresh.putIfAbsent(e.cid(), e);
            }
        }
        EventQuota quota = new EventQuota(state, heads, fresh, origin.peer(), limits);
        quota.require();
        spoiled = true;
        EventAcceptance acceptance = new EventAcceptance(state, 0);
        fresh.values().forEach(e -> acceptance.arrive(new PendingEvent(e, origin, time, false)));
        acceptance.finish();
        quota.requireOfPending();
        List<Cid> excess = state.pending.excess(
                time - limits.pendingMaxAge().toMillis(), limits.pendingBytesPerPeer(), fresh.keySet());
        state.pending.remove(excess);
        spoiled = false;
        List<Step> steps = new ArrayList<>();
        acceptance.accepted().forEach(a -> steps.add(new Step(a.event(), a.interior(), steps.isEmpty())));
        Set<Cid> pending = new HashSet<>();
        List<Cid> waiting = state.pending.size() == 0
                ? List.of()
                : events.stream()
                        .map(Event::cid)
                        .filter(cid -> state.pending.contains(cid) && pending.add(cid))
                        .toList();
        return new Outcome(steps, waiting, excess, state.pending.missing(waiting), state.documents.clock());
    }

    /**
     * Whether a refusal came so late that this history is good for nothing any more.
     *
     * @return true after {@link #accept} has failed half-way
     */
    public boolean isSpoiled() {
        return spoiled;
    }

    /**
     * Makes a history of the first complete events of this one.
     *
     * @param events how many
     * @return another history, without pending events
     */
    public SharedHistory copy(int events) {
        SharedHistory copy = new SharedHistory(random);
        for (int e = 0; e < events; e++) {
            copy.state.repeat(state, e);
        }
        return copy;
    }

    /**
     * How a complete event stands in the feed.
     *
     * @param event its index
     * @return the event, and what the feed's row says of it
     */
    public Step step(int event) {
        return new Step(cid(event), state.feed.isInterior(event), state.feed.startsCommit(event));
    }

    /**
     * Whether what is known of a complete event is what its content says: its key, what it does to it, and of whom it descends.
     *
     * @param event its index
     * @param block its content
     * @return false if a part of it is something else
     * @throws SyncException {@link ErrorKind#CORRUPT} if the content is no event
     */
    public boolean agrees(int event, Block block) {
        Event content = Events.decode(block, DerivedState.STORED);
        int[] listed = state.indexes(content.parents());
        if (listed == null || Arrays.stream(listed).anyMatch(parent -> parent >= event)) {
            return false;
        }
        int[] known = state.graph.parents(event);
        return content.cid().equals(cid(event))
                && state.graph.isDelete(event) == (content.type() == Event.Type.DELETE)
                && state.keys.name(state.graph.key(event)).equals(content.key())
                && Arrays.stream(known).allMatch(parent -> Arrays.stream(listed).anyMatch(l -> l == parent))
                && state.graph.covers(known, listed);
    }

    /**
     * Takes a checkpoint of the complete events, to begin with it the next time instead of reading them. For the owner, under its lock.
     *
     * @param place what {@link #load} gives back
     * @return writes it, on any thread, without a lock
     */
    public CheckpointStore.Content checkpoint(String place) {
        return FeedImage.of(state, Indexes.NONE, place);
    }

    /**
     * Reads a checkpoint. Its structure is checked; whether it is of the same history as the store's is for the owner to find out.
     *
     * @param random seeds hash tables
     * @param in what a {@link #checkpoint} wrote
     * @param size how many bytes that is
     * @return the history, and where it was
     * @throws SyncException {@link ErrorKind#CORRUPT} if it is no such thing, or is damaged
     */
    public static Loaded load(RandomGenerator random, InputStream in, long size) {
        SharedHistory history = new SharedHistory(random);
        String place = FeedImage.load(history.state, in, size);
        history.noted = history.events();
        return new Loaded(history, place);
    }

    /**
     * Reads of a checkpoint only what was said when it was taken.
     *
     * @param in what a {@link #checkpoint} wrote
     * @param size how many bytes that is
     * @return the place, of which nothing was checked
     * @throws SyncException {@link ErrorKind#CORRUPT} if it is no such thing
     */
    public static String place(InputStream in, long size) {
        return FeedImage.place(in, size);
    }

    /**
     * The state as it is now, for readers.
     *
     * @param blocks where its blocks are
     * @param pending how many events are pending in the store
     * @param stored how many blocks the store holds
     * @param bytes how many bytes they have
     * @return a view that never changes
     */
    public SharedView view(SharedBlocks blocks, long pending, long stored, long bytes) {
        int[] changed = state.publish();
        Winners now = winners == null ? ReadView.winners(state) : winners.with(changed, state.documents::document);
        winners = now;
        return new SharedView(state, now, blocks, pending, stored, bytes);
    }
}
