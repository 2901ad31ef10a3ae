package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/** Where the changes of a feed begin and end: whole batches of one commit and one origin. */
final class FeedPages {
    private final ReadView view;
    private final Feed feed;

    FeedPages(ReadView view) {
        this.view = view;
        this.feed = view.derived.feed;
    }

    /**
     * Reads changes.
     *
     * @param from where to begin: not inside a batch
     * @param maxEvents how many events at most, but for the last batch if it comes first; 1 or more
     * @param nodes names the tree nodes that were written with the first event, given its index and CID
     * @return the changes, none at the end of the view
     */
    List<Change> read(int from, int maxEvents, BiFunction<Integer, Cid, List<Cid>> nodes) {
        int at = from;
        List<Change> changes = new ArrayList<>();
        while (at < view.events && at - from < maxEvents) {
            int to = changeEnd(at, from + (long) maxEvents);
            List<Cid> events = new ArrayList<>(to - at);
            for (int i = at; i < to; i++) {
                events.add(view.derived.graph.cid(i));
            }
            changes.add(new Change(events, nodes.apply(at, events.get(0)), origin(at, to)));
            at = to;
        }
        return changes;
    }

    /** The end of the change that begins at an event, within a limit if possible. */
    private int changeEnd(int from, long limit) {
        int end = batchEnd(from);
        Origin origin = origin(from, end);
        while (end < view.events && end < limit && !feed.startsCommit(end)) {
            int next = batchEnd(end);
            if (next > limit || !origin(end, next).equals(origin)) {
                break;
            }
            end = next;
        }
        return end;
    }

    private int batchEnd(int from) {
        int end = from;
        while (feed.isInterior(end)) {
            end++;
        }
        return end + 1;
    }

    /** The origin of a batch: an unknown one if its parts have several. */
    private Origin origin(int from, int to) {
        return feed.hasOneOrigin(from, to) ? feed.origin(from) : Origin.LOCAL;
    }
}
