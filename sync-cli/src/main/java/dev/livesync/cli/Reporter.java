package dev.livesync.cli;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.SessionStatistics;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Prints on standard error which peers connect, leave and are refused. Live changes are not printed, since there may be thousands. Closed
 * after its {@code Sync}.
 */
final class Reporter implements SyncListener, AutoCloseable {
    /** So many failures in a row are printed, */
    private static final int OFTEN = 8;

    /** then one of so many, which is one in five minutes. */
    private static final int SELDOM = 20;

    private final Console console;
    private final Progress progress;
    private final String prefix;
    private final Throttle refusals;
    private final Set<String> inStep = ConcurrentHashMap.newKeySet();
    private final InstantSource clock;
    private final Map<String, KeptPeer.State> states = new ConcurrentHashMap<>();
    private final Map<String, String> reasons = new ConcurrentHashMap<>();

    Reporter(Console console, Progress progress) {
        this(console, progress, "");
    }

    /** Creates one whose lines begin with a prefix. */
    Reporter(Console console, Progress progress, String prefix) {
        this(console, progress, prefix, System::nanoTime, InstantSource.system());
    }

    Reporter(Console console, Progress progress, LongSupplier nanoTime, InstantSource clock) {
        this(console, progress, "", nanoTime, clock);
    }

    private Reporter(Console console, Progress progress, String prefix, LongSupplier nanoTime, InstantSource clock) {
        this.console = console;
        this.prefix = prefix;
        this.progress = progress;
        this.refusals = new Throttle(nanoTime);
        this.clock = clock;
    }

    @Override
    public void sessionOpened(Session session) {
        note("connected with " + session.peer().remote()
                + (session.peer().features().contains("introduce") ? ", over " + session.transport() : "")
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
            note("in step with " + session.peer().remote() + ": " + counts.eventsReceived() + " events received, "
                    + counts.eventsSent() + " sent");
        }
    }

    @Override
    public void sessionClosed(Session session, @Nullable SyncException failure) {
        inStep.remove(session.id());
        note(session.peer().remote() + (failure == null ? " left" : ": " + failure.getMessage()));
    }

    /** Calls about one peer come one at a time. */
    @Override
    public void keptPeerChanged(KeptPeer peer, KeptPeer.Status status) {
        boolean lost = states.put(peer.address(), status.state()) == KeptPeer.State.CONNECTED;
        if (status.state() == KeptPeer.State.STOPPED) {
            states.remove(peer.address());
            reasons.remove(peer.address());
            return;
        }
        if (status.state() == KeptPeer.State.WAITING) {
            // Why a session ended has been said.
            String why = status.failure().map(SyncException::getMessage).orElse("");
            if (lost
                    || status.failures() <= OFTEN
                    || status.failures() % SELDOM == 0
                    || !why.equals(reasons.getOrDefault(peer.address(), ""))) {
                note("dialling " + peer.address() + " again in " + seconds(status)
                        + (lost || why.isEmpty() ? "" : ": " + why));
            }
            reasons.put(peer.address(), why);
        } else if (status.state() == KeptPeer.State.CONNECTING && lost) {
            note("dialling " + peer.address() + " again");
        }
    }

    private String seconds(KeptPeer.Status status) {
        Duration left = Duration.between(clock.instant(), status.nextDial().orElseThrow());
        return String.format(Locale.ROOT, "%.1f s", Math.max(0, left.toMillis() / 1e3));
    }

    @Override
    public void changesRefused(Session session, SyncException refusal) {
        refusal(String.valueOf(refusal.getMessage()));
    }

    @Override
    public void refused(String remote, SyncException why) {
        refusal("refused " + remote + ": " + why.getMessage());
    }

    private void note(String line) {
        console.note(prefix + line);
    }

    private void refusal(String line) {
        refusals.admit()
                .ifPresent(
                        before -> note(line + (before == 0 ? "" : " (after " + before + " more that were refused)")));
    }

    /** Prints how many refusals were not printed. Idempotent. */
    @Override
    public void close() {
        long rest = refusals.rest();
        if (rest > 0) {
            note(rest + " more were refused");
        }
    }
}
