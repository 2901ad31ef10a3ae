package dev.livesync.core.message;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code {"clock":[…],"cids":[…]}}, exactly as {@code JSON.stringify} writes it, made while it is being sent. A clock of which only a
 * part is named is followed by {@code "partial"}, except for an alpha, which ignores the clock.
 */
public final class DiffText implements OutgoingMessage {
    private static final byte[] CLOCK = "{\"clock\":[".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CIDS = "],\"cids\":[".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "]}".getBytes(StandardCharsets.US_ASCII);
    /** The most heads that a diff lists; every reader accepts as many. */
    public static final int MOST_HEADS = 1_000;

    /** The most CIDs that a diff lists. Blocks whose CIDs aren't listed may be sent again; nothing else happens. */
    public static final int MOST_CIDS = 4_000_000;

    /** An upper bound for the bytes of {@code "partial"}. */
    private static final int PARTIAL = 120;

    /** A CID with its quotes and a comma. */
    private static final int ITEM = Cid.CHARS + 3;

    private final Iterator<Cid> clock;
    private final Iterator<Cid> cids;
    private final long size;
    private final long count;
    private final byte[] tail;
    private final Runnable release;

    /** The bytes to write next, from {@code at} to {@code end}. */
    private byte[] part = CLOCK;

    private final byte[] item = new byte[ITEM];
    private int at;
    private int end = CLOCK.length;
    private int section;
    private boolean first = true;
    private long written;

    /**
     * A diff.
     *
     * @param clock the heads
     * @param cids what is stored
     * @param count how many {@code cids} has to give; more are left out
     * @param release called when {@code cids} is no longer needed
     */
    public DiffText(List<Cid> clock, Iterator<Cid> cids, long count, Runnable release) {
        this(clock, null, cids, count, release);
    }

    /**
     * Creates a diff that may list only a part of the clock.
     *
     * @param clock the heads, or some of them
     * @param whole all of them, if {@code clock} is a part and the reader is to know
     * @param cids what is stored
     * @param count how many {@code cids} has to give; more are left out
     * @param release called when {@code cids} is no longer needed
     */
    public DiffText(List<Cid> clock, @Nullable ClockDigest whole, Iterator<Cid> cids, long count, Runnable release) {
        tail = whole == null ? END : ("]," + whole.json() + "}").getBytes(StandardCharsets.US_ASCII);
        this.release = release;
        this.clock = clock.iterator();
        this.cids = cids;
        this.count = count;
        size = size(clock.size(), count) - END.length + tail.length;
    }

    /**
     * The length of a diff.
     *
     * @param heads how many
     * @param cids how many
     * @return bytes
     */
    public static long size(long heads, long cids) {
        return CLOCK.length + array(heads) + CIDS.length + array(cids) + END.length;
    }

    /**
     * The length of the longest diff that has to be taken.
     *
     * @param cids how many may be named
     * @return bytes
     */
    public static long longest(long cids) {
        long most = Math.max(cids, MOST_CIDS);
        return size(most, most) + PARTIAL;
    }

    private static long array(long items) {
        return items == 0 ? 0 : ITEM * items - 1;
    }

    @Override
    public Message.Kind kind() {
        return Message.Kind.TEXT;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void next(byte[] target, int offset, int length) {
        int to = offset + length;
        int from = offset;
        while (from < to) {
            if (at == end) {
                advance();
            }
            int n = Math.min(end - at, to - from);
            System.arraycopy(part, at, target, from, n);
            at += n;
            from += n;
        }
    }

    @Override
    public void close() {
        release.run();
    }

    private void advance() {
        Iterator<Cid> items = section == 0 ? clock : cids;
        if (section == 1 && written == count || !items.hasNext()) {
            if (section == 1 && written != count) {
                throw new SyncException(
                        ErrorKind.INTERNAL,
                        "the replica lists " + written + " stored CIDs where it had listed " + count + " before");
            }
            section++;
            first = true;
            byte[] next = section == 1 ? CIDS : tail;
            show(next, 0, next.length);
            return;
        }
        if (section == 1) {
            written++;
        }
        item[0] = ',';
        item[1] = '"';
        items.next().writeText(item, 2);
        item[ITEM - 1] = '"';
        show(item, first ? 1 : 0, ITEM);
        first = false;
    }

    private void show(byte[] bytes, int from, int to) {
        part = bytes;
        at = from;
        end = to;
    }
}
