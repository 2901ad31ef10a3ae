package dev.livesync.core.protocol;

import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * How far the peer is behind, without a message for it: from what was sent and what the peer acknowledges anyway. Any thread reads, the
 * session's writes.
 *
 * <p>Events are counted, and not named: how many are here, less those that the peer itself has brought. Each section moves the count that the
 * peer will have, and where the feed has been sent to its end it is the count of that moment. An acknowledgement makes it what the peer has.
 */
public final class SendLag {
    /** Marks that are kept; when there are more, two make one. */
    private static final int MOST = 256;

    private static final long UNKNOWN = -1;

    /** {@code at}: the number of a CAR, or a time in nanoseconds. {@code events}: the count with it. */
    private record Mark(long at, long events) {}

    private final boolean acks;

    /** What was sent and not acknowledged. */
    private final ArrayDeque<Mark> sent = new ArrayDeque<>();
    /** When there were how many here. */
    private final ArrayDeque<Mark> seen = new ArrayDeque<>();

    private boolean none;
    private long brought;
    private long here;
    private long reach = UNKNOWN;
    private long there = UNKNOWN;
    private long answered;

    /**
     * Knows nothing yet.
     *
     * @param acks whether the peer acknowledges; otherwise what was sent counts as if it did
     */
    SendLag(boolean acks) {
        this.acks = acks;
    }

    /** Nothing is for this peer, now and later. */
    synchronized void none() {
        none = true;
    }

    /** There are so many events here at some time. */
    synchronized void here(long events, long now) {
        here = events - brought;
        Mark last = null;
        while (!seen.isEmpty() && seen.getLast().events > here) {
            last = seen.removeLast(); // it held what the peer had brought just then
        }
        if (seen.isEmpty() || seen.getLast().events < here) {
            seen.add(new Mark(last == null ? now : last.at, here));
            halve(seen, true);
        }
        prune();
    }

    /** The peer has brought events that were new here. */
    synchronized void brought(long events) {
        brought += events;
    }

    /**
     * An answer begins.
     *
     * @param has how many of the events here the peer has; -1 if that is unknown, and then it stays so until all has been sent
     * @param cars how many CARs were sent before
     */
    synchronized void answering(long has, long cars) {
        sent.clear();
        there = UNKNOWN;
        reach = has < 0 ? UNKNOWN : Math.max(0, has - brought);
        if (has >= 0) {
            add(cars);
        }
    }

    /** A section was sent. */
    synchronized void section(long cars, long events) {
        if (reach != UNKNOWN) {
            reach += events;
            add(cars);
        }
    }

    /** All was sent that there was when so many events were here. */
    synchronized void passed(long cars, long events) {
        reach = events - brought;
        add(cars);
    }

    /** So many CARs are durable at the peer, or refused by it. */
    synchronized void acknowledged(long cars) {
        answered = cars;
        while (!sent.isEmpty() && sent.getFirst().at <= cars) {
            there = sent.removeFirst().events;
        }
        prune();
    }

    private void add(long cars) {
        if (!acks || cars <= answered) {
            sent.clear();
            there = reach;
            prune();
            return;
        }
        if (!sent.isEmpty() && sent.getLast().at == cars) {
            sent.removeLast();
        }
        sent.add(new Mark(cars, reach));
        halve(sent, false);
    }

    private void prune() {
        while (!seen.isEmpty() && seen.getFirst().events <= there) {
            seen.removeFirst();
        }
    }

    /** So that the lag that is told is rather too large: of two times the earlier one, of two CARs the later one. */
    private static void halve(ArrayDeque<Mark> marks, boolean first) {
        if (marks.size() <= MOST) {
            return;
        }
        ArrayDeque<Mark> all = new ArrayDeque<>(marks);
        marks.clear();
        for (Iterator<Mark> i = all.iterator(); i.hasNext(); ) {
            Mark one = i.next();
            @Nullable Mark two = i.hasNext() ? i.next() : null;
            marks.add(two == null ? one : first ? new Mark(one.at, two.events) : two);
        }
    }

    /**
     * How many events the peer lacks.
     *
     * @param events how many there are here now
     * @return a count; -1 if that is unknown
     */
    public synchronized long events(long events) {
        return none ? 0 : there == UNKNOWN ? UNKNOWN : Math.max(0, events - brought - there);
    }

    /**
     * How long the oldest of them has been here.
     *
     * @param now nanoseconds
     * @return nanoseconds; 0 if that is unknown
     */
    public synchronized long nanos(long now) {
        return none || there == UNKNOWN || seen.isEmpty() ? 0 : Math.max(0, now - seen.getFirst().at);
    }
}
