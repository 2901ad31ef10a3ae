package dev.livesync;

/**
 * Counts of one {@link Session} since it opened, for metrics and progress bars. Bytes are payload as the protocol sees it:
 * channel messages without the transport's framing; the handshake is not included.
 *
 * @param bytesSent bytes of messages handed to the channel
 * @param bytesReceived bytes of messages that came from it
 * @param messagesSent messages handed to the channel
 * @param messagesReceived messages that came from it
 * @param carsSent CARs handed over whole
 * @param carsReceived CARs received whole
 * @param carsAcknowledged how many of those sent are durable at the peer; stays 0 where acks are not spoken
 * @param blocksSent blocks in {@code carsSent}
 * @param blocksReceived blocks in {@code carsReceived}
 * @param eventsSent events in {@code carsSent}
 * @param eventsReceived events in {@code carsReceived}
 * @param eventsCommitted events that became complete here through this session
 * @param eventsToSend how many events the answer to the peer's latest diff holds in all, sent ones included; -1 if unknown
 */
public record Progress(
        long bytesSent,
        long bytesReceived,
        long messagesSent,
        long messagesReceived,
        long carsSent,
        long carsReceived,
        long carsAcknowledged,
        long blocksSent,
        long blocksReceived,
        long eventsSent,
        long eventsReceived,
        long eventsCommitted,
        long eventsToSend) {}
