package dev.livesync.database.replica;

import dev.livesync.api.replica.Origin;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.columns.IntColumn;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What the feed knows about complete events besides the events themselves: where a commit begins and how many tree nodes it wrote, which
 * events are interior or our own, and, for recent ones, their origin. An event's place in the feed is its index in the graph.
 *
 * <p>One writer; readers keep to a prefix, as with the graph.
 */
final class Feed {
    private static final int INTERIOR = 1;
    private static final int COMMIT = 2;
    private static final int OWN = 4;
    private static final int NODES = 3;

    /** How many runs of events with one origin are kept; older ones are dropped. */
    private static final int ORIGINS = 4_096;

    private final IntColumn marks = new IntColumn();
    private final ConcurrentSkipListMap<Integer, Origin> origins = new ConcurrentSkipListMap<>();

    /** Adds an event; with the first of a commit comes the number of tree nodes right before it. */
    void add(int event, boolean interior, boolean startsCommit, boolean own, int nodes, Origin origin) {
        marks.set(event, (startsCommit ? nodes << NODES | COMMIT : 0) | (own ? OWN : 0) | (interior ? INTERIOR : 0));
        Origin known = origin.session().isEmpty() ? Origin.LOCAL : origin;
        Map.Entry<Integer, Origin> last = origins.lastEntry();
        if (!known.equals(last == null ? Origin.LOCAL : last.getValue())) {
            origins.put(event, known);
            if (origins.size() > ORIGINS) {
                origins.pollFirstEntry();
            }
        }
    }

    /** Sets how many nodes came before the first event of a commit, if that was not known yet. */
    void setNodes(int event, int nodes) {
        marks.set(event, marks.get(event) & (1 << NODES) - 1 | nodes << NODES);
    }

    void save(ImageWriter out, int events) {
        marks.save(out, events);
    }

    /** Fills an empty feed; the events' origins are not known any more. */
    void load(ImageReader in, int events) {
        marks.load(in, events);
    }

    /** Whether the database's own user made it, so that its tree needs no check. */
    boolean isOwn(int event) {
        return (marks.get(event) & OWN) != 0;
    }

    boolean isInterior(int event) {
        return (marks.get(event) & INTERIOR) != 0;
    }

    boolean startsCommit(int event) {
        return (marks.get(event) & COMMIT) != 0;
    }

    int nodes(int event) {
        return marks.get(event) >>> NODES;
    }

    /** Whether consecutive events have one origin. */
    boolean hasOneOrigin(int from, int to) {
        Integer next = origins.higherKey(from);
        return next == null || next >= to;
    }

    Origin origin(int event) {
        Map.Entry<Integer, Origin> run = origins.floorEntry(event);
        return run == null ? Origin.LOCAL : run.getValue();
    }
}
