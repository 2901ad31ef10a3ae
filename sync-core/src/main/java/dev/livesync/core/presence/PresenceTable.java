package dev.livesync.core.presence;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.presence.PresenceEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all peers show, as far as it has come here. No clock and no I/O; any thread.
 *
 * <p><strong>Newest wins.</strong> Each value is named by its peer's random id and a key, and has a number that only this peer counts. A greater number
 * replaces; anything else is known already and goes no further, so nothing circles in a mesh, and nothing goes back in time. What was removed or has expired is
 * remembered for as long as an old value may still be under way.
 *
 * <p><strong>Time.</strong> A value comes with the time for which it is good, and is passed on with what is left of it: clocks need not agree. Peers
 * state their values again before they expire.
 *
 * <p><strong>Changes.</strong> Values stand in the order in which they changed last, each once. A session keeps its place in that order and nothing else, so
 * a slow peer costs no memory and gets the newest.
 *
 * <p><strong>A session that ends.</strong> What came over it fades, which means: it has little time left. This is told to others, and thereby to the
 * peer itself, if there is another way; it then states its values with greater numbers.
 */
final class PresenceTable {
    /** How long a value of ours is good at others, and how often it is stated again: it survives that two are lost. */
    static final long LIFETIME = 30_000_000_000L;

    static final long REFRESH = 10_000_000_000L;

    /** How long values are good whose session has ended: long enough to dial again, or to be heard of another way. */
    static final long GRACE = 2_000_000_000L;

    /** For how long the number of what is gone is remembered: as long as an update can be good. */
    static final long MEMORY = 60_000_000_000L;

    private static final long MILLI = 1_000_000L;

    /** Numbers from here on make us take another id: somebody is using ours up. */
    private static final long LAST_NUMBERS = PresenceUpdate.MAX_NUMBER - (1L << 32);

    /** Where our own updates come from. */
    private static final Object HERE = new Object();

    private record Name(String peer, String key) {}

    /** What has changed, and can be passed on. */
    private abstract static class Item {
        /** Who need not be told; {@link #HERE} for what was set here. */
        Object from = HERE;

        /** Its place in the order of changes; 0 if it has none. */
        long change;

        /** Null if it says nothing any more. */
        abstract @Nullable PresenceUpdate update(long now);

        /** Whether those who come later need it, too. */
        abstract boolean lasts(long now);

        /** Whether those need it who were here before, and may have missed it. */
        abstract boolean holds(long now);
    }

    /** A value, or what is remembered of one. */
    private static final class Entry extends Item {
        final Name name;
        final long order;
        long number;

        /** Null if it is gone. */
        @Nullable
        Value value;

        @Nullable
        PresenceEntry shown;

        /** Whether it was removed, rather than forgotten. */
        boolean removed;

        /** When it expires, is stated again or is forgotten. */
        long due;

        /** Of ours: when it expires; the largest number if it doesn't. */
        long until;

        Entry(Name name, long order) {
            this.name = name;
            this.order = order;
        }

        @Override
        @Nullable
        PresenceUpdate update(long now) {
            Value stated = value;
            if (stated == null) {
                return removed ? new PresenceUpdate.Removed(name.peer, number, name.key) : null;
            }
            long left = from == HERE ? Math.min(LIFETIME, left(now)) : due - now;
            return left <= 0 ? null : new PresenceUpdate.Stated(name.peer, number, name.key, millis(left), stated);
        }

        /** Of ours: for how long it is to be shown. */
        long left(long now) {
            return until == Long.MAX_VALUE ? until : until - now;
        }

        @Override
        boolean lasts(long now) {
            return value != null;
        }

        @Override
        boolean holds(long now) {
            return value != null || removed;
        }
    }

    /** The values of one peer, and that they are fading. */
    private static final class Owner extends Item {
        final String peer;
        final Map<String, Entry> entries = new TreeMap<>();
        long number;
        long until;

        /** Whether it has said so itself, rather than been cut off. */
        boolean gone;

        Owner(String peer) {
            this.peer = peer;
        }

        @Override
        PresenceUpdate update(long now) {
            return new PresenceUpdate.Fading(peer, number, until <= now ? 0 : millis(until - now));
        }

        @Override
        boolean lasts(long now) {
            return until - now > 0; // it may be them who are meant
        }

        @Override
        boolean holds(long now) {
            return gone || lasts(now);
        }
    }

    /** What a session has to send next, and its place behind that. */
    record Page(List<PresenceUpdate> updates, long place) {}

    private final PresenceLimits limits;
    private final Supplier<String> ids;
    private final Map<String, Owner> owners = new HashMap<>();
    private final NavigableMap<Long, Item> changes = new TreeMap<>();
    private final TreeSet<Entry> dues = new TreeSet<>((a, b) -> {
        int byTime = Long.signum(a.due - b.due);
        return byTime != 0 ? byTime : Long.compare(a.order, b.order);
    });
    private final Map<Object, Integer> bySession = new HashMap<>();
    private int size;
    private long orders;
    private long lastChange;
    private @Nullable String own;
    private long number;
    private boolean left;
    private long dropped;

    /**
     * An empty table.
     *
     * @param limits how much is kept
     * @param ids random ids for this peer
     */
    PresenceTable(PresenceLimits limits, Supplier<String> ids) {
        this.limits = limits;
        this.ids = ids;
    }

    private static long millis(long nanos) {
        return Math.min(PresenceUpdate.MAX_MILLIS, Math.max(1, nanos / MILLI));
    }

    // ---- ours

    synchronized String id() {
        if (own == null) {
            own = ids.get();
        }
        return own;
    }

    /** Sets a value of ours; fails as LIMIT_EXCEEDED for one key too many. */
    synchronized void set(String key, Value value, long lifetime, long now) {
        if (left) {
            throw new SyncException(ErrorKind.CLOSED, "this Sync is closed, and shows nothing any more");
        }
        Owner me = owner(id());
        Entry entry = me.entries.get(key);
        if (entry == null || entry.value == null) {
            long set = me.entries.values().stream().filter(e -> e.value != null).count();
            if (set >= limits.ownEntries()) {
                throw new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        "there are " + set + " values of presence already, and no more may be shown at a time");
            }
        }
        if (entry == null) {
            entry = add(me, key);
        }
        entry.until = lifetime == Long.MAX_VALUE ? Long.MAX_VALUE : now + lifetime;
        entry.value = value;
        entry.shown = shown(entry.name, value, true);
        restate(entry, now);
    }

    synchronized boolean remove(String key, long now) {
        Owner me = own == null ? null : owners.get(own);
        Entry entry = me == null ? null : me.entries.get(key);
        if (entry == null || entry.value == null || left) {
            return false;
        }
        clear(entry, true);
        restate(entry, now);
        return true;
    }

    /** Shows nothing any more, for good, and says so. */
    synchronized void leave(long now) {
        Owner me = own == null ? null : owners.get(own);
        if (me != null && !left) {
            fade(me, number, 0, HERE, now);
        }
        left = true;
    }

    /** Gives an entry of ours the next number. */
    private void restate(Entry entry, long now) {
        entry.number = ++number;
        entry.from = HERE;
        due(entry, entry.value == null ? now + MEMORY : refresh(entry, now));
        changed(entry);
    }

    private static long refresh(Entry entry, long now) {
        return now + Math.min(REFRESH, entry.left(now));
    }

    private void restateAll(Owner me, long now) {
        for (Entry entry : List.copyOf(me.entries.values())) {
            if (entry.value != null) {
                restate(entry, now);
            }
        }
    }

    /** Somebody has told of us what we haven't said, or that we may be gone: we say how it is. */
    private boolean contradict(Owner me, PresenceUpdate told, long now) {
        if (left) {
            return false;
        }
        if (told.number() > LAST_NUMBERS) {
            rename(me, now);
            return true;
        }
        String key = told instanceof PresenceUpdate.Stated stated
                ? stated.key()
                : told instanceof PresenceUpdate.Removed removed ? removed.key() : null;
        if (key == null) {
            boolean meant = me.entries.values().stream()
                    .anyMatch(entry -> entry.value != null && entry.number <= told.number());
            number = Math.max(number, told.number());
            if (meant) {
                restateAll(me, now);
            }
            return meant;
        }
        Entry entry = me.entries.get(key);
        if (entry != null && told.number() <= entry.number) {
            return false; // our own words
        }
        if (entry == null) {
            if (!hasRoom(me)) {
                return false;
            }
            entry = add(me, key);
            entry.removed = true;
        }
        number = Math.max(number, told.number());
        restate(entry, now);
        return true;
    }

    /** Goes on under another id. */
    private void rename(Owner me, long now) {
        owners.remove(me.peer);
        changes.remove(me.change);
        List<Entry> mine = List.copyOf(me.entries.values());
        mine.forEach(this::discard);
        own = ids.get();
        number = 0;
        Owner renamed = owner(own);
        for (Entry old : mine) {
            if (old.value != null) {
                Entry entry = add(renamed, old.name.key);
                entry.until = old.until;
                entry.value = old.value;
                entry.shown = shown(entry.name, old.value, true);
                restate(entry, now);
            }
        }
    }

    // ---- others'

    /**
     * Takes an update that came over a session.
     *
     * @return whether it was news
     */
    synchronized boolean received(PresenceUpdate update, Object session, long now) {
        if (update.peer().equals(own)) {
            return contradict(owner(update.peer()), update, now);
        }
        if (update instanceof PresenceUpdate.Fading fading) {
            Owner owner = owners.get(fading.peer());
            return owner != null && fade(owner, fading.number(), fading.millis() * MILLI, session, now);
        }
        String key =
                update instanceof PresenceUpdate.Stated stated ? stated.key() : ((PresenceUpdate.Removed) update).key();
        Owner known = owners.get(update.peer());
        Entry entry = known == null ? null : known.entries.get(key);
        if (entry != null && update.number() <= entry.number) {
            return false;
        }
        if (entry == null) {
            if (update instanceof PresenceUpdate.Removed) {
                return false; // of what never was here
            }
            if (bySession.getOrDefault(session, 0) >= limits.entriesOfSession()
                    || known != null && !hasRoom(known)
                    || size >= limits.entries()) {
                dropped++;
                return false;
            }
            entry = add(owner(update.peer()), key);
        }
        entry.number = update.number();
        from(entry, session);
        if (update instanceof PresenceUpdate.Stated stated) {
            entry.value = stated.value();
            entry.shown = shown(entry.name, stated.value(), false);
            entry.removed = false;
            due(entry, now + stated.millis() * MILLI);
        } else {
            clear(entry, true);
            due(entry, now + MEMORY);
        }
        changed(entry);
        return true;
    }

    /** Called when a session has ended: what came over it fades, unless it comes another way. */
    synchronized boolean ended(Object session, long now) {
        boolean news = false;
        if (!bySession.containsKey(session)) {
            return false;
        }
        for (Owner owner : List.copyOf(owners.values())) {
            long newest = 0;
            for (Entry entry : owner.entries.values()) {
                if (entry.from == session) {
                    newest = Math.max(newest, entry.number);
                }
            }
            if (newest > 0) {
                news |= fade(owner, newest, GRACE, session, now);
            }
        }
        for (Owner owner : owners.values()) {
            owner.entries.values().stream()
                    .filter(entry -> entry.from == session)
                    .forEach(entry -> entry.from = owner); // nobody
        }
        bySession.remove(session);
        return news;
    }

    private boolean fade(Owner owner, long upTo, long time, Object from, long now) {
        boolean news = false;
        for (Entry entry : List.copyOf(owner.entries.values())) {
            if (entry.value != null && entry.number <= upTo && (time == 0 || entry.due - now > time)) {
                news = true;
                if (time == 0) {
                    clear(entry, false);
                    due(entry, now + MEMORY);
                } else {
                    due(entry, now + time);
                }
            }
        }
        if (news) {
            owner.number = upTo;
            owner.until = now + time;
            owner.gone = time == 0;
            owner.from = from;
            changed(owner);
        }
        return news;
    }

    /** Counts what was dropped before it came here. */
    synchronized void drop() {
        dropped++;
    }

    synchronized long dropped() {
        return dropped;
    }

    // ---- time

    /**
     * Lets expire, states again and forgets what is due.
     *
     * @return whether others have to be told, or something is shown no more
     */
    synchronized boolean tick(long now) {
        boolean news = false;
        while (!dues.isEmpty() && dues.first().due - now <= 0) {
            Entry entry = dues.first();
            if (entry.value == null) {
                discard(entry);
                Owner owner = owners.get(entry.name.peer);
                if (owner != null && owner.entries.isEmpty()) {
                    owners.remove(owner.peer);
                    changes.remove(owner.change);
                }
                continue;
            }
            news = true;
            if (entry.from == HERE && entry.left(now) > 0) {
                restate(entry, now);
            } else {
                clear(entry, false);
                due(entry, now + MEMORY);
            }
        }
        return news;
    }

    /** When {@link #tick} is due; null if nothing is here. */
    synchronized @Nullable Long nextDue() {
        return dues.isEmpty() ? null : dues.first().due;
    }

    // ---- what is here

    synchronized List<PresenceEntry> entries() {
        if (left) {
            return List.of();
        }
        List<PresenceEntry> shown = new ArrayList<>();
        for (Owner owner : owners.values()) {
            for (Entry entry : owner.entries.values()) {
                if (entry.shown != null) {
                    shown.add(entry.shown);
                }
            }
        }
        shown.sort(Comparator.comparing(PresenceEntry::peer).thenComparing(PresenceEntry::key));
        return List.copyOf(shown);
    }

    /** The place behind all changes. */
    synchronized long lastChange() {
        return lastChange;
    }

    /**
     * What has changed behind a place.
     *
     * @param place of a session
     * @param begun the place behind all that was here when it began, or asked for everything again
     * @param missed whether that is for those who know something already, and have to hear of what is gone
     * @param session not told what came from it
     * @param bytes for how much there is room
     * @param most the most for which there is ever room; what needs more is left out
     */
    synchronized Page since(long place, long begun, boolean missed, Object session, int bytes, int most, long now) {
        List<PresenceUpdate> updates = new ArrayList<>();
        int room = bytes - 5; // around the list
        long reached = place;
        for (Item item : changes.tailMap(place, false).values()) {
            boolean old = item.change <= begun && !(missed ? item.holds(now) : item.lasts(now));
            PresenceUpdate update = item.from == session || old ? null : item.update(now);
            int size = update == null ? 0 : PresenceMessage.size(update);
            if (update != null && size <= most - 5) {
                if (size > room) {
                    return new Page(updates, reached);
                }
                room -= size;
                updates.add(update);
            }
            reached = item.change;
        }
        return new Page(updates, Math.max(reached, lastChange));
    }

    /** Whether anybody shows anything, or did a moment ago. */
    synchronized boolean isInUse() {
        return size > 0;
    }

    /** Whether this peer shows anything itself. */
    synchronized boolean showsOwn() {
        Owner me = own == null ? null : owners.get(own);
        return me != null && me.entries.values().stream().anyMatch(entry -> entry.value != null);
    }

    /** That we are gone, which is the only thing that is said at the end; null if nobody knows of us. */
    synchronized @Nullable PresenceUpdate farewell(long now) {
        Owner me = own == null || !left ? null : owners.get(own);
        return me == null || me.change == 0 ? null : me.update(now);
    }

    // ---- bookkeeping

    private static PresenceEntry shown(Name name, Value value, boolean own) {
        return new PresenceEntry(name.peer, name.key, Objects.requireNonNull(PlainValues.from(value)), own);
    }

    private Owner owner(String peer) {
        return owners.computeIfAbsent(peer, Owner::new);
    }

    /** Makes room by forgetting what was removed first. */
    private boolean hasRoom(Owner owner) {
        if (owner.entries.size() < limits.entriesOfPeer()) {
            return true;
        }
        Entry oldest = owner.entries.values().stream()
                .filter(entry -> entry.value == null)
                .min(Comparator.comparingLong(entry -> entry.number))
                .orElse(null);
        if (oldest != null) {
            discard(oldest);
        }
        return oldest != null;
    }

    private Entry add(Owner owner, String key) {
        if (owner.peer.equals(own)) {
            hasRoom(owner);
        }
        Entry entry = new Entry(new Name(owner.peer, key), ++orders);
        owner.entries.put(key, entry);
        size++;
        return entry;
    }

    private void discard(Entry entry) {
        dues.remove(entry);
        changes.remove(entry.change);
        from(entry, HERE);
        size--;
        Owner owner = owners.get(entry.name.peer);
        if (owner != null) {
            owner.entries.remove(entry.name.key);
        }
    }

    private void clear(Entry entry, boolean removed) {
        entry.value = null;
        entry.shown = null;
        entry.removed = removed;
    }

    private void due(Entry entry, long when) {
        dues.remove(entry);
        entry.due = when;
        dues.add(entry);
    }

    /** Counts what each session has brought, as long as it is open. */
    private void from(Entry entry, Object session) {
        Integer before = bySession.get(entry.from);
        if (before != null) {
            bySession.put(entry.from, before - 1);
        }
        entry.from = session;
        if (session != HERE) {
            bySession.merge(session, 1, Integer::sum);
        }
    }

    private void changed(Item item) {
        if (item.change != 0) {
            changes.remove(item.change);
        }
        item.change = ++lastChange;
        changes.put(item.change, item);
    }
}
