package dev.livesync;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A peer that is dialled, and dialled again whenever its session has ended or could not be opened, until it is closed here or fails in a way
 * that waiting doesn't help. {@link Sync#keep(String)} makes it; {@link SyncListener#keptPeerChanged} tells what it does.
 *
 * <p><strong>When it dials.</strong> At once after a session that was in step for two seconds or more, and after {@link #retryNow}. Otherwise
 * after a random time of up to 0.25 s, which doubles with each failure in a row up to 30 s. A session that was in step for that long, or that
 * brought either side something, begins the row anew. While it waits or dials it looks once a second which addresses this machine has: if they
 * have changed, it dials at once.
 *
 * <p><strong>When it stops.</strong> After a failure whose kind is not {@linkplain ErrorKind#isTransient transient}: the wrong secret, a grant that was
 * revoked, another version, an unusable address, a document over a limit. Once a session has been in step it tries once more before it believes
 * that, unless the failure is of this side alone, since a broken wire can look like a wrong secret; it then stops with the first of the two
 * failures. Everything else passes: no network, a peer that is not there, restarts, is full or closes the session.
 *
 * <p>Each session begins where the ones before it came to: what was acknowledged as durable is not sent again. Ending a session by {@link
 * Session#close} or {@link Session#abort} ends that session alone, and another follows.
 *
 * <p>Any thread. It has no thread of its own. Futures are as {@link Session}'s.
 */
public interface KeptPeer extends AutoCloseable {
    /** What a kept peer is doing. */
    enum State {
        /** It is being dialled. */
        CONNECTING,
        /** There is a session. */
        CONNECTED,
        /** There is no session, and it will be dialled again. */
        WAITING,
        /** It was closed, or has failed for good. Nothing follows. */
        STOPPED
    }

    /** What a kept peer is doing at one moment, and why. Immutable. */
    interface Status {
        /**
         * What it is doing.
         *
         * @return the state
         */
        State state();

        /**
         * The session.
         *
         * @return present if it is {@link State#CONNECTED}
         */
        Optional<Session> session();

        /**
         * Why there is no session: what the last dial or session ended with, or what stopped it.
         *
         * @return empty while there is a session, before the first has failed, after one that the peer closed in order, and where it was closed here
         */
        Optional<SyncException> failure();

        /**
         * How many dials and sessions in a row have come to nothing.
         *
         * @return a count
         */
        int failures();

        /**
         * When it will be dialled again, unless something ends the wait before.
         *
         * @return present if it is {@link State#WAITING}
         */
        Optional<Instant> nextDial();
    }

    /**
     * Where it is.
     *
     * @return the address without its secret, for logs
     */
    String address();

    /**
     * What it is doing.
     *
     * @return the status of this moment
     */
    Status status();

    /**
     * Waits for a session.
     *
     * @return completes with the session, at once if there is one, or else with the next. Fails with what stopped it, {@link ErrorKind#CLOSED} if
     *     it was closed. It has no deadline of its own: set one with {@link CompletableFuture#orTimeout}. Cancelling it cancels nothing else
     */
    CompletableFuture<Session> connected();

    /**
     * Says that now is a good time: ends a wait, and begins the row of failures anew. A dial that has gone on for a second or more is
     * given up for a new one. Does nothing while there is a session, whose heartbeat finds out by itself whether the connection is still good.
     *
     * <p>For programs that know more than the JDK tells, which has no events of the network: call it when the platform says that there is a
     * network, another network, or that the machine has woken up.
     */
    void retryNow();

    /**
     * Waits until it has stopped.
     *
     * @return completes when it was closed, and its session has ended in order; fails with what stopped it otherwise. It fails, too, if
     *     it was closed and the session could not deliver what was written before, as {@link Session#closed} does. Cancelling it cancels nothing else
     */
    CompletableFuture<Void> closed();

    /**
     * Dials no more, and ends the session as {@link Session#close} does: in order, delivering, in bounded time. Idempotent. A second call waits
     * for the first. From a thread that this would wait for it returns at once and goes on. {@link Sync#close} does the same. Never throws.
     */
    @Override
    void close();
}
