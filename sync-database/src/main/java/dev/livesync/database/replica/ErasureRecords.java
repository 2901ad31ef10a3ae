package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.car.Keys;
import dev.livesync.database.history.EventGraph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The contents that are erased: those whose roots complete puts below {@link Keys#ERASURES} name. A function of the complete events, and it only grows. What
 * the records put, and whether somebody deletes them, makes no difference.
 */
public final class ErasureRecords {
    private final Set<Cid> erased = ConcurrentHashMap.newKeySet();
    // Guarded by this.
    private @Nullable DerivedState writer;
    private int keys;
    private int events;
    /** Keys of records of which no put has come. */
    private final Map<Integer, Cid> open = new HashMap<>();

    /** Creates it, as for an empty database. */
    public ErasureRecords() {}

    /**
     * Whether a content is erased, as far as the views say that were followed.
     *
     * @param root its root
     * @return true if it is
     */
    public boolean contains(Cid root) {
        return erased.contains(root);
    }

    /**
     * What is erased.
     *
     * @return the roots; a view, safe to be gone through at any time
     */
    public Set<Cid> all() {
        return erased;
    }

    /**
     * Follows a view.
     *
     * @param view published, of one database and always the same
     * @return the roots that are erased since the last one
     */
    public synchronized List<Cid> follow(ReadView view) {
        if (view.derived != writer) { // read anew after a failure: the numbers may be others
            writer = view.derived;
            keys = 0;
            events = 0;
            open.clear();
        }
        List<Cid> fresh = new ArrayList<>();
        if (view.events > events) {
            for (int key : view.derived.keys.startingWith(Keys.ERASURES, keys, Math.max(keys, view.keys))) {
                root(view.key(key)).filter(root -> !erased.contains(root)).ifPresent(root -> open.put(key, root));
            }
            findPuts(view, fresh);
            keys = Math.max(keys, view.keys);
            events = view.events;
        }
        return fresh;
    }

    private void findPuts(ReadView view, List<Cid> fresh) {
        open.entrySet().removeIf(record -> {
            boolean put = view.document((int) record.getKey()) != EventGraph.NONE;
            if (put) {
                erased.add(record.getValue());
                fresh.add(record.getValue());
            }
            return put;
        });
        EventGraph graph = view.derived.graph;
        for (int event = events; event < view.events && !open.isEmpty(); event++) {
            if (!graph.isDelete(event) && open.containsKey(graph.key(event))) {
                Cid root = open.remove(graph.key(event));
                erased.add(root);
                fresh.add(root);
            }
        }
    }

    /**
     * The key of the record that erases a content.
     *
     * @param root the content's root
     * @return the key
     */
    public static String key(Cid root) {
        return Keys.ERASURES + root;
    }

    /** The root that a key of a record names; none if it is no root in the one way to write it. */
    private static Optional<Cid> root(String key) {
        try {
            Cid root = Cid.parse(key.substring(Keys.ERASURES.length()));
            boolean content = root.codec() == Cid.RAW || root.codec() == Cid.DAG_CBOR;
            return content && key(root).equals(key) ? Optional.of(root) : Optional.empty();
        } catch (SyncException e) {
            return Optional.empty();
        }
    }
}
