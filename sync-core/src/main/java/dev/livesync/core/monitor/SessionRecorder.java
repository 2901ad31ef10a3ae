package dev.livesync.core.monitor;

import dev.livesync.Session;
import dev.livesync.SessionStatistics;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Records the life of sessions as events of JDK Flight Recorder. Any thread. */
public final class SessionRecorder implements SyncListener {
    private final Map<Session, SessionEvent> open = new ConcurrentHashMap<>();

    private SessionRecorder() {}

    /**
     * Makes one, if this runtime has Flight Recorder: Android has none, and an image may be built without it.
     *
     * @return empty without it
     */
    public static Optional<SyncListener> ifPossible() {
        try {
            Class.forName("jdk.jfr.Event", false, SessionRecorder.class.getClassLoader());
            return Optional.of(new SessionRecorder());
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }

    @Override
    public void sessionOpened(Session session) {
        SessionEvent event = new SessionEvent();
        if (event.isEnabled()) {
            event.begin();
            open.put(session, event);
        }
    }

    @Override
    public void sessionClosed(Session session, @Nullable SyncException failure) {
        SessionEvent event = open.remove(session);
        if (event == null) {
            return;
        }
        SessionStatistics counts = session.statistics();
        event.session = session.id();
        event.transport = session.transport();
        event.peer = session.peer().remote();
        event.grant = session.peer().grant().orElse("");
        event.outcome = failure == null ? "CLOSED" : failure.kind().name();
        event.bytesSent = counts.bytesSent();
        event.bytesReceived = counts.bytesReceived();
        event.eventsSent = counts.eventsSent();
        event.eventsCommitted = counts.eventsCommitted();
        event.commit();
    }
}
