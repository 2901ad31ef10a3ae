package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.checkpoint.CheckpointStore;
import dev.livesync.database.query.FieldIndex;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The history of a feed, in memory: what an embedded database derives from its events, worked out by the same code, for a store that several processes share. About 130 bytes
 * an event; contents stay in the store.
 *
 * <p><strong>Writing.</strong> One thread at a time, under a lock of the owner's: {@link #add} for each event of the feed, in its order, and then {@link #publish}. What
 * was taken cannot be taken back: {@link #reset} begins anew with an empty history, which is filled from a checkpoint or from the feed.
 *
 * <p><strong>Reading.</strong> Any thread, at any time: {@link #view} is the last that was published.
 */
final class FeedHistory implements AutoCloseable {
    /** Events to take before the changed keys are looked at, if nobody is told of them. */
    private static final int NOTE_EVERY = 8_192;

    private final BlockReader blocks;
    private final RandomGenerator random;
    private final List<FieldIndex> indexes;
    private final Notifier notifier;
    private FeedState state;
    private int noted;
    private volatile FeedView published;

    /**
     * Creates an empty history.
     *
     * @param name for the thread that tells listeners
     * @param blocks where complete events and tree nodes are read
     * @param random salts for what peers must not be able to guess
     * @param indexes what is kept in order beside the ids
     */
    FeedHistory(String name, BlockReader blocks, RandomGenerator random, List<FieldIndex> indexes) {
        this.blocks = blocks;
        this.random = random;
        this.indexes = List.copyOf(indexes);
        this.notifier = new Notifier("livesync-feed-" + name);
        this.state = new FeedState(blocks, random, this.indexes);
        this.published = FeedView.of(state, blocks);
    }

    /** Begins anew, with nothing. What is published stays so until the next {@link #publish}. */
    void reset() {
        state = new FeedState(blocks, random, indexes);
        noted = 0;
    }

    /**
     * How many events were taken, published or not.
     *
     * @return the index of the next one
     */
    int size() {
        return state.graph.size();
    }

    /** Takes the next event of the feed, whose parents were taken. */
    void add(Event event, Origin origin, boolean startsChange) {
        state.add(event, origin, startsChange);
        taken();
    }

    private void taken() {
        if (published.state != state && state.graph.size() - noted >= NOTE_EVERY) {
            state.noteUntold(); // keeps the watch small
            state.settled();
            noted = state.graph.size();
        }
    }

    /** Has some events count as written by this process's user when they come, with trees that were made of this history. */
    void expect(List<Cid> own) {
        state.expect(own);
    }

    /** They won't come. */
    void forget(List<Cid> own) {
        state.forget(own);
    }

    FeedState state() {
        return state;
    }

    /** Whether something was taken that is not published. */
    boolean isBroken() {
        return published.state != state || published.events() != state.graph.size();
    }

    /**
     * Publishes what was taken.
     *
     * @param source who brought what has changed
     * @return what readers see from now on
     */
    FeedView publish(ChangeSource source) {
        FeedView before = published;
        boolean goesOn = before.state == state;
        int[] keys = state.publish();
        FeedView after = goesOn ? before.next(keys) : FeedView.of(state, blocks);
        state.settled();
        published = after;
        notifier.changed(new ViewStep(after, keys, source));
        return after;
    }

    /**
     * What was published last.
     *
     * @return the view, which never changes
     */
    FeedView view() {
        return published;
    }

    /**
     * Registers a listener that is told which documents changed.
     *
     * @param listener receives ids
     * @return ends it
     */
    Subscription onDocuments(Consumer<List<String>> listener) {
        return notifier.onDocuments(listener);
    }

    /**
     * Registers a watcher that is told which documents changed, from which event to which.
     *
     * @param first receives the view from which on the watcher is told, before that one is called; null for nobody
     * @param watcher receives the changes
     * @return ends it
     */
    Subscription watch(@Nullable Consumer<ReadView> first, Consumer<ViewChange> watcher) {
        Subscription watching = notifier.follow(() -> new Watcher(published, first, watcher));
        notifier.wake();
        return watching;
    }

    /**
     * Registers somebody who takes what has changed when he likes.
     *
     * @param pull is called
     * @return ends it
     */
    Subscription pull(ViewPull pull) {
        Subscription following = notifier.follow(() -> new Puller(published, pull));
        notifier.wake();
        return following;
    }

    /** Has everybody asked again whether he takes something. */
    void wake() {
        notifier.wake();
    }

    /**
     * Takes a checkpoint: what was taken and published, to begin with the next time instead of reading all of the feed. Under the owner's lock.
     *
     * @param place where the feed was read up to, as its reader says it
     * @return writes it, on any thread, without a lock
     */
    CheckpointStore.Content checkpoint(String place) {
        return FeedImage.of(state, published.indexes(), place);
    }

    /**
     * Fills an empty history. If this fails, {@link #reset} it.
     *
     * @param in what a {@link #checkpoint} wrote
     * @param size how many bytes that is
     * @return the place up to which the feed was read then
     * @throws SyncException {@link ErrorKind#CORRUPT} if it is no such thing, or is damaged: then all of the feed must be read
     */
    String load(InputStream in, long size) {
        return FeedImage.load(state, in, size);
    }

    /** Ends the thread. The last view stays readable as long as the store is. */
    @Override
    public void close() {
        notifier.close();
    }
}
