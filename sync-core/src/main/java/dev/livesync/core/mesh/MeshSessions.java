package dev.livesync.core.mesh;

import dev.livesync.Session;
import dev.livesync.core.session.SessionRunner;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;

/** The sessions of one mesh by the names that the peers said, oldest first. Changed by the mesh's steps; read by any thread. */
final class MeshSessions {
    private final Map<String, List<SessionRunner>> open = new ConcurrentSkipListMap<>();
    private final Set<SessionRunner> leaving = new LinkedHashSet<>();

    void add(String name, SessionRunner session) {
        List<SessionRunner> more = new ArrayList<>(open.getOrDefault(name, List.of()));
        more.add(session);
        open.put(name, List.copyOf(more));
    }

    /** Whether it is here already: whoever dialled and whoever listens may tell of one. */
    boolean holds(SessionRunner session) {
        return leaving.contains(session) || open.values().stream().anyMatch(each -> each.contains(session));
    }

    /** A session is being ended from here: it is nobody's session any more. */
    void leaves(SessionRunner session) {
        take(session);
        leaving.add(session);
    }

    /** A session has ended. */
    void ended(SessionRunner session) {
        take(session);
        leaving.remove(session);
    }

    private void take(SessionRunner session) {
        for (String name : names()) {
            List<SessionRunner> rest = new ArrayList<>(of(name));
            if (rest.remove(session)) {
                if (rest.isEmpty()) {
                    open.remove(name);
                } else {
                    open.put(name, List.copyOf(rest));
                }
                return;
            }
        }
    }

    /** Whether there is one with a peer of this name. Any thread. */
    boolean has(String name) {
        return open.containsKey(name);
    }

    /** With how many names there are sessions. */
    int size() {
        return open.size();
    }

    Set<String> names() {
        return Set.copyOf(open.keySet());
    }

    /** Those that are too many, if one for each name is enough: all but the newest. */
    List<SessionRunner> surplus(String name) {
        List<SessionRunner> all = open.getOrDefault(name, List.of());
        return all.isEmpty() ? all : all.subList(0, all.size() - 1);
    }

    List<SessionRunner> of(String name) {
        return open.getOrDefault(name, List.of());
    }

    /** A copy of all, in order of their names. Any thread. */
    List<Session> all() {
        List<Session> all = new ArrayList<>();
        open.values().forEach(all::addAll);
        return List.copyOf(all);
    }

    /** Whether none is open, and none is about to end. */
    boolean isOver() {
        return open.isEmpty() && leaving.isEmpty();
    }
}
