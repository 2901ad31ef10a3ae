package dev.livesync.database.replica;

import org.jspecify.annotations.Nullable;

/** Has a {@link ViewPull} follow. */
final class Puller implements Notifier.Follower {
    private final ViewPull target;
    private final ViewSteps steps;
    private @Nullable ReadView first;

    Puller(ReadView view, ViewPull target) {
        this.target = target;
        this.steps = new ViewSteps(view, 1);
        this.first = view;
    }

    @Override
    public void published(ViewStep step) {
        steps.add(step);
    }

    @Override
    public @Nullable Runnable next() {
        if (!target.isWanted()) {
            return null;
        }
        Runnable urgent = target.urgent();
        if (urgent != null) {
            return urgent;
        }
        ReadView begin = first;
        if (begin != null) {
            first = null;
            return () -> target.begin(begin);
        }
        ViewSteps.Taken taken = steps.poll();
        return taken == null ? null : () -> advance(taken.change());
    }

    private void advance(ViewChange change) {
        if (!change.changes().isEmpty()) {
            target.advance(change);
        }
    }

    @Override
    public void ended() {
        target.ended();
    }
}
