package dev.livesync.core.protocol;

import dev.livesync.SessionStatistics;

/** The running counts behind {@link SessionStatistics}. */
final class Counters {
    long bytesSent;
    long bytesReceived;
    long messagesSent;
    long messagesReceived;
    long carsSent;
    long carsReceived;
    long carsAcknowledged;
    long carsCommitted;
    long blocksSent;
    long blocksReceived;
    long eventsSent;
    long eventsReceived;
    long eventsCommitted;
    long eventsToSend = -1;

    SessionStatistics snapshot() {
        return new StatisticsSnapshot(
                bytesSent,
                bytesReceived,
                messagesSent,
                messagesReceived,
                carsSent,
                carsReceived,
                carsAcknowledged,
                blocksSent,
                blocksReceived,
                eventsSent,
                eventsReceived,
                eventsCommitted,
                eventsToSend);
    }
}
