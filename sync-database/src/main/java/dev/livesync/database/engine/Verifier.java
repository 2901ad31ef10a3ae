package dev.livesync.database.engine;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.database.store.BlockStore;
import dev.livesync.database.store.SegmentLog;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Checks everything that a state stands on. One use. */
public final class Verifier {
    private static final int MAX_PROBLEMS = 1_000;

    private final State state;
    private final BlockStore store;
    private final Set<String> problems = new LinkedHashSet<>();
    private long blocks;
    private long bytes;
    private long trees;

    Verifier(State state) {
        this.state = state;
        this.store = state.store;
    }

    /**
     * What was found.
     *
     * @param blocks blocks that were read and hashed
     * @param bytes their content
     * @param events complete events
     * @param pending pending events
     * @param trees events with a whole tree
     * @param problems a line each
     */
    public record Report(long blocks, long bytes, long events, long pending, long trees, List<String> problems) {}

    /** Learns how far it is. */
    @FunctionalInterface
    public interface Progress {
        /**
         * Some more was checked.
         *
         * @param done blocks checked so far
         * @param total blocks to check
         */
        void progress(long done, long total);
    }

    private void problem(String line) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(line);
        }
    }

    Report run(SegmentLog log, long upTo, Progress progress) throws IOException {
        log.check(upTo, this::problem, payload -> {});
        for (int number = 0; number < state.blocks(); number++) {
            if (!state.isEvicted(number)) {
                hash(number);
                blocks++;
            }
            if ((number & 0x3ff) == 0x3ff) {
                progress.progress(blocks, state.summary().blocks());
            }
        }
        for (int event = 0; event < state.events; event++) {
            check(event);
        }
        if (state.baseRoot != null && !isWhole(state.baseRoot)) {
            problem("the tree " + state.baseRoot + " of our own is not whole");
        }
        progress.progress(blocks, state.summary().blocks());
        return new Report(blocks, bytes, state.events, state.summary().pending(), trees, List.copyOf(problems));
    }

    private void hash(int number) {
        try {
            bytes += store.reread(number).size();
        } catch (SyncException e) {
            problem(String.valueOf(e.getMessage()));
        }
    }

    private void check(int index) {
        Cid cid = state.core.graph.cid(index);
        Event event;
        try {
            event = state.event(index);
        } catch (SyncException e) {
            problem(String.valueOf(e.getMessage()));
            return;
        }
        for (Cid parent : event.parents()) {
            int p = state.index(parent);
            if (p < 0 || p >= index) {
                problem("event " + cid + " is complete, but its parent " + parent + " is not");
            }
        }
        Cid root = event.root();
        if (root != null && isWhole(root)) {
            trees++;
        }
    }

    private boolean isWhole(Cid root) {
        try {
            return state.whole.isWhole(state, root);
        } catch (SyncException e) {
            return false; // the damaged block has been reported
        }
    }
}
