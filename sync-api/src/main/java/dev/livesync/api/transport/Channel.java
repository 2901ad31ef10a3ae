package dev.livesync.api.transport;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * An open, ordered, reliable, bidirectional connection that carries {@link Message}s.
 *
 * <p><strong>Threads.</strong> Methods may be called from any thread, callbacks included, and never block. The listener's
 * methods are called serially, never re-entrantly (a call of {@link #request}, {@link #send} or {@link #close} from inside a
 * callback starts no other callback before that one has returned), each after the one before has returned and with its
 * effects visible. A listener that throws is treated as a failure of its own: the channel closes with {@link
 * ErrorKind#INTERNAL}, other channels are not affected.
 *
 * <p><strong>Receiving.</strong> Nothing is delivered before {@link #start}, and never more messages than were {@linkplain
 * #request requested}. What is not requested stays with the sender, as far as the wire can push back ({@link
 * TransportFeature#INBOUND_BACKPRESSURE}).
 *
 * <p><strong>Sending.</strong> One send is outstanding at a time. A send's stage completes when there is room for the next
 * one, which says nothing about delivery.
 *
 * <p><strong>Ending.</strong> There is exactly one {@link ChannelListener#onClosed}, and it is the last callback. Messages
 * that had arrived before a regular close by the peer are delivered first, if they are requested; an abort or a failure may
 * drop them.
 */
public interface Channel {
    /**
     * Names the one listener and opens the gate. Nothing is called back before; a channel that has failed in the meantime
     * reports its close then.
     *
     * @param listener receives messages and the close
     * @throws IllegalStateException if it was started before
     */
    void start(ChannelListener listener);

    /**
     * Allows more messages to be delivered. Additive; adding up beyond {@link Long#MAX_VALUE} means no bound. Ignored after
     * the close.
     *
     * @param messages how many more, 1 or more
     * @throws IllegalArgumentException if less than 1; nothing changes then
     */
    void request(long messages);

    /**
     * Sends one message.
     *
     * @param message what to send; see {@link Message} for who owns its bytes
     * @return completes when the channel is ready for another send. Fails with {@link ErrorKind#LIMIT_EXCEEDED} if the
     *     message is over {@link #maxMessageBytes} (nothing was sent, the channel stays usable), {@link
     *     ErrorKind#DISCONNECTED} or {@link ErrorKind#CLOSED} if the channel ends before; whether the peer got the message
     *     is not known then. Completion may be on any thread, also before this method returns
     * @throws IllegalStateException if the send before has not completed; the channel is not affected
     */
    CompletionStage<Void> send(Message message);

    /**
     * The largest message that {@link #send} takes. Fixed for the life of the channel; at least 1,024. The other direction
     * may differ (each WebRTC peer states what it takes): what arrives is limited by {@link TransportContext#maxMessageBytes}
     * alone.
     *
     * @return bytes of payload
     */
    int maxMessageBytes();

    /**
     * Who is at the other end, as far as the transport itself has authenticated it.
     *
     * @return the identity; empty where the transport has none
     */
    Optional<PeerIdentity> peer();

    /**
     * Bytes that are the same at both ends of this channel and of no other: a TLS exporter value, a certificate's hash, both
     * peer ids, both DTLS fingerprints. Only of a channel that the transport itself encrypts: where both ends find, under the secret that they
     * share, that they see the same, what passes is not encrypted once more, and whoever can read the channel can read the session. A
     * transport that is not sure has none.
     *
     * @return a new array, at most 1,024 bytes; empty where the transport has none
     */
    Optional<byte[]> binding();

    /**
     * Where the peer is, for messages to people.
     *
     * @return an address or a name, without secrets; never empty
     */
    String remote();

    /**
     * Ends the channel in order: takes no more sends, lets the outstanding one and what is buffered go out, tells the peer,
     * closes. Bounded by {@link TransportContext#closeTimeout}, after which it becomes an abort with {@link ErrorKind#TIMEOUT}.
     * No message is delivered any more, requested or not, but for one that another thread is about to deliver: what was not
     * read before is dropped. Idempotent.
     *
     * @return completes when the channel is closed, after {@link ChannelListener#onClosed} where it was started; never
     *     fails
     */
    CompletionStage<Void> close();

    /**
     * Ends the channel at once and drops what is buffered, either way. Idempotent; also cuts a {@link #close} short. No
     * message is delivered any more, as after a close. A pending send fails with {@link ErrorKind#CLOSED} or {@link
     * ErrorKind#DISCONNECTED}, whatever the reason, as it does when a close takes too long.
     *
     * @param reason what the listener is told
     */
    void abort(SyncException reason);
}
