package dev.livesync.core.protocol;

import dev.livesync.api.Block;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whole CARs that wait to be committed. Small ones share a commit; one commit is under way at a time. */
final class PendingCars {
    /** The number of CARs in a commit, their bytes, and the events in them. */
    record Load(int cars, long bytes, List<Event> events) {}

    /** Events of our own, to be stored beside those of the peer. */
    private static final int OWN = 0;

    private final Origin origin;
    private final long target;
    private final boolean single;
    private final ArrayDeque<ReceivedCar> waiting = new ArrayDeque<>();
    private long bytes;
    private @Nullable Load load;

    /**
     * Creates the list; nothing waits yet.
     *
     * @param origin of the commits
     * @param target how many bytes of small CARs share a commit
     * @param single whether each CAR gets a commit of its own
     */
    PendingCars(Origin origin, long target, boolean single) {
        this.origin = origin;
        this.target = target;
        this.single = single;
    }

    void add(ReceivedCar car) {
        waiting.add(car);
        bytes += car.bytes();
    }

    /** Adds an event that this side has made for the peer. */
    void addOwn(Event event) {
        waiting.add(new ReceivedCar(List.of(), List.of(), List.of(event), OWN));
    }

    /** Asks for a commit even if nothing waits. */
    void addNothing() {
        waiting.add(new ReceivedCar(List.of(), List.of(), List.of(), OWN));
    }

    /** The bytes that wait or are being committed. */
    long bytes() {
        return bytes;
    }

    boolean committing() {
        return load != null;
    }

    boolean isEmpty() {
        return waiting.isEmpty() && load == null;
    }

    /** Starts the next commit; null if nothing waits or a commit is under way. */
    @Nullable
    Commit next() {
        if (load != null || waiting.isEmpty()) {
            return null;
        }
        List<Block> blocks = new ArrayList<>();
        List<Event> events = new ArrayList<>();
        int cars = 0;
        long size = 0;
        while (!waiting.isEmpty()
                && (size == 0 || !single && size + waiting.element().bytes() <= target)) {
            ReceivedCar car = waiting.remove();
            blocks.addAll(car.blocks());
            events.addAll(car.events());
            cars += car.bytes() == OWN ? 0 : 1;
            size += car.bytes();
        }
        Commit commit = new Commit(blocks, events, origin);
        load = new Load(cars, size, commit.events());
        return commit;
    }

    /** Ends the commit under way. */
    Load done() {
        Load ended = java.util.Objects.requireNonNull(load, "no commit is under way");
        load = null;
        bytes -= ended.bytes();
        return ended;
    }

    /** Drops everything that waits. */
    void clear() {
        for (ReceivedCar car : waiting) {
            bytes -= car.bytes();
        }
        waiting.clear();
    }
}
