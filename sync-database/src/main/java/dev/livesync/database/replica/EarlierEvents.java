package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.database.history.EventGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * Chooses events that stand for the history before them. A dominator of the heads does so best, since all that is not its descendant is its ancestor;
 * where writers are not in step and there is none at the place asked for, the event that was accepted there has to do.
 */
final class EarlierEvents {
    /** How many interior events are passed over in one call, so that long batches cost no walk. */
    private static final int MOST_PASSED = 20_000;

    private final EventGraph graph;
    private final Feed feed;
    private final int events;
    private final int dominator;
    private int passed;

    /** Of the prefix with these heads. */
    EarlierEvents(EventGraph graph, Feed feed, int events, int[] heads) {
        this.graph = graph;
        this.feed = feed;
        this.events = events;
        dominator = graph.nearestCommonAncestor(heads);
    }

    /** The events at some ascending distances from the last one, as {@link dev.livesync.api.replica.Snapshot#earlier} has them. */
    List<Cid> at(int... distances) {
        List<Cid> named = new ArrayList<>();
        int last = events;
        for (int distance : distances) {
            int at = events - 1 - distance;
            if (at < 0) {
                break;
            }
            int dominating = dominator >= at ? graph.lift(dominator, at) : EventGraph.NONE;
            int end = batchEnd(dominating >= 0 && dominating < last ? dominating : at);
            if (end < last) {
                named.add(graph.cid(end));
                last = end;
            }
        }
        return named;
    }

    /** How many interior events were passed over. */
    int passed() {
        return passed;
    }

    /** The last event of the batch that one is in; the end of the history if that is too far. */
    private int batchEnd(int event) {
        int end = event;
        while (feed.isInterior(end)) {
            if (passed++ >= MOST_PASSED) {
                return events;
            }
            end++;
        }
        return end;
    }
}
