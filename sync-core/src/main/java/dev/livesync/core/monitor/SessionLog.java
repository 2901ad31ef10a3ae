package dev.livesync.core.monitor;

import dev.livesync.Session;
import dev.livesync.SessionStatistics;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.LogLine;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** Logs the life of sessions, for machines to read: at DEBUG, to the logger {@code dev.livesync.session}. Any thread. */
public final class SessionLog implements SyncListener {
    private static final System.Logger LOG = System.getLogger("dev.livesync.session");

    @Override
    public void sessionOpened(Session session) {
        LOG.log(
                Level.DEBUG,
                () -> LogLine.of("session_opened")
                        .and("session", session.id())
                        .and("transport", session.transport())
                        .and("peer", session.peer().remote())
                        .and("grant", session.peer().grant().orElse(""))
                        .and("rights", session.peer().rights().label())
                        .and("alpha", session.peer().isAlpha())
                        .toString());
    }

    @Override
    public void sessionClosed(Session session, @Nullable SyncException failure) {
        LOG.log(Level.DEBUG, () -> {
            SessionStatistics counts = session.statistics();
            return LogLine.of("session_closed")
                    .and("session", session.id())
                    .and("transport", session.transport())
                    .and("peer", session.peer().remote())
                    .and("outcome", failure == null ? "CLOSED" : failure.kind())
                    .and("bytes_sent", counts.bytesSent())
                    .and("bytes_received", counts.bytesReceived())
                    .and("events_sent", counts.eventsSent())
                    .and("events_committed", counts.eventsCommitted())
                    .toString();
        });
    }

    @Override
    public void changesRefused(Session session, SyncException refusal) {
        LOG.log(
                Level.DEBUG,
                () -> LogLine.of("changes_refused")
                        .and("session", session.id())
                        .and("peer", session.peer().remote())
                        .toString());
    }

    @Override
    public void refused(String remote, SyncException why) {
        LOG.log(
                Level.DEBUG,
                () -> LogLine.of("caller_refused")
                        .and("peer", remote)
                        .and("kind", why.kind())
                        .and("reason", why.getMessage())
                        .toString());
    }
}
