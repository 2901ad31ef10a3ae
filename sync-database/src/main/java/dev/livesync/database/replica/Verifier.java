package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.database.log.BlockStore;
import dev.livesync.database.log.SegmentLog;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Checks everything that a view refers to. One use. */
public final class Verifier {
    private static final int MAX_PROBLEMS = 1_000;

    private final StoredView view;
    private final BlockStore store;
    private final Set<String> problems = new LinkedHashSet<>();
    private long blocks;
    private long bytes;
    private long trees;

    Verifier(StoredView view) {
        this.view = view;
        this.store = view.store;
    }

    /**
     * The findings.
     *
     * @param blocks blocks that were read and hashed
     * @param bytes their content
     * @param events complete events
     * @param pending pending events
     * @param trees events with a whole tree
     * @param problems a line each
     */
    public record Findings(long blocks, long bytes, long events, long pending, long trees, List<String> problems) {}

    /** Learns how many blocks have been verified. */
    @FunctionalInterface
    public interface BlockProgress {
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

    Findings run(SegmentLog log, long upTo, BlockProgress progress) throws IOException {
        log.check(upTo, this::problem, payload -> {});
        for (int number = 0; number < view.blocks(); number++) {
            if (!view.isEvicted(number)) {
                hash(number);
                blocks++;
            }
            if ((number & 0x3ff) == 0x3ff) {
                progress.progress(blocks, view.summary().blocks());
            }
        }
        for (int event = 0; event < view.events; event++) {
            check(event);
        }
        if (view.baseRoot != null && !isWhole(view.baseRoot)) {
            problem("the tree " + view.baseRoot + " of our own is not whole");
        }
        progress.progress(blocks, view.summary().blocks());
        return new Findings(blocks, bytes, view.events, view.summary().pending(), trees, List.copyOf(problems));
    }

    private void hash(int number) {
        try {
            bytes += store.reread(number).size();
        } catch (SyncException e) {
            problem(String.valueOf(e.getMessage()));
        }
    }

    private void check(int index) {
        Cid cid = view.writer.graph.cid(index);
        Event event;
        try {
            event = view.event(index);
        } catch (SyncException e) {
            problem(String.valueOf(e.getMessage()));
            return;
        }
        for (Cid parent : event.parents()) {
            int p = view.index(parent);
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
            return view.isWhole(root);
        } catch (SyncException e) {
            return false; // the damaged block has been reported
        }
    }
}
