package dev.livesync.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.Database;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Follows a database by its feed and works out by the definitions alone what has to be true of it: each event comes once and after its
 * parents, and the clock is those of which nothing descends.
 */
final class Witness {
    private static final int PAGE = 1_000;

    private final String name;
    private final Database database;
    private final @Nullable WorldStore store;
    private final Map<Cid, Event> events = new LinkedHashMap<>();
    private final TreeSet<Cid> heads = new TreeSet<>();
    private Cursor at;
    private List<Cid> clock;
    private int losses;

    /** Reads all that there is; of a store, if it is one of the hubs that share it. */
    Witness(String name, Database database, @Nullable WorldStore store) {
        this.name = name;
        this.database = database;
        this.store = store;
        at = readAll();
        clock = clock();
        check();
    }

    private Cursor readAll() {
        losses = store == null ? 0 : store.losses();
        try (Snapshot snapshot = database.replica().snapshot()) {
            for (Iterator<Cid> all = snapshot.eventsSince(List.of()); all.hasNext(); ) {
                take(snapshot, all.next());
            }
            return snapshot.cursor();
        }
    }

    /** Of a hub not that of its documents, which follow the store's feed. */
    private List<Cid> clock() {
        if (store == null) {
            return database.clock();
        }
        try (Snapshot snapshot = database.replica().snapshot()) {
            return snapshot.heads();
        }
    }

    /** All complete events, parents first. */
    Map<Cid, Event> events() {
        return events;
    }

    /** Looks at what is new; the events. */
    List<Event> look() {
        List<Cid> now = clock();
        if (now == clock || store != null && now.equals(clock)) {
            return List.of();
        }
        List<Event> fresh = new ArrayList<>();
        Changes page;
        do {
            try {
                page = database.replica().changes(at, PAGE);
            } catch (SyncException e) {
                if (e.kind() != ErrorKind.CURSOR_EXPIRED) {
                    throw e;
                }
                if (store == null || losses == store.losses() && store.isOfThisFeed(at)) {
                    throw new AssertionError(name + " no longer knows a place in its own feed", e);
                }
                return again();
            }
            if (store != null) {
                store.follows(name, at, page.changes());
            }
            try (Snapshot snapshot = database.replica().snapshot()) {
                for (Change change : page.changes()) {
                    change.events().forEach(cid -> fresh.add(take(snapshot, cid)));
                }
            }
            at = page.next();
        } while (!page.changes().isEmpty());
        clock = now;
        check();
        return fresh;
    }

    /** A part of the history was lost: it begins anew. */
    private List<Event> again() {
        events.clear();
        heads.clear();
        at = readAll();
        clock = clock();
        check();
        return List.copyOf(events.values());
    }

    private Event take(Snapshot snapshot, Cid cid) {
        Event stored = store == null ? null : store.event(cid);
        Event event = stored == null ? Objects.requireNonNull(snapshot.event(cid), () -> cid + " of " + name) : stored;
        if (events.put(cid, event) != null) {
            throw new AssertionError(name + " tells of " + cid + " twice");
        }
        for (Cid parent : event.parents()) {
            if (!events.containsKey(parent)) {
                throw new AssertionError(name + " shows " + cid + " without its parent " + parent);
            }
            heads.remove(parent);
        }
        heads.add(cid);
        return event;
    }

    private void check() {
        if (!clock.equals(List.copyOf(heads))) {
            assertThat(clock).as("the clock of %s", name).containsExactlyElementsOf(heads);
        }
    }
}
