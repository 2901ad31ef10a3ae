package dev.livesync.core.message;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.transport.Message;
import dev.livesync.grant.Rights;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A message of a peer's other than its events, whatever it looks like on the wire. */
public sealed interface WireMessage {
    /**
     * Whether the message belongs to the alpha's dialect, or controls the channel. Credit counts only the former.
     *
     * @return true for {@link Diff}, {@link Ok} and {@link Reconcile}
     */
    default boolean isData() {
        return false;
    }

    /**
     * The peer's heads and the CIDs that it stores.
     *
     * @param clock its heads
     * @param whole what is known of all its heads, if {@code clock} names only some; else null
     * @param cids what it stores
     */
    record Diff(List<Cid> clock, @Nullable ClockDigest whole, CidSet cids) implements WireMessage {
        @Override
        public boolean isData() {
            return true;
        }
    }

    /** The peer has nothing (more) that we lack. */
    record Ok() implements WireMessage {
        @Override
        public boolean isData() {
            return true;
        }
    }

    /**
     * A message in pieces follows.
     *
     * @param kind of the whole
     * @param bytes of the whole
     */
    record Begin(Message.Kind kind, long bytes) implements WireMessage {}

    /**
     * How many bytes may be sent.
     *
     * @param bytes since the start
     */
    record Credit(long bytes) implements WireMessage {}

    /**
     * How many CARs are durable at the peer, or refused.
     *
     * @param cars since the start
     * @param heads the clock after them; null where the message leaves it out
     * @param whole what is known of that clock where it is left out; null if nothing
     */
    record Ack(
            long cars, @Nullable List<Cid> heads, @Nullable ClockDigest whole) implements WireMessage {
        /**
         * An acknowledgement with a clock.
         *
         * @param cars since the start
         * @param heads the clock after them, in text order
         * @param named whether they are listed; their digest goes instead otherwise
         * @return the message
         */
        public static Ack of(long cars, List<Cid> heads, boolean named) {
            return named ? new Ack(cars, heads, null) : new Ack(cars, null, ClockDigest.of(heads));
        }
    }

    /**
     * What this end may do at the peer.
     *
     * @param rights its rights
     */
    record Access(Rights rights) implements WireMessage {}

    /**
     * The peer has refused CARs: it has not stored them, and won't.
     *
     * @param car the number of the first, from 1
     * @param cars how many, since the last such message
     * @param event what was refused in the first; null for all of it
     * @param message anything
     */
    record Refused(long car, long cars, @Nullable Cid event, String message) implements WireMessage {}

    /**
     * Asks for a {@link Pong}.
     *
     * @param number to be repeated
     */
    record Ping(long number) implements WireMessage {}

    /**
     * Answers a {@link Ping}.
     *
     * @param number of the ping
     */
    record Pong(long number) implements WireMessage {}

    /**
     * The failure for which the peer ends the session.
     *
     * @param kind the name of an {@link dev.livesync.api.ErrorKind}, or anything
     * @param message anything
     */
    record Failure(String kind, String message) implements WireMessage {}

    /**
     * A message of a reconciliation.
     *
     * @param number of the reconciliation in its session, from 1 on
     * @param bytes what it says
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Reconcile(long number, byte[] bytes) implements WireMessage {
        @Override
        public boolean isData() {
            return true;
        }
    }

    /** The peer waits for an ack of what it has sent. */
    record WantAck() implements WireMessage {}

    /** The peer wants to be told again what is here. */
    record Again() implements WireMessage {}

    /**
     * What the peer and others behind it show for the moment.
     *
     * @param bytes a message of presence
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Shown(byte[] bytes) implements WireMessage {}

    /**
     * The peer wants blocks that belong to no event.
     *
     * @param cids which; immutable
     */
    record WantBlocks(List<Cid> cids) implements WireMessage {
        /** Copies the list. */
        public WantBlocks {
            cids = List.copyOf(cids);
        }
    }

    /**
     * The peer doesn't have blocks that it was asked for.
     *
     * @param cids which; immutable
     */
    record AbsentBlocks(List<Cid> cids) implements WireMessage {
        /** Copies the list. */
        public AbsentBlocks {
            cids = List.copyOf(cids);
        }
    }

    /**
     * The peer has by now what it had not.
     *
     * @param cids which; immutable
     */
    record HaveBlocks(List<Cid> cids) implements WireMessage {
        /** Copies the list. */
        public HaveBlocks {
            cids = List.copyOf(cids);
        }
    }

    /**
     * A block that was asked for.
     *
     * @param block hashed here
     */
    record OneBlock(Block block) implements WireMessage {
        @Override
        public boolean isData() {
            return true;
        }
    }

    /**
     * The peer is about to stop: this end is to end the session and dial again, at a moment of its own.
     *
     * @param millis how long the peer stays
     */
    record GoAway(long millis) implements WireMessage {}

    /** The peer ends the session in order. */
    record Bye() implements WireMessage {}

    /** A message that this build doesn't know. */
    record Unknown() implements WireMessage {}
}
