package dev.livesync.core.monitor;

import dev.livesync.api.ErrorKind;
import dev.livesync.monitor.RefusedCaller;
import dev.livesync.monitor.SyncCounts;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A copy of the counts. The components are those of {@link SyncCounts}. */
record CountsSnapshot(
        Set<String> transports,
        long sessionsOpened,
        long sessionsClosed,
        Map<ErrorKind, Long> sessionsFailed,
        Map<ErrorKind, Long> callersRefused,
        List<RefusedCaller> latestRefusals,
        long changesRefused,
        long bytesSent,
        long bytesReceived,
        long messagesSent,
        long messagesReceived,
        long commits,
        long eventsCommitted,
        int commitsRunning,
        int commitsWaiting,
        long bytesArriving,
        long bytesLeaving)
        implements SyncCounts {}
