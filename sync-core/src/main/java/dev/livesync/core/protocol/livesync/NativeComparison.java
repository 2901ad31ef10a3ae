package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.BinaryEncoding;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.protocol.AnswerStart;
import dev.livesync.core.protocol.Comparison;
import dev.livesync.core.protocol.DialectHost;
import dev.livesync.core.protocol.DiffAnswer;
import dev.livesync.core.reconcile.PeerHas;
import dev.livesync.core.reconcile.ReconcileLimits;
import dev.livesync.core.reconcile.Reconciliation;
import dev.livesync.core.reconcile.Reconciliations;
import dev.livesync.core.reconcile.StatedClock;
import dev.livesync.core.reconcile.TableMemory;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The reconciliations of one session, one at a time: each has a snapshot, from which the answer is made, too. They are numbered, so that what
 * was said in one that was given up is not taken for the next one's.
 */
final class NativeComparison implements Comparison {
    /** How often the initiator begins anew at most. */
    private static final int MOST = 8;

    /** Makes the sections of what a peer lacks. */
    @FunctionalInterface
    interface Lacking {
        Sections of(Snapshot snapshot, List<Cid> frontier, Predicate<Cid> has);
    }

    /** A reconciliation, and who still needs its snapshot. */
    private static final class Use {
        final Reconciliation reconciliation;
        final ClaimedMemory tables;
        boolean talks = true;
        boolean closed;
        /** Until the answer is complete, or where none is made. */
        boolean answers;

        Use(Reconciliation reconciliation, ClaimedMemory tables, boolean answers) {
            this.reconciliation = reconciliation;
            this.tables = tables;
            this.answers = answers;
        }

        void closeIfUnused() {
            if (!talks && !answers && !closed) {
                closed = true;
                tables.release();
                reconciliation.close();
            }
        }
    }

    private final DialectHost session;
    private final boolean peerReads;
    private final PeerMemory memory;
    private final Consumer<List<Cid>> shared;
    private final Lacking lacking;
    private final boolean begins;

    private @Nullable Use current;
    /** The one that the last answer was made from. */
    private @Nullable Use answering;

    private byte @Nullable [] prepared;
    private boolean due;
    private boolean waits;
    private boolean stated;
    private boolean told;
    private boolean asked;
    private boolean peerLeft;

    /** How many have begun: the number of the current one. */
    private int number;

    /** How many of these were attempts. */
    private int attempts;

    /** How often this end has begun anew, or wanted that. */
    private int again;

    /** Whether {@link #shared} was told; packs may have passed since. */
    private boolean sharedHeads;

    /**
     * Creates the conversation of a session; nothing is said yet.
     *
     * @param shared told once, with the heads that both ends have stated, before any pack passes
     * @param lacking makes the answer
     */
    NativeComparison(DialectHost session, Consumer<List<Cid>> shared, Lacking lacking) {
        this.session = session;
        this.shared = shared;
        this.lacking = lacking;
        peerReads = session.config().rights().canRead();
        memory = new PeerMemory(
                session.replica(),
                session.config().peerInstance(),
                session.config().peerName());
        begins = !session.config().listensFirst();
        sharedHeads = session.config().common().isPresent();
    }

    // ---- what we say

    @Override
    public void begin() {
        due = true;
    }

    @Override
    public @Nullable OutgoingMessage statement() {
        if (!due) {
            return null;
        }
        if (current == null && begins) {
            begin(this::initiator);
        }
        OutgoingMessage first = current == null ? null : poll(current);
        waits = first == null;
        if (first != null && current != null) {
            due = false;
            stated = true;
            session.statesClock(current.reconciliation.snapshot().heads(), true);
        }
        return first;
    }

    private Reconciliation initiator(Snapshot snapshot, TableMemory tables) {
        byte[] salt = session.config().sharedSalt();
        List<Cid> remembered = number == 0 && peerReads ? memory.recall(snapshot) : List.of();
        if (!remembered.isEmpty()) {
            return Reconciliations.initiator(snapshot, salt, remembered, ReconcileLimits.DEFAULT, tables);
        }
        int attempt = Math.min(attempts++, Reconciliations.ATTEMPTS - 1);
        return Reconciliations.initiator(snapshot, salt, attempt, ReconcileLimits.DEFAULT, tables);
    }

    private void begin(BiFunction<Snapshot, TableMemory, Reconciliation> maker) {
        Snapshot snapshot = session.replica().snapshot();
        ClaimedMemory tables = new ClaimedMemory(session);
        try {
            Snapshot shown = peerReads ? snapshot : new WithheldSnapshot(snapshot);
            current = new Use(maker.apply(shown, tables), tables, peerReads);
            number++;
        } catch (RuntimeException | Error e) {
            snapshot.close();
            throw e;
        }
    }

    @Override
    public void stated() {}

    @Override
    public @Nullable OutgoingMessage next() {
        return current == null || !stated ? null : poll(current);
    }

    @Override
    public boolean isDue() {
        return due;
    }

    @Override
    public boolean hasNext() {
        return due || goesOn();
    }

    private boolean goesOn() {
        return current != null && stated && prepare(current);
    }

    private @Nullable OutgoingMessage poll(Use use) {
        if (!prepare(use)) {
            return null;
        }
        byte[] message = Objects.requireNonNull(prepared);
        prepared = null;
        return BinaryEncoding.reconciliation(number, message);
    }

    private boolean prepare(Use use) {
        if (prepared == null && use.talks) {
            prepared = use.reconciliation.poll();
            if (prepared == null && use.reconciliation.isDone() && told) {
                use.talks = false;
                use.closeIfUnused();
            }
        }
        return prepared != null;
    }

    @Override
    public boolean waitsForTheirs() {
        return waits;
    }

    /** The responder has nothing to say before the initiator, however long it takes. */
    @Override
    public void waitNoLonger() {}

    // ---- what the peer says

    @Override
    public WireMessage.@Nullable Diff received(WireMessage.Reconcile message) {
        if (message.number() < number) {
            return null; // it was given up
        }
        OptionalInt attempt = Reconciliations.attempt(message.bytes());
        if (message.number() != (attempt.isPresent() ? number + 1 : number) || number == 0 && attempt.isEmpty()) {
            throw new SyncException(
                    ErrorKind.MALFORMED,
                    (attempt.isPresent() ? "an opening" : "a message") + " of reconciliation " + message.number()
                            + ", where " + number + " have begun");
        }
        if (attempt.isPresent()) {
            respond(attempt.getAsInt());
        }
        Use use = current;
        if (use == null || !use.talks) {
            return null; // it was given up
        }
        use.reconciliation.received(message.bytes());
        StatedClock clock = use.reconciliation.peerClock();
        if (use.reconciliation.isMisremembered()) {
            if (clock != null) {
                shareHeads(use, clock); // the other end has done so already, and either may have more heads next time
            }
            forget();
            due = true;
            return null;
        }
        if (told || clock == null) {
            return null;
        }
        told = true;
        shareHeads(use, clock);
        return new WireMessage.Diff(
                clock.heads(), clock.digest(), new CidSet(session.config().salt()));
    }

    private void respond(int attempt) {
        if (begins) {
            throw new SyncException(ErrorKind.MALFORMED, "the responder began a reconciliation");
        }
        if (number == 2 + MOST) {
            throw new SyncException(ErrorKind.LIMIT_EXCEEDED, "a reconciliation more than " + number + " in a session");
        }
        forget();
        begin((snapshot, tables) -> Reconciliations.responder(
                snapshot, session.config().sharedSalt(), attempt, ReconcileLimits.DEFAULT, tables));
    }

    /** Initiator's heads first, as at the other end. */
    private void shareHeads(Use use, StatedClock theirs) {
        if (!sharedHeads) {
            sharedHeads = true;
            List<Cid> all = use.reconciliation.snapshot().heads();
            List<Cid> ours = all.subList(0, Math.min(StatedClock.MOST_HEADS, all.size()));
            shared.accept(begins ? ours : theirs.heads());
            shared.accept(begins ? theirs.heads() : ours);
        }
    }

    /** The responder states what it has whenever it is asked. */
    @Override
    public void asked(WireMessage.Diff diff) {
        asked = true;
        due |= !begins;
    }

    @Override
    public void peerLeaves() {
        due = false;
        peerLeft = true;
    }

    // ---- our answer

    @Override
    public boolean isAsked() {
        return asked;
    }

    @Override
    public boolean isAnswerable() {
        return asked && (!peerReads || isKnown());
    }

    private boolean isKnown() {
        return current != null && (current.reconciliation.peerHas() != null || peerLeft && told);
    }

    @Override
    public boolean waitsForPeer() {
        return asked && !isAnswerable() && !due && !goesOn();
    }

    @Override
    public AnswerStart answer() {
        Use use = Objects.requireNonNull(current);
        Snapshot snapshot = use.reconciliation.snapshot();
        PeerHas known = use.reconciliation.peerHas();
        PeerHas peer =
                known != null ? known : atLeast(snapshot, Objects.requireNonNull(use.reconciliation.peerClock()));
        Sections sections = lacking.of(snapshot, peer.frontier(), peer.has());
        DiffAnswer answer = new SectionAnswer(sections, BinaryEncoding.INSTANCE.ok(), count(snapshot, peer), () -> {
            use.answers = false;
            use.closeIfUnused();
        });
        AnswerStart start = AnswerStart.counted(answer, snapshot);
        answering = use; // from here on the answer closes it
        return start;
    }

    @Override
    public void answered() {
        asked = false;
    }

    /** What a peer surely has that says no more. */
    private static PeerHas atLeast(Snapshot snapshot, StatedClock clock) {
        return new PeerHas(
                clock.heads().stream().filter(head -> snapshot.isComplete(head)).toList(), cid -> false);
    }

    private static long count(Snapshot snapshot, PeerHas peer) {
        if (peer.frontier().isEmpty()) {
            return snapshot.summary().events();
        }
        long count = 0;
        for (Iterator<Cid> events = snapshot.eventsSince(peer.frontier()); events.hasNext(); ) {
            count += peer.has().test(events.next()) ? 0 : 1;
        }
        return count;
    }

    @Override
    public void held(List<Cid> clock) {
        memory.remember(clock);
    }

    // ---- once more

    @Override
    public boolean begins() {
        return begins;
    }

    @Override
    public boolean again() {
        if (again == MOST) {
            return false;
        }
        again++;
        due = true;
        forget();
        return true;
    }

    @Override
    public boolean mends() {
        return true;
    }

    @Override
    public void wanted() {
        boolean isBeingTold = due || stated && !told;
        if (begins && !isBeingTold) {
            again();
        }
    }

    private void forget() {
        Use last = current;
        current = null;
        prepared = null;
        stated = false;
        told = false;
        if (last != null) {
            last.talks = false;
            last.answers &= last == answering;
            last.closeIfUnused();
        }
    }

    @Override
    public void close() {
        asked = false;
        forget();
    }
}
