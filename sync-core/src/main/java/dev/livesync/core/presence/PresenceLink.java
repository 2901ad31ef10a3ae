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

    /** Hubs that begin at the same time, or lose the store together, ask at the same time: one answer is for all. */
    private static final long AGAIN = 2_000_000_000L;

    private final PresenceTable table;
    private final PresenceLimits limits;
    private final Runnable onNews;
    private final int longest;
    private final boolean shared;
    private final TokenBucket sending;
    private final TokenBucket bytes;
    private final TokenBucket messages;
    private long begun;
    private long place;
    private long placeBefore;
    private boolean again;
    private long againAt;
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
        this(table, limits, onNews, longest, now, PresenceRates.SESSION, false);
    }

    private PresenceLink(
            PresenceTable table,
            PresenceLimits limits,
            Runnable onNews,
            int longest,
            long now,
            PresenceRates rates,
            boolean shared) {
        this.table = table;
        this.limits = limits;
        this.onNews = onNews;
        this.longest = Math.min(limits.messageBytes(), longest);
        this.shared = shared;
        begun = table.lastChange();
        nextAt = now;
        againAt = now;
        sending = new TokenBucket(rates.sent(), rates.sent(), now);
        bytes = new TokenBucket(rates.taken(), rates.takenAtOnce(), now);
        messages = new TokenBucket(rates.messages(), rates.messagesAtOnce(), now);
    }

    /** The part of all processes together that share the store: they come and go unseen, and may have missed something. */
    static PresenceLink shared(PresenceTable table, PresenceLimits limits, Runnable onNews, int longest, long now) {
        return new PresenceLink(table, limits, onNews, longest, now, PresenceRates.BROADCAST, true);
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
        repeatIfAsked(now);
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
        PresenceTable.Page page = table.since(place, begun, shared, this, room, longest, now);
        placeBefore = place;
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

    /** Goes back to the beginning, if that is wanted and was not done a moment ago. */
    private void repeatIfAsked(long now) {
        if (!again || place < begun) { // what is under way is ended first
            return;
        }
        if (againAt - now > 0) {
            due = againAt;
            return;
        }
        again = false;
        againAt = now + AGAIN;
        begun = table.lastChange();
        place = 0;
    }

    /** Somebody may have missed something: {@link #next} has all of it again, every two seconds at most. */
    void repeat() {
        again = true;
    }

    /** The last message did not go: {@link #next} has again what was in it. */
    void lost() {
        place = Math.min(place, placeBefore);
    }

    /** A message without updates, by which others are asked to repeat. */
    byte @Nullable [] question(long now) {
        due = NEVER;
        if (nextAt - now > 0) {
            due = nextAt;
            return null;
        }
        nextAt = now + SPACING;
        placeBefore = place;
        return PresenceMessage.write(List.of());
    }

    /** The next message without a pause before it, where there is no time left for one. */
    byte @Nullable [] last(long now) {
        nextAt = now;
        return next(Long.MAX_VALUE, now);
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
