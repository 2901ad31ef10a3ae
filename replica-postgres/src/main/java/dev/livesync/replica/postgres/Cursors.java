package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Cursor;
import dev.livesync.database.replica.SharedView;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cursors: which database, which incarnation of its feed, how many events come before, and a few digits of the last one of these. So a cursor into what was lost is known as such
 * even where nobody noticed the loss.
 */
final class Cursors {
    private static final Pattern FORM = Pattern.compile("([0-9a-f]{32})\\.([0-9a-f]{32}):([0-9]{1,10}):([0-9a-f]{8})");

    private Cursors() {}

    static Cursor cursor(FeedName feed, SharedView view, int position) {
        return new Cursor(feed.identity() + "." + feed.incarnation() + ":" + position + ":" + check(view, position));
    }

    /**
     * Which feed.
     *
     * @param identity of the database
     * @param incarnation of its feed
     * @param former identities that the database had before, as this process has seen it: the whole of it was lost then
     */
    record FeedName(String identity, String incarnation, Set<String> former) {}

    /** How many events come before a cursor, by what it says. It may be more than there are. */
    static long position(FeedName feed, Cursor cursor) {
        Matcher m = FORM.matcher(cursor.token());
        if (!m.matches()) {
            throw foreign(cursor);
        }
        if (!m.group(1).equals(feed.identity())) {
            throw feed.former().contains(m.group(1)) ? expired(cursor) : foreign(cursor);
        }
        if (!m.group(2).equals(feed.incarnation())) {
            throw expired(cursor);
        }
        return Long.parseLong(m.group(3));
    }

    /** The same, once it is known that there are as many in the view. */
    static int checked(SharedView view, Cursor cursor, long position) {
        Matcher m = FORM.matcher(cursor.token());
        if (position > view.events() || !m.matches()) {
            throw expired(cursor);
        }
        int at = (int) position;
        if (!m.group(4).equals(check(view, at))) {
            throw expired(cursor);
        }
        if (at > 0 && view.isInterior(at - 1)) {
            throw foreign(cursor);
        }
        return at;
    }

    private static String check(SharedView view, int position) {
        return position == 0
                ? "00000000"
                : HexFormat.of().toHexDigits((int) view.cid(position - 1).digestLong(3));
    }

    private static SyncException foreign(Cursor cursor) {
        return new SyncException(
                ErrorKind.INVALID_ARGUMENT, "cursor " + cursor.token() + " is none of this database's");
    }

    private static SyncException expired(Cursor cursor) {
        return new SyncException(
                ErrorKind.CURSOR_EXPIRED,
                "cursor " + cursor.token() + " is of before this database lost a part of its history, by a restore or a"
                        + " failover; start again from a snapshot");
    }
}
