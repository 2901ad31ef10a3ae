package dev.livesync.bench.many;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.replica.Summary;
import dev.livesync.api.replica.Tree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A replica that takes what its one session brings, and costs its process four bytes an event: the events themselves are in a {@link
 * CommonEvents}. It has no documents. An event without its parents is a failure.
 */
final class LightReplica implements Replica {
    private final CommonEvents history;
    private final Consumer<Event> arrivals;

    /** By the number of an event: how many were here before it, and 1. */
    private int[] places = new int[64];

    private int[] numbers = new int[64];
    private int size;
    private Origin origin = Origin.LOCAL;
    private List<Cid> heads = List.of();

    /**
     * An empty replica.
     *
     * @param arrivals told of each event that is new here; on the thread that commits
     */
    LightReplica(CommonEvents history, Consumer<Event> arrivals) {
        this.history = history;
        this.arrivals = arrivals;
    }

    @Override
    public CommitResult commit(Commit commit) {
        List<Event> fresh = new ArrayList<>();
        CommitResult result = store(commit, fresh);
        fresh.forEach(arrivals);
        return result;
    }

    private synchronized CommitResult store(Commit commit, List<Event> fresh) {
        Set<Cid> tips = new LinkedHashSet<>(heads);
        for (Event event : commit.events()) {
            int number = history.number(event);
            if (place(number) > 0) {
                continue;
            }
            for (Cid parent : event.parents()) {
                if (place(history.number(parent)) == 0) {
                    throw new SyncException(
                            ErrorKind.INTERNAL, "event " + event.cid() + " came before its parent " + parent);
                }
                tips.remove(parent);
            }
            tips.add(event.cid());
            add(number);
            fresh.add(event);
        }
        origin = commit.origin();
        heads = tips.stream().sorted().toList();
        return new CommitResult(
                heads, fresh.stream().map(Event::cid).toList(), List.of(), List.of(), new Cursor("at-" + size));
    }

    private void add(int number) {
        if (number >= places.length) {
            places = Arrays.copyOf(places, Math.max(number + 1, places.length + places.length / 4));
        }
        if (size == numbers.length) {
            numbers = Arrays.copyOf(numbers, size + size / 4);
        }
        numbers[size++] = number;
        places[number] = size;
    }

    /** 0 for what is not here. */
    private int place(int number) {
        return number < 0 || number >= places.length ? 0 : places[number];
    }

    @Override
    public synchronized Snapshot snapshot() {
        return new Moment(size, heads);
    }

    /** All changes are the session's own: nobody else writes here. */
    @Override
    public synchronized Changes changes(Cursor after, int maxEvents) {
        int from = Integer.parseInt(after.token().substring("at-".length()));
        List<Cid> events = new ArrayList<>();
        for (int i = from; i < size; i++) {
            events.add(history.event(numbers[i]).cid());
        }
        return new Changes(
                events.isEmpty() ? List.of() : List.of(new Change(events, List.of(), origin)),
                new Cursor("at-" + size));
    }

    /** Nobody writes but the session, which need not be told. */
    @Override
    public Subscription onChange(Runnable wakeUp) {
        return () -> {};
    }

    private synchronized boolean has(Cid cid, int before) {
        int place = place(history.number(cid));
        return place > 0 && place <= before;
    }

    private final class Moment implements Snapshot {
        private final int count;
        private final List<Cid> clock;

        Moment(int count, List<Cid> clock) {
            this.count = count;
            this.clock = clock;
        }

        @Override
        public Cursor cursor() {
            return new Cursor("at-" + count);
        }

        @Override
        public List<Cid> heads() {
            return clock;
        }

        @Override
        public @Nullable Event event(Cid cid) {
            return has(cid, count) ? history.event(history.number(cid)) : null;
        }

        @Override
        public @Nullable Block block(Cid cid) {
            Event event = event(cid);
            return event == null ? null : event.block();
        }

        @Override
        public List<Cid> missing(Collection<Cid> cids) {
            return cids.stream().distinct().filter(cid -> !has(cid, count)).toList();
        }

        @Override
        public Iterator<Cid> storedCids() {
            return eventsSince(List.of());
        }

        @Override
        public Tree tree(Cid event) {
            throw none();
        }

        @Override
        public Tree canonicalTree(Collection<Cid> of) {
            throw none();
        }

        private SyncException none() {
            return new SyncException(ErrorKind.UNSUPPORTED, "a light replica has no documents");
        }

        /** Documents are never deleted here. */
        @Override
        public boolean isInterior(Cid cid) {
            Event event = event(cid);
            return event != null && event.root() == null;
        }

        @Override
        public Summary summary() {
            return new Summary(0, count, 0, count, 0);
        }

        @Override
        public void close() {}
    }
}
