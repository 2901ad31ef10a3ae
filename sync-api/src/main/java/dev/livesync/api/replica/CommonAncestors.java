package dev.livesync.api.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The dominators of a history, found by walking all of it: for replicas without an index. */
final class CommonAncestors {
    private final Snapshot snapshot;
    private final Map<Cid, Cid> up = new HashMap<>();
    private final Map<Cid, Integer> depth = new HashMap<>();

    CommonAncestors(Snapshot snapshot) {
        this.snapshot = snapshot;
    }

    @Nullable
    Cid of(Collection<Cid> events) {
        Deque<Cid> todo = new ArrayDeque<>(events);
        Set<Cid> opened = new HashSet<>();
        while (!todo.isEmpty()) {
            Cid cid = todo.peek();
            List<Cid> parents = require(cid).parents();
            if (depth.containsKey(cid)) {
                todo.pop();
            } else if (opened.add(cid)) {
                parents.forEach(todo::push);
            } else {
                todo.pop();
                Cid dominator = nearest(maximal(parents));
                if (dominator != null) {
                    up.put(cid, dominator);
                }
                depth.put(cid, dominator == null ? 0 : depthOf(dominator) + 1);
            }
        }
        return nearest(events);
    }

    private @Nullable Cid nearest(Collection<Cid> events) {
        Cid nearest = null;
        boolean first = true;
        for (Cid cid : events) {
            nearest = first ? cid : nearest(nearest, cid);
            first = false;
        }
        return nearest;
    }

    private @Nullable Cid nearest(@Nullable Cid one, @Nullable Cid other) {
        Cid a = one;
        Cid b = other;
        while (a != null && b != null && !a.equals(b)) {
            if (depthOf(a) >= depthOf(b)) {
                a = up.get(a);
            } else {
                b = up.get(b);
            }
        }
        return a == null ? null : b;
    }

    private int depthOf(Cid cid) {
        return depth.getOrDefault(cid, 0);
    }

    private List<Cid> maximal(List<Cid> events) {
        List<Cid> maximal = new ArrayList<>(events);
        maximal.removeIf(e -> events.stream().anyMatch(other -> snapshot.isAncestor(e, other)));
        return maximal;
    }

    private Event require(Cid cid) {
        Event event = snapshot.event(cid);
        if (event == null) {
            throw new SyncException(ErrorKind.NOT_FOUND, "event " + cid + " is not complete here");
        }
        return event;
    }
}
