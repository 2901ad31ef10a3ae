package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.database.log.BlockIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The feed and its cursors. A cursor is the database's identity, the number of its repairs if there were any, and the number of complete
 * events before it. Since events are never removed, none expires but by a repair, after which the numbers may be others, and by a restore, which
 * makes a database with another identity.
 */
final class FeedReader {
    private final String database;
    private final String prefix;
    private final boolean restored;

    FeedReader(UUID database, int repairs, boolean restored) {
        this.restored = restored;
        this.database = database.toString();
        this.prefix = database + (repairs == 0 ? "" : "." + repairs) + ":";
    }

    Cursor cursor(int events) {
        return new Cursor(prefix + events);
    }

    private int position(Cursor cursor, StoredView view) {
        String token = cursor.token();
        if (token.startsWith(prefix) && token.length() > prefix.length() && token.length() <= prefix.length() + 9) {
            String digits = token.substring(prefix.length());
            if (digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
                int position = Integer.parseInt(digits);
                if (position <= view.events && (position == 0 || !view.writer.feed.isInterior(position - 1))) {
                    return position;
                }
            }
        }
        if (!token.startsWith(prefix) && token.matches("[0-9a-f-]{36}(\\.[0-9]+)?:[0-9]{1,9}")) {
            if (token.startsWith(database)) {
                throw expired(token, "is older than the last repair of this database, which may have lost events");
            }
            if (restored) { // whose cursor it is cannot be told
                throw expired(token, "is of before this database was restored from a backup, or of another one");
            }
        }
        throw new SyncException(ErrorKind.INVALID_ARGUMENT, "cursor " + token + " is none of this database's");
    }

    private static SyncException expired(String token, String why) {
        return new SyncException(
                ErrorKind.CURSOR_EXPIRED, "cursor " + token + " " + why + "; start again from a snapshot");
    }

    Changes read(StoredView view, Cursor after, int maxEvents) {
        if (maxEvents < 1) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "changes are asked for by 1 or more, not " + maxEvents);
        }
        int from = position(after, view);
        int at = from;
        List<Change> changes = new ArrayList<>();
        while (at < view.events && at - from < maxEvents) {
            int to = changeEnd(view, at, from + (long) maxEvents);
            changes.add(change(view, at, to));
            at = to;
        }
        return new Changes(changes, cursor(at));
    }

    /** The end of the change that begins at an event: whole batches of one commit and one origin, within a limit if possible. */
    private static int changeEnd(StoredView view, int from, long limit) {
        Feed feed = view.writer.feed;
        int end = batchEnd(view, from);
        Origin origin = origin(view, from, end);
        while (end < view.events && end < limit && !feed.startsCommit(end)) {
            int next = batchEnd(view, end);
            if (next > limit || !origin(view, end, next).equals(origin)) {
                break;
            }
            end = next;
        }
        return end;
    }

    private static int batchEnd(StoredView view, int from) {
        int end = from;
        while (view.writer.feed.isInterior(end)) {
            end++;
        }
        return end + 1;
    }

    /** The origin of a batch: an unknown one if its parts have several. */
    private static Origin origin(StoredView view, int from, int to) {
        Feed feed = view.writer.feed;
        return feed.hasOneOrigin(from, to) ? feed.origin(from) : Origin.LOCAL;
    }

    private static Change change(StoredView view, int from, int to) {
        List<Cid> events = new ArrayList<>(to - from);
        for (int i = from; i < to; i++) {
            events.add(view.writer.graph.cid(i));
        }
        List<Cid> nodes = new ArrayList<>();
        int count = from < view.nodesFrom ? 0 : view.writer.feed.nodes(from);
        if (count > 0) {
            BlockIndex index = view.store.index();
            int first = index.find(events.get(0), view.blocks()) - count;
            for (int i = first < 0 ? count : 0; i < count; i++) { // a checkpoint may have been forged
                nodes.add(index.cid(first + i));
            }
        }
        return new Change(events, nodes, origin(view, from, to));
    }
}
