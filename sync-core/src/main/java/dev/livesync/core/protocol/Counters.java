package dev.livesync.core.protocol;

import dev.livesync.Progress;

/** What {@link Progress} shows, while it is being counted. */
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

    Progress snapshot() {
        return new Progress(
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
