package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls that wait until the peer holds a clock of ours. Each takes two steps: first the feed passes the clock, so that everything up to
 * it has been sent; then the CARs that were sent by that time are acknowledged, if both speak acks.
 *
 * <p>The feed passes a clock when all its heads were on pages of it, or when a page ended the feed that was read after somebody
 * had asked. The first alone would never notice what was sent before, the second alone would wait for a writer to pause.
 */
final class Deliveries {
    private static final class Delivery {
        private final long number;
        private final Set<Cid> ahead;
        private final Consumer<@Nullable SyncException> told;

        /** How many CARs have to be acknowledged; -1 while the feed has not passed. */
        private long cars = -1;

        Delivery(long number, Collection<Cid> clock, Consumer<@Nullable SyncException> told) {
            this.number = number;
            this.ahead = new HashSet<>(clock);
            this.told = told;
        }
    }

    private final LongSupplier carsSent;
    private final List<Delivery> waiting = new ArrayList<>();
    private long numbers;
    private int unsent;

    /** Why whatever is sent from now on counts as refused; null if it doesn't. */
    private @Nullable SyncException refusal;

    /**
     * Creates the list; nobody waits yet.
     *
     * @param carsSent how many CARs have been sent whole
     */
    Deliveries(LongSupplier carsSent) {
        this.carsSent = carsSent;
    }

    void add(Collection<Cid> clock, Consumer<@Nullable SyncException> told) {
        if (refusal != null) {
            told.accept(refusal);
            return;
        }
        waiting.add(new Delivery(++numbers, clock, told));
        unsent++;
    }

    /** The number of the latest call whose clock the feed hasn't passed; 0 if there is none. */
    long latest() {
        return unsent > 0 ? numbers : 0;
    }

    /**
     * Records how far the feed has been sent.
     *
     * @param changes what was on the page
     * @param upTo the number of the latest who had asked before this page was read, if there was no more to read after it; or 0
     */
    void passed(List<Change> changes, long upTo) {
        if (unsent == 0) {
            return;
        }
        Set<Cid> events = new HashSet<>();
        changes.forEach(change -> events.addAll(change.events()));
        for (Delivery d : waiting) {
            if (d.cars < 0 && (d.ahead.removeIf(events::contains) && d.ahead.isEmpty() || d.number <= upTo)) {
                d.cars = carsSent.getAsLong();
                unsent--;
            }
        }
    }

    /**
     * Fails the calls whose clock the peer won't hold: those that wait for a refused CAR or a later one, and those to come. What is written
     * here builds on what was refused.
     *
     * @param car the first that was refused
     */
    void refused(long car, SyncException why) {
        refusal = why;
        for (Delivery d : List.copyOf(waiting)) {
            if (d.cars < 0 || d.cars >= car) {
                waiting.remove(d);
                unsent -= d.cars < 0 ? 1 : 0;
                d.told.accept(why);
            }
        }
    }

    /** Whether anybody waits. */
    boolean isAwaited() {
        return !waiting.isEmpty();
    }

    /** How many CARs have to be acknowledged for the latest of those that wait for nothing else; 0 if there is none. */
    long awaited() {
        long cars = 0;
        for (Delivery d : waiting) {
            cars = Math.max(cars, d.cars);
        }
        return cars;
    }

    /** Completes the calls whose clock the peer holds now that so many CARs are acknowledged. */
    void acknowledged(long cars) {
        for (Iterator<Delivery> i = waiting.iterator(); i.hasNext(); ) {
            Delivery d = i.next();
            if (d.cars >= 0 && d.cars <= cars) {
                i.remove();
                d.told.accept(null);
            }
        }
    }
}
