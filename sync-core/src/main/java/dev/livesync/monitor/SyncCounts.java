package dev.livesync.monitor;

import dev.livesync.api.ErrorKind;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts of a {@code Sync} since it was made, over all its sessions, those that have ended among them. They are of one moment and do not change;
 * while things go on, one may be a little newer than another. Bytes are payload, as a session's statistics count them.
 *
 * <p>Any thread. LiveSync implements this, and a later version may count more: programs only read it.
 */
public interface SyncCounts {
    /**
     * The transports that it was made with.
     *
     * @return their ids, ascending; immutable
     */
    Set<String> transports();

    /**
     * Sessions that have opened.
     *
     * @return a count
     */
    long sessionsOpened();

    /**
     * Sessions that have ended in order.
     *
     * @return a count
     */
    long sessionsClosed();

    /**
     * Sessions that have ended otherwise, by what ended them.
     *
     * @return immutable; kinds that did not happen are not there
     */
    Map<ErrorKind, Long> sessionsFailed();

    /**
     * Callers that got no session, by the reason.
     *
     * @return immutable; kinds that did not happen are not there
     */
    Map<ErrorKind, Long> callersRefused();

    /**
     * The callers that were turned away last.
     *
     * @return at most 20, the last one first; immutable
     */
    List<RefusedCaller> latestRefusals();

    /**
     * How often peers have said that they don't take changes of ours.
     *
     * @return a count
     */
    long changesRefused();

    /**
     * Bytes of the messages that were handed to channels.
     *
     * @return bytes
     */
    long bytesSent();

    /**
     * Bytes of the messages that came from channels.
     *
     * @return bytes
     */
    long bytesReceived();

    /**
     * Messages that were handed to channels.
     *
     * @return a count
     */
    long messagesSent();

    /**
     * Messages that came from channels.
     *
     * @return a count
     */
    long messagesReceived();

    /**
     * Commits of what peers have sent, durable or with nothing new.
     *
     * @return a count
     */
    long commits();

    /**
     * Events that became complete here through sessions.
     *
     * @return a count
     */
    long eventsCommitted();

    /**
     * Commits of what peers have sent that are being worked out or wait for the disk now.
     *
     * @return a count, at most 4
     */
    int commitsRunning();

    /**
     * Commits that wait for one of those to end.
     *
     * @return a count
     */
    int commitsWaiting();

    /**
     * Memory that sessions have now for what arrives.
     *
     * @return bytes
     */
    long bytesArriving();

    /**
     * Memory that sessions have now for what leaves.
     *
     * @return bytes
     */
    long bytesLeaving();
}
