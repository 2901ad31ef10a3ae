package dev.livesync.core.presence;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of one session in what peers show each other: what it has to send next, at which rate, and how much of what comes is taken. Whoever runs it
 * makes one call at a time.
 */
public final class PresenceLink {
    /** No message is waiting for its time. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Twenty messages a second at most: what changes in between goes with the next one. */
    private static final long SPACING = 50_000_000L;

    private static final long SENT_PER_SECOND = 64 << 10;

    /** What is taken is more than what is sent: a network may hold messages up, and deliver them at once. */
    private static final long TAKEN_PER_SECOND = 2 * SENT_PER_SECOND;

    private static final long TAKEN_AT_ONCE = 1 << 20;
    private static final long MESSAGES_PER_SECOND = 40;
    private static final long MESSAGES_AT_ONCE = 200;

    private final PresenceTable table;
    private final PresenceLimits limits;
    private final Runnable onNews;
    private final int longest;
    private final long begun;
    private final TokenBucket sending;
    private final TokenBucket bytes;
    private final TokenBucket messages;
    private long place;
    private long nextAt;
    private long due = NEVER;

    /**
     * The part of a session that begins.
     *
     * @param table what all peers show
     * @param onNews called after something came that is new here
     * @param longest the longest message that the session carries, in bytes
     */
    PresenceLink(PresenceTable table, PresenceLimits limits, Runnable onNews, int longest, long now) {
        this.table = table;
        this.limits = limits;
        this.onNews = onNews;
        this.longest = Math.min(limits.messageBytes(), longest);
        begun = table.lastChange();
        nextAt = now;
        sending = new TokenBucket(SENT_PER_SECOND, SENT_PER_SECOND, now);
        bytes = new TokenBucket(TAKEN_PER_SECOND, TAKEN_AT_ONCE, now);
        messages = new TokenBucket(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE, now);
    }

    /**
     * The next message. It is made of what is newest at this moment, and counts as sent.
     *
     * @param most how many bytes it may have
     * @param now nanoseconds
     * @return null if there is nothing to say now
     */
    public byte @Nullable [] next(long most, long now) {
        due = NEVER;
        if (place == table.lastChange()) {
            return null;
        }
        if (nextAt - now > 0) {
            due = nextAt;
            return null;
        }
        long tokens = sending.available(now);
        if (tokens < limits.updateBytes()) {
            due = sending.when(limits.updateBytes(), now);
            return null;
        }
        int room = (int) Math.min(Math.min(longest, tokens), most);
        PresenceTable.Page page = table.since(place, begun, this, room, longest, now);
        place = page.place();
        if (page.updates().isEmpty()) {
            return null;
        }
        byte[] message = PresenceMessage.write(page.updates());
        sending.take(message.length, now);
        nextAt = now + SPACING;
        if (place != table.lastChange()) {
            due = nextAt;
        }
        return message;
    }

    /**
     * When {@link #next} may have a message that it had not the last time, for its rate.
     *
     * @return nanoseconds, or {@link #NEVER}
     */
    public long due() {
        return due;
    }

    /**
     * The message that this peer shows nothing any more, at whatever rate.
     *
     * @param now nanoseconds
     * @return null unless this {@code Sync} is being closed
     */
    public byte @Nullable [] farewell(long now) {
        PresenceUpdate farewell = table.farewell(now);
        return farewell == null ? null : PresenceMessage.write(List.of(farewell));
    }

    /**
     * Takes a message of the peer's.
     *
     * @param message its bytes
     * @param now nanoseconds
     * @throws SyncException {@link ErrorKind#MALFORMED}, or {@link ErrorKind#LIMIT_EXCEEDED} where it, a key or a value is too long. What comes too often, or is
     *     too much to be kept, is only dropped and counted
     */
    public void received(byte[] message, long now) {
        if (message.length > limits.messageBytes()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a message of presence has " + message.length + " bytes, over the limit of "
                            + limits.messageBytes());
        }
        if (!messages.take(1, now) || !bytes.take(message.length, now)) {
            table.drop();
            return;
        }
        boolean news = false;
        for (PresenceUpdate update : PresenceMessage.read(message, limits)) {
            news |= table.received(update, this, now);
        }
        if (news) {
            onNews.run();
        }
    }

    /** Drops a message of a peer that may not write. */
    public void refused() {
        table.drop();
    }

    /**
     * Called when the session has ended. Idempotent.
     *
     * @param now nanoseconds
     */
    void close(long now) {
        if (table.ended(this, now)) {
            onNews.run();
        }
    }
}
