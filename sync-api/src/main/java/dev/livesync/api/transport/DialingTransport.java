package dev.livesync.api.transport;

import dev.livesync.api.ErrorKind;
import java.util.concurrent.CompletionStage;

/**
 * The shape of TCP-like transports: one side listens at an address, the other dials it.
 *
 * <p>Addresses are strings with a scheme, such as {@code ws://127.0.0.1:8080/}; a port of 0 asks for a free one. Both
 * methods return at once and complete on any thread. Cancelling the returned stage's future, where it is one, abandons the
 * attempt and leaves nothing open. Failures are {@link dev.livesync.api.SyncException}.
 */
public non-sealed interface DialingTransport extends Transport {
    /**
     * Starts to listen.
     *
     * @param address where; its query and fragment are not the transport's business and absent
     * @param acceptor receives every channel that arrives
     * @return completes when the address is bound. Fails with {@link ErrorKind#CONFIGURATION} for an unusable address or
     *     one that policy forbids (plain text off loopback), {@link ErrorKind#IN_USE} if it is taken
     */
    CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor);

    /**
     * Opens a channel.
     *
     * @param address where somebody listens
     * @return completes with an open channel, which is then the caller's to close. Fails with {@link
     *     ErrorKind#CONFIGURATION} for an unusable address, {@link ErrorKind#UNREACHABLE} if nobody answers, {@link
     *     ErrorKind#REFUSED} if the other side turns us away or the executor takes no task, {@link ErrorKind#AUTHENTICATION} if it is not whom the address
     *     names, {@link ErrorKind#TIMEOUT} after {@link TransportContext#connectTimeout}
     */
    CompletionStage<Channel> dial(String address);
}
