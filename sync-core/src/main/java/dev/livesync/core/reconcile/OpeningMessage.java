package dev.livesync.core.reconcile;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The first message: what the initiator has, in part.
 *
 * @param attempt its number
 * @param claim what it says of what it names
 * @param clock the initiator's heads
 * @param named other events of the initiator's, by their digests
 * @param narrow more of them, by narrow ids
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record OpeningMessage(int attempt, Claim claim, StatedClock clock, List<Cid> named, long[] narrow) {
    /** What an opening says of what it names. Numbered on the wire. */
    enum Claim {
        /** There may be more. */
        NOTHING(0),
        /** An event that is not named, nor an ancestor of one that is, is not the initiator's. */
        WHOLE(1),
        /** Both ends have had it. */
        REMEMBERED(2);

        /** As it stands in the message: its place among the values. */
        final int code;

        Claim(int code) {
            this.code = code;
        }
    }

    private static final int MOST_NAMED = 64;
    private static final int MOST_NARROW = 256;

    /** A history of at most so many events is named event by event. */
    private static final int SMALL = 64;

    private static final int SMALLEST = 8;
    /** The newest events are all named, so that a recent fork is known exactly. */
    private static final int RECENT = 16;

    private static final double SPACING = 1.25;

    private static final int FIRST_NAMED = 64;

    /** What an initiator names. */
    static Chosen choose(Snapshot snapshot, int attempt) {
        List<Cid> heads = snapshot.heads();
        StatedClock clock = StatedClock.of(heads);
        long events = snapshot.summary().events();
        boolean first = attempt == 0;
        if (events <= (first ? SMALL : SMALLEST)) {
            List<Cid> all = new ArrayList<>();
            snapshot.eventsSince(List.of()).forEachRemaining(all::add);
            all.removeIf(cid -> heads.contains(cid) || snapshot.isInterior(cid));
            return events <= SMALLEST
                    ? new Chosen(attempt, Claim.WHOLE, clock, all, List.of())
                    : new Chosen(attempt, Claim.WHOLE, clock, List.of(), all);
        }
        int last = (int) Math.min(events, Integer.MAX_VALUE) - 1;
        List<Cid> named = snapshot.earlier(distances(0, FIRST_NAMED, first ? 16 : 2, last));
        List<Cid> narrow = first ? snapshot.earlier(distances(RECENT, RECENT, SPACING, last)) : List.of();
        return new Chosen(
                attempt, Claim.NOTHING, clock, named, narrow.subList(0, Math.min(MOST_NARROW, narrow.size())));
    }

    /** What an initiator names that remembers what both had. */
    static Chosen remember(Snapshot snapshot, List<Cid> remembered) {
        return new Chosen(0, Claim.REMEMBERED, StatedClock.of(snapshot.heads()), remembered, List.of());
    }

    /** The first few distances, then some that grow. */
    private static int[] distances(int all, int from, double factor, int last) {
        IntStream.Builder distances = IntStream.builder();
        for (int d = 0; d < Math.min(all, last + 1); d++) {
            distances.add(d);
        }
        for (double d = from; d <= last; d = Math.ceil(d * factor)) {
            distances.add((int) d);
        }
        return distances.build().toArray();
    }

    /** How many events lie between a narrow id and the one before it, if the initiator chose them as we do. */
    static long gap(int index) {
        double before = RECENT - 1;
        double distance = index < RECENT ? before + 1 : RECENT;
        for (int i = RECENT; i < index; i++) {
            before = distance;
            distance = Math.ceil(distance * SPACING);
        }
        return (long) (distance - before);
    }

    byte[] toByteArray() {
        MessageOutput out = new MessageOutput();
        out.octet(MessageType.OPENING);
        out.octet(attempt);
        out.octet(claim.code);
        clock.write(out);
        out.number(named.size());
        named.forEach(out::cid);
        out.number(narrow.length);
        for (long id : narrow) {
            out.fixed(id, ShortIds.NARROW);
        }
        return out.toByteArray();
    }

    /** Reads what follows the type. */
    static OpeningMessage read(MessageInput in) {
        int attempt = in.octet();
        int claim = in.octet();
        if (claim >= Claim.values().length) {
            throw in.malformed("claims what is not known: " + claim);
        }
        StatedClock clock = StatedClock.read(in);
        List<Cid> named = new ArrayList<>();
        for (int count = in.count(MOST_NAMED, 32); count > 0; count--) {
            named.add(in.cid());
        }
        long[] narrow = new long[in.count(MOST_NARROW, ShortIds.NARROW)];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = in.fixed(ShortIds.NARROW);
        }
        in.end();
        return new OpeningMessage(attempt, Claim.values()[claim], clock, named, narrow);
    }

    /**
     * What an opening names, as events.
     *
     * @param attempt its number
     * @param claim what is said of it
     * @param clock the heads
     * @param named to be named by digests
     * @param narrow to be named by narrow ids
     */
    record Chosen(int attempt, Claim claim, StatedClock clock, List<Cid> named, List<Cid> narrow) {
        OpeningMessage message(ShortIds shortIds) {
            long[] ids = narrow.stream()
                    .mapToLong(cid -> ShortIds.narrow(shortIds.id(cid)))
                    .toArray();
            return new OpeningMessage(attempt, claim, clock, named, ids);
        }

        /** All of them in the order of the reply's bits. */
        List<Cid> events() {
            List<Cid> all = new ArrayList<>(clock.heads());
            all.addAll(named);
            all.addAll(narrow);
            return all;
        }
    }
}
