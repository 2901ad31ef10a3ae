package dev.livesync.database.history;

import dev.livesync.api.Cid;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.columns.IntColumn;
import dev.livesync.database.columns.IntMap;
import dev.livesync.database.history.Conflict.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The documents at the current heads, {@code M(heads)}, kept up to date event by event.
 *
 * <p><strong>How.</strong> For every key the <em>candidates</em> are kept: the events of the key that are no ancestor of another event of the
 * key. With one candidate, nearly always, that is the answer, and it takes an int. With more, weights decide, and where they are taken
 * depends on the heads' nearest common ancestor A. All of history is either beyond A or A with its ancestors, and everything beyond A
 * has A among its ancestors; so the candidates of one key are on the same side. Beyond A the heads' own window weighs them, in one pass
 * for all such conflicts and only when somebody asks. A later event makes only its ancestors weigh more, so a conflict is weighed again
 * only if the one that had won is among them. On the other side the merge on A's chain of dominators whose window holds them has decided
 * for good; its pass is made once.
 *
 * <p>So accepting an event costs a constant time but for the ancestor questions of conflicted keys, and reading a key without a conflict
 * never costs a pass.
 *
 * <p><strong>Threads.</strong> Everything here is one thread's at a time: the database's lock guards it. {@link PastDocuments} is for readers
 * who must not wait.
 */
public final class CurrentDocuments {
    /** Up to this many ancestors of a new event are visited one by one. */
    private static final int FEW_ANCESTORS = 32;

    private final EventGraph graph;
    private final Heads heads;
    private final Conflicts conflicts;
    private final List<ChangeTracker> trackers = new ArrayList<>();

    /** By key: 0 without an event, the one candidate plus one, or the conflict's slot as {@code -1 - slot}. */
    private final IntColumn states = new IntColumn();

    private int stateCount;
    private int accepted;
    /** The number of keys whose candidates are all puts. */
    private int surelyVisible;

    private @Nullable Scope headScope;
    private final Shortcuts shortcuts;
    private long passes;
    private long passVisits;
    private long crossings;
    private long notes;

    /**
     * Creates the documents of an empty history.
     *
     * @param graph the events, none accepted so far
     */
    public CurrentDocuments(EventGraph graph) {
        this.graph = graph;
        heads = new Heads(graph);
        conflicts = new Conflicts(graph);
        shortcuts = new Shortcuts(graph);
    }

    /**
     * Accepts an event that was just added to the graph.
     *
     * @param event its index; events are accepted in the order of their indexes, none left out
     * @throws IllegalArgumentException if it is another event's turn; nothing has changed then
     */
    public void accept(int event) {
        if (event != accepted || event >= graph.size()) {
            throw new IllegalArgumentException("event " + event + " is not the next one, which is " + accepted);
        }
        boolean severalHeads = heads.size() > 1;
        int common = heads.common();
        heads.add(event);
        if (headScope != null && severalHeads && heads.size() == 1) {
            headScope.event = event;
            headScope = null;
        } else if (headScope != null && !keepsWeights(event, common, headScope)) {
            headScope = null;
        }
        if (heads.common() < common && !trackers.isEmpty()) {
            // It forks off below: what was decided up to there is open again.
            for (ChangeTracker tracker : trackers) {
                // Whatever lies beyond an earlier fork has been noted because of that.
                int upTo = Math.min(common, tracker.fork());
                if (heads.common() < upTo) {
                    for (Conflict c : conflicts.between(heads.common(), upTo)) {
                        notes++;
                        tracker.note(c.key, lastWinner(c, common));
                    }
                    tracker.forked(heads.common());
                }
            }
        }
        accepted++;
        write(graph.key(event), event);
    }

    /**
     * Withdraws the decisions that a new event may change. Only its ancestors beyond the heads' former common ancestor weigh more now, so
     * only where one of them had won, another candidate may win.
     *
     * @return false if it has too many of them to look at each, and every decision under the heads is to be taken back
     */
    private boolean keepsWeights(int event, int common, Scope scope) {
        int[] found = new int[FEW_ANCESTORS];
        int count = 0;
        for (int at = -1; at < count; at++) {
            int e = at < 0 ? event : found[at];
            for (int i = graph.parentCount(e) - 1; i >= 0; i--) {
                int parent = graph.parent(e, i);
                if (parent > common && !contains(found, count, parent)) {
                    if (count == found.length) {
                        return false;
                    }
                    found[count++] = parent;
                }
            }
        }
        for (int i = 0; i < count; i++) {
            int state = states.get(graph.key(found[i]));
            Conflict c = state < 0 ? conflicts.get(-1 - state) : null;
            if (c != null && c.scope == scope && c.winner == found[i]) {
                c.scope = null;
            }
        }
        return true;
    }

    private static boolean contains(int[] events, int count, int e) {
        for (int i = 0; i < count; i++) {
            if (events[i] == e) {
                return true;
            }
        }
        return false;
    }

    private void write(int key, int event) {
        while (stateCount <= key) {
            states.set(stateCount++, 0);
        }
        int state = states.get(key);
        if (state == 0) {
            note(key, EventGraph.NONE);
            setSingle(key, event);
        } else if (state > 0) {
            int before = state - 1;
            note(key, before);
            count(before, -1);
            if (before <= heads.common() || graph.isAncestor(before, event)) {
                setSingle(key, event);
            } else {
                Conflict c = new Conflict(graph, key, before, event);
                conflicts.add(c);
                states.set(key, -1 - c.slot);
                count(c, 1);
            }
        } else {
            Conflict c = conflicts.get(-1 - state);
            note(key, lastWinner(c, heads.common()));
            count(c, -1);
            Scope weighed = c.weight >= 0 && c.scope == headScope ? headScope : null;
            if (c.lowest() > heads.common() && conflicts.extend(c, event)) {
                count(c, 1);
                if (weighed != null) {
                    challenge(c, event, weighed);
                }
            } else {
                conflicts.remove(c);
                setSingle(key, event);
            }
        }
    }

    /** Decides between the one that has won so far and a new head, which is no descendant of it. */
    private void challenge(Conflict c, int head, Scope scope) {
        if (wins(graph, head, 0, c.winner, c.weight)) {
            c.winner = head;
            c.weight = 0;
        }
        c.scope = scope;
    }

    /** The winner when the heads had this common ancestor, if it was computed. */
    private int lastWinner(Conflict c, int common) {
        return c.lowest() <= common && c.isBaked(graph, common) ? c.winner : ChangeTracker.UNKNOWN;
    }

    private void setSingle(int key, int event) {
        states.set(key, event + 1);
        count(event, 1);
    }

    private void count(int event, int change) {
        surelyVisible += graph.isDelete(event) ? 0 : change;
    }

    private void count(Conflict c, int change) {
        if (c.mixedAt < 0) {
            count(c.lowest(), change);
        }
    }

    private void note(int key, int winner) {
        for (ChangeTracker tracker : trackers) {
            notes++;
            tracker.note(key, winner);
        }
    }

    /**
     * How many events were accepted.
     *
     * @return the index of the next one
     */
    public int accepted() {
        return accepted;
    }

    /**
     * The clock: the maximal events.
     *
     * @return indexes in text order of their CIDs; a new array
     */
    public int[] heads() {
        return heads.get().clone();
    }

    /**
     * The clock, as its CIDs.
     *
     * @return in text order; immutable, and the same list until an event is accepted
     */
    public List<Cid> clock() {
        return heads.cids();
    }

    /**
     * Whether an event is the only head.
     *
     * @param event its index
     * @return false if there are others, or it is none
     */
    public boolean isOnlyHead(int event) {
        return event != EventGraph.NONE && heads.isOnly(event);
    }

    /**
     * The event that decides what a key is, be it a put or a delete.
     *
     * @param key the key's number
     * @return the event's index, or {@link EventGraph#NONE} if no event names the key
     */
    public int winner(int key) {
        int state = state(key);
        if (state >= 0) {
            return state - 1;
        }
        Conflict c = conflicts.get(-1 - state);
        if (c.lowest() <= heads.common()) {
            if (!c.isBaked(graph, heads.common())) {
                bake(graph.lift(heads.common(), c.lowest()));
            }
        } else if (headScope == null || c.scope != headScope) {
            weighOpen();
        }
        return c.winner;
    }

    /** Weighs the open conflicts whose weights are out of date. */
    private void weighOpen() {
        Scope scope = headScope == null ? new Scope() : headScope;
        headScope = scope;
        List<Conflict> undecided = new ArrayList<>();
        for (Conflict c : openConflicts()) {
            if (c.scope != scope) {
                undecided.add(c);
            }
        }
        decide(undecided, scope, heads.unordered(), heads.common(), shortcuts);
    }

    /**
     * The event that put the document which a key has now.
     *
     * @param key the key's number
     * @return the index of a put, or {@link EventGraph#NONE} if there is no document
     */
    public int document(int key) {
        int winner = winner(key);
        return winner == EventGraph.NONE || graph.isDelete(winner) ? EventGraph.NONE : winner;
    }

    /**
     * The events among which {@link #winner} decided: those of the key that are no ancestor of another.
     *
     * @param key the key's number
     * @return indexes, ascending; more than one if the key is in conflict, none if no event names it; a new array
     */
    public int[] candidates(int key) {
        int state = state(key);
        if (state == 0) {
            return new int[0];
        }
        return state > 0 ? new int[] {state - 1} : conflicts.get(-1 - state).candidates();
    }

    /**
     * How many documents there are. Costs the conflicts between a put and a delete.
     *
     * @return the number of keys that have a {@link #document}
     */
    public int count() {
        int count = surelyVisible;
        for (Conflict c : conflicts.mixed()) {
            count += document(c.key) == EventGraph.NONE ? 0 : 1;
        }
        return count;
    }

    /** How many keys have more than one candidate. */
    int conflicts() {
        return conflicts.size();
    }

    /**
     * Starts to track changes. Call it after loading a history, which would count as one change.
     *
     * @return a tracker of its own; close it when it is no longer asked
     */
    public ChangeTracker track() {
        ChangeTracker tracker = new ChangeTracker(this);
        trackers.add(tracker);
        return tracker;
    }

    void untrack(ChangeTracker tracker) {
        trackers.remove(tracker);
    }

    /** The heads' nearest common ancestor. */
    int common() {
        return heads.common();
    }

    /** The conflicts whose candidates are in the heads' window. */
    Collection<Conflict> openConflicts() {
        return conflicts.above(heads.common());
    }

    /** Passes over a window so far. */
    long passes() {
        return passes;
    }

    /** Events that those passes visited, and their shortcuts when they were found. */
    long passVisits() {
        return passVisits + shortcuts.visited();
    }

    /** How many keys were recorded in trackers. */
    long notes() {
        return notes;
    }

    /** Blocks that those passes crossed. */
    long crossings() {
        return crossings;
    }

    private int state(int key) {
        return key < stateCount ? states.get(key) : 0;
    }

    private void bake(int event) {
        Scope scope = new Scope();
        scope.event = event;
        List<Conflict> undecided = new ArrayList<>();
        for (Conflict c : conflicts.between(graph.up(event), event)) {
            if (!c.isBaked(graph, event)) {
                undecided.add(c);
            }
        }
        decide(undecided, scope, graph.parents(event), graph.up(event), null);
    }

    /** One pass for all of these: it ends once the lowest candidate has been weighed, or nothing below can weigh less than all. */
    private void decide(
            Collection<Conflict> undecided, Scope scope, int[] from, int floor, @Nullable Shortcuts shortcuts) {
        IntMap numbers = new IntMap();
        BitSet blocks = new BitSet();
        for (Conflict c : undecided) {
            for (int candidate : c.candidates()) {
                numbers.putIfAbsent(candidate, numbers.size());
                blocks.set(Weights.block(candidate));
            }
        }
        long[] weights = new long[numbers.size()];
        Arrays.fill(weights, Long.MAX_VALUE);
        Weights pass = new Weights(graph, from, floor, shortcuts);
        pass.run(new Weights.Visitor() {
            private int left = weights.length;

            @Override
            public boolean visit(int e, long d) {
                int number = numbers.get(e, -1);
                if (number >= 0) {
                    weights[number] = d;
                    left--;
                }
                return left > 0;
            }

            @Override
            public boolean needs(int block) {
                return blocks.get(block);
            }

            @Override
            public boolean needsSaturated() {
                return false;
            }
        });
        passes++;
        passVisits += pass.visited();
        crossings += pass.crossed();
        for (Conflict c : undecided) {
            int winner = EventGraph.NONE;
            long least = -1;
            for (int candidate : c.candidates()) {
                long d = weights[numbers.get(candidate, -1)];
                if (winner == EventGraph.NONE || wins(graph, candidate, d, winner, least)) {
                    winner = candidate;
                    least = d;
                }
            }
            c.winner = winner;
            c.weight = least;
            c.scope = scope;
        }
    }

    /**
     * Writes the computed state.
     *
     * @param out takes it
     */
    public void save(ImageWriter out) {
        out.putInt(stateCount);
        states.save(out, stateCount);
        out.putInt(accepted);
        out.putInt(surelyVisible);
        heads.save(out);
        Map<Scope, Integer> scopes = new HashMap<>(); // scopes are equal only to themselves
        if (headScope != null) {
            scopes.put(headScope, 0);
        }
        out.putInt(scopes.size());
        conflicts.save(out, scopes);
    }

    /**
     * Reads the computed state instead of accepting the events again. No event has been accepted so far.
     *
     * @param in what {@link #save} wrote
     */
    public void load(ImageReader in) {
        stateCount = in.getCount(4);
        states.load(in, stateCount);
        accepted = in.getInt();
        surelyVisible = in.getInt();
        heads.load(in);
        boolean weighed = in.getInt() > 0;
        List<Scope> scopes = conflicts.load(in);
        ImageReader.require(!weighed || !scopes.isEmpty(), "decisions", scopes.size());
        headScope = weighed ? scopes.get(0) : null;
        requireStates();
    }

    /** Refuses states that are not of these events and conflicts. */
    private void requireStates() {
        int inConflict = 0;
        int visible = 0;
        for (int key = 0; key < stateCount; key++) {
            int state = states.get(key);
            boolean known = state < 0
                    ? -1 - state < conflicts.slots() && conflicts.get(-1 - state).key == key
                    : state <= graph.size() && (state == 0 || graph.key(state - 1) == key);
            ImageReader.require(known, "the state of a key", key);
            inConflict += state < 0 ? 1 : 0;
            visible += state > 0 && !graph.isDelete(state - 1) ? 1 : 0;
        }
        for (Conflict c : conflicts.above(EventGraph.NONE)) {
            visible += c.isMixed() || graph.isDelete(c.lowest()) ? 0 : 1;
        }
        ImageReader.require(
                inConflict == conflicts.size() && visible == surelyVisible && accepted == graph.size(),
                "documents of the history",
                accepted);
    }

    /** The order of candidates: least {@code d} first, then the greatest CID as text. */
    static boolean wins(EventGraph graph, int a, long weightOfA, int b, long weightOfB) {
        return weightOfA != weightOfB ? weightOfA < weightOfB : graph.cid(a).compareTo(graph.cid(b)) > 0;
    }
}
