package dev.livesync.database.replica;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells somebody of each commit, once he has been told of what happened before. */
final class Watcher implements Notifier.Follower {
    /** Commits that are kept apart for a watcher who is behind. */
    private static final int SEPARATE = 64;

    private final Consumer<ViewChange> target;
    private final ViewSteps steps;
    private @Nullable Runnable first;

    /**
     * Creates it.
     *
     * @param view the view of this moment
     * @param first is called before all others, with that view; null for nobody
     * @param target is called with what has changed since
     */
    Watcher(ReadView view, @Nullable Consumer<ReadView> first, Consumer<ViewChange> target) {
        this.target = target;
        this.steps = new ViewSteps(view, SEPARATE);
        this.first = first == null ? null : () -> first.accept(view);
    }

    @Override
    public void published(ViewStep step) {
        steps.add(step);
    }

    @Override
    public @Nullable Runnable next() {
        Runnable begin = first;
        if (begin != null) {
            first = null;
            return begin;
        }
        ViewSteps.Taken taken = steps.poll();
        return taken == null ? null : () -> tell(taken.change());
    }

    private void tell(ViewChange change) {
        if (!change.changes().isEmpty()) {
            target.accept(change);
        }
    }
}
