package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Cursor;
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
        List<Change> changes = new FeedPages(view).read(from, maxEvents, (index, first) -> nodes(view, index, first));
        int read = changes.stream().mapToInt(c -> c.events().size()).sum();
        return new Changes(changes, cursor(from + read));
    }

    /** The tree nodes that were written right before an event. */
    private static List<Cid> nodes(StoredView view, int event, Cid cid) {
        List<Cid> nodes = new ArrayList<>();
        int count = event < view.nodesFrom ? 0 : view.writer.feed.nodes(event);
        if (count > 0) {
            BlockIndex index = view.store.index();
            int first = index.find(cid, view.blocks()) - count;
            for (int i = first < 0 ? count : 0; i < count; i++) { // a checkpoint may have been forged
                nodes.add(index.cid(first + i));
            }
        }
        return nodes;
    }
}
