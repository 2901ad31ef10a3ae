package dev.livesync.core.protocol;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.message.WireEncoding;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Turns one data message at a time into channel messages, within the credit that the peer has granted. */
final class Sender {
    private final MessageSizes sizes;
    private final WireEncoding encoding;
    private final byte[] pieceMark;
    private final boolean credits;

    private long granted;
    private long sent;

    private @Nullable OutgoingMessage current;
    private long left;
    private boolean begun;
    private boolean blocked;

    Sender(MessageSizes sizes, WireEncoding encoding, boolean credits, long granted) {
        this.sizes = sizes;
        this.encoding = encoding;
        pieceMark = encoding.pieceMark();
        this.credits = credits;
        this.granted = granted;
    }

    /** The message that is being sent; null if another may be started. */
    @Nullable
    OutgoingMessage current() {
        return current;
    }

    void start(OutgoingMessage message) {
        current = message;
        left = message.size();
        begun = false;
    }

    /** Drops the message that is being sent. */
    void drop() {
        OutgoingMessage last = current;
        current = null;
        blocked = false;
        if (last != null) {
            last.close();
        }
    }

    /** Whether the last {@link #next} returned nothing because there was no credit. */
    boolean blocked() {
        return blocked;
    }

    /** Takes the peer's grant, in bytes since the start; returns whether it is more than before. */
    boolean grant(long total) {
        if (total < granted) {
            throw new SyncException(
                    ErrorKind.MALFORMED, "credit goes back from " + granted + " to " + total + "; it only ever grows");
        }
        boolean more = total > granted;
        granted = total;
        return more;
    }

    /** The next channel message; null if there is nothing to send or no credit. */
    @Nullable
    Message next() {
        blocked = false;
        if (current == null) {
            return null;
        }
        long credit = credits ? granted - sent : Long.MAX_VALUE;
        if (!begun) {
            if (left <= sizes.whole() && left <= credit) {
                return take(current, new byte[0], (int) left, current.kind());
            }
            if (sizes.fragments()) {
                begun = true;
                return encoding.begin(current.kind(), left);
            }
            if (left > sizes.whole()) {
                throw new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        "a message of " + left + " bytes is over the " + sizes.whole()
                                + " that one message to this peer carries");
            }
            blocked = true;
            return null;
        }
        int n = (int) Math.min(Math.min(left, sizes.piece()), credit);
        if (n == 0) {
            blocked = true;
            return null;
        }
        return take(current, pieceMark, n, Message.Kind.BINARY);
    }

    private Message take(OutgoingMessage from, byte[] mark, int length, Message.Kind kind) {
        byte[] bytes = Arrays.copyOf(mark, mark.length + length);
        from.next(bytes, mark.length, length);
        left -= length;
        sent += length; // a mark costs no credit: a grant for the rest of a message is enough for it
        if (left == 0) {
            from.close();
            current = null;
        }
        return new Message(kind, bytes);
    }
}
