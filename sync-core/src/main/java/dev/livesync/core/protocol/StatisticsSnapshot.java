package dev.livesync.core.protocol;

import dev.livesync.SessionStatistics;

/** A copy of the counters. The components are those of {@link SessionStatistics}. */
record StatisticsSnapshot(
        long bytesSent,
        long bytesReceived,
        long messagesSent,
        long messagesReceived,
        long carsSent,
        long carsReceived,
        long carsAcknowledged,
        long carsRefused,
        long blocksSent,
        long blocksReceived,
        long eventsSent,
        long eventsReceived,
        long eventsCommitted,
        long eventsToSend)
        implements SessionStatistics {}
