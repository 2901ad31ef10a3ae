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

    /** How many of those sent are durable at the peer or refused by it. */
    long carsAnswered;

    /** How many of those answered were refused. */
    long carsRefused;

    /** How many of those received are durable here or refused. */
    long carsDone;

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
                carsAnswered - carsRefused,
                carsRefused,
                blocksSent,
                blocksReceived,
                eventsSent,
                eventsReceived,
                eventsCommitted,
                eventsToSend);
    }
}
