package dev.livesync.api.transport;

/**
 * An open transport: the owner of whatever its channels share (threads, an event loop, a native factory).
 *
 * <p>Any thread. A transport is one of the two shapes below, never both: what needs an exchange of its own cannot be
 * dialled, and what can be dialled gets its offers from the core.
 */
public sealed interface Transport extends AutoCloseable permits DialingTransport, SignallingTransport {
    /**
     * Closes listeners, aborts channels, ends threads. Idempotent; returns within five seconds; afterwards every method
     * completes with {@link dev.livesync.api.ErrorKind#CLOSED}, every channel has reported its one close, and nothing of
     * the transport runs any more. Never called from a callback.
     */
    @Override
    void close();
}
