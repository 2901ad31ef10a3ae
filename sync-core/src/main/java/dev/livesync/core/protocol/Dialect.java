package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.Message;
import dev.livesync.car.pack.PackReader;
import dev.livesync.core.message.Section;
import dev.livesync.core.message.WireEncoding;
import dev.livesync.core.message.WireMessage;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a session sends and how it reads what it receives. One for each session. Whatever depends on the kind of peer is decided here; the
 * rest of the protocol doesn't ask.
 *
 * <p>Called from within {@link SessionProtocol}'s methods, on its caller's thread. Reads the replica; never blocks otherwise.
 * Throws {@link SyncException} for what the replica or a limit refuses, which ends the session.
 */
public interface Dialect {
    /** Makes the dialect of one session. */
    @FunctionalInterface
    interface Factory {
        /**
         * Makes a dialect.
         *
         * @param session that speaks it
         * @return the dialect, which has heard nothing yet
         */
        Dialect of(DialectHost session);
    }

    /**
     * The sizes of outgoing messages.
     *
     * @return the same each time
     */
    MessageSizes sizes();

    /**
     * How messages are written.
     *
     * @return the same each time
     */
    WireEncoding encoding();

    /**
     * How both ends find out what the other lacks.
     *
     * @return the same each time
     */
    Comparison comparison();

    /**
     * Reads the peer's packs.
     *
     * @return the same each time; null where events come as CARs
     */
    default @Nullable PackReader packs() {
        return null;
    }

    // ---- receiving

    /**
     * Tells text from binary.
     *
     * @param message as it came
     * @return its kind
     */
    Message.Kind kind(Message message);

    /**
     * Whether a control message is part of this dialect.
     *
     * @param control other than a diff or an ok
     * @return false to ignore it
     */
    boolean hears(WireMessage control);

    /**
     * Whether something else may stand between the pieces of a message.
     *
     * @return the same each time
     */
    boolean interruptsPieces();

    /**
     * Called when the peer's diff has come.
     *
     * @param diff what the peer has
     */
    void stated(WireMessage.Diff diff);

    /** Called when the peer has sent an ok. */
    void ok();

    /**
     * Called when a CAR has come, before it waits for its commit.
     *
     * @param car whole
     */
    void received(ReceivedCar car);

    /**
     * Sorts the events of a CAR in causal order.
     *
     * @param events in the order in which the peer sent them
     * @return parents first
     */
    List<Event> parentsFirst(List<Event> events);

    /**
     * Whether this CAR completes the peer's answer to our diff.
     *
     * @param car whole
     * @return true if no ok need follow
     */
    boolean endsAnswer(ReceivedCar car);

    // ---- sending

    /**
     * Whether the replica should merge its heads before anything is answered.
     *
     * @param heads reads them
     * @return true to wait for a commit
     */
    boolean mergesFirst(Supplier<List<Cid>> heads);

    /**
     * Creates an answer with everything since a clock that the peer has or is being sent.
     *
     * @param snapshot what is here; closed with the answer
     * @param frontier the clock
     * @return an answer that has said nothing yet
     */
    DiffAnswer answerSince(Snapshot snapshot, List<Cid> frontier);

    /**
     * Creates the messages for a page of changes.
     *
     * @param snapshot has them; closed with the page
     * @param changes from the replica's feed, but for those that came from the peer
     * @param skip events that the peer sent itself
     * @return the messages, at the first
     */
    FeedPage page(Snapshot snapshot, List<Change> changes, Predicate<Cid> skip);

    /**
     * Whether pages and answers keep to the room that they are given. Those of others are asked only where there is room for the largest
     * message.
     *
     * @return the same each time
     */
    boolean keepsToRoom();

    /**
     * Whether {@link #first} or {@link #heal} may return something though nobody has written anything.
     *
     * @return false if neither ever has
     */
    boolean speaksByItself();

    /**
     * The section that has to be sent before anything else.
     *
     * @return null if there is nothing
     */
    @Nullable
    Section first();

    /**
     * The section that has to be sent after everything else.
     *
     * @return null if there is nothing
     */
    @Nullable
    Section heal();

    /**
     * The events that the peer's clock consists of after a section, as far as others know of them.
     *
     * @param section that was sent
     * @return its tips
     */
    List<Event> tips(Section section);

    /**
     * Called when a section was sent.
     *
     * @param section whole
     */
    void sent(Section section);

    // ---- time

    /** Called when the replica may have changed. */
    void changed();

    /** Called towards the end of each call of the protocol: sets the deadline for events of the peer's that may be missing. */
    void look();

    /** Called at the end of each call of the protocol: sets the deadline for what may have to be sent unasked. */
    void watch();

    /**
     * Called when a deadline of the dialect's has passed.
     *
     * @param what which of them
     */
    void passed(Deadlines.What what);

    // ---- parting

    /** Called when one side has closed: only what is here now is still delivered. */
    void parting();

    /**
     * Translates our last message for the peer.
     *
     * @param word a goodbye or a failure; null for nothing
     * @return null for nothing
     */
    @Nullable
    Message lastWord(@Nullable WireMessage word);

    /**
     * The outcome when the peer has closed the channel without a goodbye.
     *
     * @param failure what it means where goodbyes are said
     * @return null if it is a regular end
     */
    @Nullable
    SyncException withoutGoodbye(SyncException failure);

    /**
     * Whether both sides have said goodbye, as far as this dialect has one.
     *
     * @param byeSent whether we have said goodbye
     * @param peerLeaves whether the peer has
     * @return true to end
     */
    boolean hasParted(boolean byeSent, boolean peerLeaves);

    /**
     * Names what the peer did not do if not everything could be delivered.
     *
     * @return how a sentence about the peer goes on
     */
    String undelivered();

    /**
     * The likeliest reason why the peer says nothing.
     *
     * @param owes whether it owes its diff or its answer
     * @return how a sentence about its silence goes on; empty if nothing is known
     */
    String likelyCause(boolean owes);
}
