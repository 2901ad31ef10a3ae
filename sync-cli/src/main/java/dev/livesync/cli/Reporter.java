package dev.livesync.cli;

import dev.livesync.Session;
import dev.livesync.SessionStatistics;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Prints on standard error which peers connect, leave and are refused. Live changes are not printed, since there may be thousands. Closed
 * after its {@code Sync}.
 */
final class Reporter implements SyncListener, AutoCloseable {
    private final Console console;
    private final Progress progress;
    private final Throttle refusals;
    private final Set<String> inStep = ConcurrentHashMap.newKeySet();

    Reporter(Console console, Progress progress) {
        this(console, progress, System::nanoTime);
    }

    Reporter(Console console, Progress progress, LongSupplier nanoTime) {
        this.console = console;
        this.progress = progress;
        this.refusals = new Throttle(nanoTime);
    }

    @Override
    public void sessionOpened(Session session) {
        console.note("connected with " + session.peer().remote()
                + session.peer()
                        .grant()
                        .map(grant -> ", grant " + grant + " (" + session.peer().rights() + ")")
                        .orElse(""));
    }

    @Override
    public void statisticsChanged(Session session, SessionStatistics counts) {
        progress.to(counts.eventsSent() + counts.eventsReceived());
    }

    @Override
    public void equalChanged(Session session, boolean equal) {
        if (equal) {
            progress.rest();
        }
        if (equal && inStep.add(session.id())) {
            SessionStatistics counts = session.statistics();
            console.note("in step with " + session.peer().remote() + ": " + counts.eventsReceived()
                    + " events received, " + counts.eventsSent() + " sent");
        }
    }

    @Override
    public void sessionClosed(Session session, @Nullable SyncException failure) {
        inStep.remove(session.id());
        console.note(session.peer().remote() + (failure == null ? " left" : ": " + failure.getMessage()));
    }

    @Override
    public void changesRefused(Session session, SyncException refusal) {
        refusal(String.valueOf(refusal.getMessage()));
    }

    @Override
    public void refused(String remote, SyncException why) {
        refusal("refused " + remote + ": " + why.getMessage());
    }

    private void refusal(String line) {
        refusals.admit()
                .ifPresent(before ->
                        console.note(line + (before == 0 ? "" : " (after " + before + " more that were refused)")));
    }

    /** Prints how many refusals were not printed. Idempotent. */
    @Override
    public void close() {
        long rest = refusals.rest();
        if (rest > 0) {
            console.note(rest + " more were refused");
        }
    }
}
