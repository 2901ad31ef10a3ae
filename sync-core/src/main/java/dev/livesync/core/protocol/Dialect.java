package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.CarBytes;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.message.ClockDigest;
import dev.livesync.core.message.TextMessage;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * In which way a session says what it has to say, and what it makes of what it hears. One for each session; whatever depends on
 * who is at the other end is decided here, and the rest of the protocol does not ask.
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
     * How large what may become on its way out.
     *
     * @return the same each time
     */
    MessageSizes sizes();

    // ---- receiving

    /**
     * What a channel message is.
     *
     * @param message as it came
     * @return its kind
     */
    Message.Kind kind(Message message);

    /**
     * Whether a control message means anything.
     *
     * @param control other than a diff or an ok
     * @return false to pass over it
     */
    boolean hears(TextMessage control);

    /**
     * The peer's diff came.
     *
     * @param diff what the peer has
     */
    void stated(TextMessage.Diff diff);

    /** The peer said ok. */
    void ok();

    /**
     * A CAR came, and is about to wait for its commit.
     *
     * @param car whole
     */
    void received(ReceivedCar car);

    /**
     * The events of a CAR in causal order.
     *
     * @param events in the order in which the peer sent them
     * @return parents first
     */
    List<Event> parentsFirst(List<Event> events);

    /**
     * Whether with this CAR the peer has said all that it has to say to our diff.
     *
     * @param car whole
     * @return true if no ok need follow
     */
    boolean endsAnswer(ReceivedCar car);

    // ---- sending

    /**
     * The CIDs that our diff names.
     *
     * @param snapshot what is here
     * @param named the heads that the diff names
     * @param known what the peer has; null as long as its diff has not come
     * @param last whether there is no more waiting for the peer's diff
     * @return the names; null to wait for the peer's diff
     */
    @Nullable
    DiffNames names(Snapshot snapshot, List<Cid> named, @Nullable CidSet known, boolean last);

    /**
     * What stands for the heads that our diff does not name.
     *
     * @param heads all of them
     * @param named those that the diff names
     * @return null if it names all, or if the peer could not read it
     */
    @Nullable
    ClockDigest digest(List<Cid> heads, List<Cid> named);

    /** Our diff was sent. */
    void asked();

    /**
     * Whether the replica gets a chance to merge its heads before anything is answered.
     *
     * @param heads reads them
     * @return true to wait for a commit
     */
    boolean mergesFirst(Supplier<List<Cid>> heads);

    /**
     * Whether our answer waits for the peer's.
     *
     * @param diff what the peer has
     * @return true to wait
     */
    boolean isTheirsFirst(TextMessage.Diff diff);

    /**
     * The answer to the peer's diff.
     *
     * @param snapshot what is here; closed with the answer
     * @param diff what the peer has
     * @return an answer that has said nothing yet
     */
    DiffAnswer answer(Snapshot snapshot, TextMessage.Diff diff);

    /**
     * Everything since a clock that the peer is known to have or to be getting, once more.
     *
     * @param snapshot what is here; closed with the answer
     * @param frontier the clock
     * @return an answer that has said nothing yet
     */
    DiffAnswer answerSince(Snapshot snapshot, List<Cid> frontier);

    /**
     * A page of changes as messages.
     *
     * @param snapshot has them; closed with the page
     * @param changes from the replica's feed, but for those that came from the peer
     * @param skip events that the peer sent itself
     * @return a page that has given nothing yet
     */
    FeedPage page(Snapshot snapshot, List<Change> changes, Predicate<Cid> skip);

    /**
     * Whether {@link #first} or {@link #heal} may have something to say though nobody has written anything.
     *
     * @return false if neither ever has
     */
    boolean speaksByItself();

    /**
     * What has to be said before anything else.
     *
     * @return null if there is nothing
     */
    @Nullable
    CarBytes first();

    /**
     * What has to be said when everything else was.
     *
     * @return null if there is nothing
     */
    @Nullable
    CarBytes heal();

    /**
     * Where a CAR takes the peer's clock, as far as others know of it.
     *
     * @param car that was sent
     * @return its tips
     */
    List<Event> tips(CarBytes car);

    /**
     * A CAR was sent.
     *
     * @param car whole
     */
    void sent(CarBytes car);

    // ---- time

    /** The replica has, or may have, changed. */
    void changed();

    /** The call that is under way is almost over: sets the clock for what may be missing of what the peer has. */
    void look();

    /** The call that is under way is over: sets the clock for what may have to be said without being asked. */
    void watch();

    /**
     * A deadline of the dialect's has passed.
     *
     * @param what which of them
     */
    void passed(Deadlines.What what);

    // ---- parting

    /** What is here now is the last that is delivered. */
    void parting();

    /**
     * What the peer would understand of the last that we have to say.
     *
     * @param word a goodbye or a failure; null for nothing
     * @return null for nothing
     */
    @Nullable
    Message lastWord(@Nullable Message word);

    /**
     * What it means that the peer has closed the channel without a goodbye.
     *
     * @param failure what it means where goodbyes are said
     * @return null if it is a regular end
     */
    @Nullable
    SyncException withoutGoodbye(SyncException failure);

    /**
     * Whether both have said what is said before they part.
     *
     * @param byeSent whether we have said goodbye
     * @param peerLeaves whether the peer has
     * @return true to end
     */
    boolean hasParted(boolean byeSent, boolean peerLeaves);

    /**
     * What the peer did not do, if not everything could be delivered.
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
