package dev.livesync.core.protocol.alpha;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.CarBytes;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.protocol.DiffAnswer;
import dev.livesync.core.protocol.FeedPage;
import dev.livesync.core.protocol.MessageSizes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Answers and updates that carry trees, as an alpha sends them: for alphas, and for whoever else wants trees. */
public final class TreeExchange {
    private final MessageSizes sizes;
    private final long salt;
    private final @Nullable AlphaPeer alpha;

    /**
     * Makes the exchange with a peer that is no alpha.
     *
     * @param sizes of messages
     * @param salt of sets of CIDs
     */
    public TreeExchange(MessageSizes sizes, long salt) {
        this(sizes, salt, null);
    }

    TreeExchange(MessageSizes sizes, long salt, @Nullable AlphaPeer alpha) {
        this.sizes = sizes;
        this.salt = salt;
        this.alpha = alpha;
    }

    /**
     * The events of a CAR in causal order: answers go from new to old.
     *
     * @param events as they came
     * @return a copy
     */
    public static List<Event> parentsFirst(List<Event> events) {
        List<Event> reversed = new ArrayList<>(events);
        Collections.reverse(reversed);
        return reversed;
    }

    /**
     * Creates an answer.
     *
     * @param snapshot closed with the answer
     * @param known what the peer has
     * @return the answer
     */
    public DiffAnswer answer(Snapshot snapshot, Predicate<Cid> known) {
        return new AlphaAnswer(snapshot, known, sizes, salt, alpha);
    }

    /**
     * Everything since a clock, as an answer.
     *
     * @param snapshot closed with the answer
     * @param frontier the clock
     * @return the answer
     */
    public DiffAnswer answerSince(Snapshot snapshot, List<Cid> frontier) {
        CidSet known = new CidSet(salt);
        ArrayDeque<Cid> queue = new ArrayDeque<>(frontier);
        while (!queue.isEmpty()) {
            Event event = snapshot.event(queue.poll());
            if (event != null && known.add(event.cid())) {
                queue.addAll(event.parents());
            }
        }
        return answer(snapshot, known::contains);
    }

    /**
     * Creates the messages for a page of changes.
     *
     * @param snapshot closed with the page
     * @param changes from the replica's feed
     * @param skip events that the peer sent itself
     * @return the page
     */
    public FeedPage page(Snapshot snapshot, List<Change> changes, Predicate<Cid> skip) {
        return alpha != null && alpha.wouldForkLong(snapshot)
                ? new WholePage(answer(snapshot, alpha::has))
                : new TreePage(snapshot, changes, skip);
    }

    /** A page with another long branch, sent like an answer whose heads come last and merged into one. */
    private static final class WholePage implements FeedPage {
        private final DiffAnswer answer;

        WholePage(DiffAnswer answer) {
            this.answer = answer;
        }

        @Override
        public @Nullable CarBytes next(long room) {
            // An ok is for who has asked.
            return answer.next(room) instanceof CarBytes car ? car : null;
        }

        @Override
        public void close() {
            answer.close();
        }
    }

    /** A page as the alpha sends it: a CAR for each event or batch. */
    private final class TreePage implements FeedPage {
        private final Snapshot snapshot;
        private final Queue<Change> changes;
        private final Predicate<Cid> skip;
        private final Queue<CarBytes> ready = new ArrayDeque<>();
        private @Nullable UpdateCars current;

        TreePage(Snapshot snapshot, List<Change> changes, Predicate<Cid> skip) {
            this.snapshot = snapshot;
            this.changes = new ArrayDeque<>(changes);
            this.skip = skip;
        }

        @Override
        public @Nullable CarBytes next(long room) {
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
