package dev.livesync.discovery.mdns;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A worker that works when it is told to. */
final class HandWorker implements LanWorker {
    private @Nullable Runnable step;
    private boolean ended;

    /** One step; false if there is none any more. */
    boolean look() {
        if (step == null || ended) {
            return false;
        }
        step.run();
        return true;
    }

    void look(int times) {
        for (int i = 0; i < times; i++) {
            look();
        }
    }

    @Override
    public void repeat(Duration period, Runnable newStep) {
        step = newStep;
    }

    @Override
    public void end(Runnable last, Duration wait) {
        if (!ended) {
            ended = true;
            last.run();
        }
    }
}
