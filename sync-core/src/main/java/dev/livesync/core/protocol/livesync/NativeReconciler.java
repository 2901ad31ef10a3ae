package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.BinaryEncoding;
import dev.livesync.core.message.BinaryType;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.message.WholeMessage;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.protocol.DialectHost;
import dev.livesync.core.protocol.DiffAnswer;
import dev.livesync.core.protocol.Reconciler;
import dev.livesync.core.reconcile.PeerHas;
import dev.livesync.core.reconcile.ReconcileLimits;
import dev.livesync.core.reconcile.Reconciliation;
import dev.livesync.core.reconcile.Reconciliations;
import dev.livesync.core.reconcile.StatedClock;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The reconciliations of one session, one at a time: each has a snapshot, from which the answer is made, too. */
final class NativeReconciler implements Reconciler {
    /** How often one end begins anew, or has it begun. */
    private static final int MOST = 8;

    /** Makes the sections of what a peer lacks. */
    @FunctionalInterface
    interface Lacking {
        Sections of(Snapshot snapshot, List<Cid> frontier, Predicate<Cid> has);
    }

    /** A reconciliation, and who still needs its snapshot. */
    private static final class Use {
        final Reconciliation reconciliation;
        boolean talks = true;
        boolean closed;
        /** Until the answer is complete, or where none is made. */
        boolean answers;

        Use(Reconciliation reconciliation, boolean answers) {
            this.reconciliation = reconciliation;
            this.answers = answers;
        }

        void closeIfUnused() {
            if (!talks && !answers && !closed) {
                closed = true;
                reconciliation.close();
            }
        }
    }

    private final DialectHost session;
    private final Consumer<List<Cid>> shared;
    private final Lacking lacking;
    private final boolean begins;

    private @Nullable Use current;
    /** The one that the last answer was made from. */
    private @Nullable Use answering;

    private byte @Nullable [] prepared;
    private boolean stated;
    private boolean told;
    private boolean peerLeft;
    private int attempts;

    /** Whether {@link #shared} was told; packs may have passed since. */
    private boolean sharedHeads;

    /**
     * Creates the conversation of a session; nothing is said yet.
     *
     * @param shared told once, with the heads that both ends have stated, before any pack passes
     * @param lacking makes the answer
     */
    NativeReconciler(DialectHost session, Consumer<List<Cid>> shared, Lacking lacking) {
        this.session = session;
        this.shared = shared;
        this.lacking = lacking;
        begins = !session.config().listensFirst();
        sharedHeads = session.config().common().isPresent();
    }

    @Override
    public boolean begins() {
        return begins;
    }

    @Override
    public @Nullable OutgoingMessage statement() {
        if (current == null) {
            if (!begins) {
                return null;
            }
            int attempt = Math.min(attempts, Reconciliations.ATTEMPTS - 1);
            current = begin(snapshot -> Reconciliations.initiator(
                    snapshot, session.config().sharedSalt(), attempt, ReconcileLimits.DEFAULT));
        }
        OutgoingMessage first = poll(current);
        stated = first != null;
        return first;
    }

    private Use begin(Function<Snapshot, Reconciliation> maker) {
        Snapshot snapshot = session.replica().snapshot();
        boolean reads = session.config().rights().canRead();
        try {
            return new Use(maker.apply(reads ? snapshot : new WithheldSnapshot(snapshot)), reads);
        } catch (RuntimeException | Error e) {
            snapshot.close();
            throw e;
        }
    }

    @Override
    public @Nullable OutgoingMessage next() {
        return current == null || !stated ? null : poll(current);
    }

    @Override
    public boolean hasNext() {
        return current != null && stated && prepare(current);
    }

    private @Nullable OutgoingMessage poll(Use use) {
        if (!prepare(use)) {
            return null;
        }
        byte[] message = Objects.requireNonNull(prepared);
        prepared = null;
        byte[] typed = new byte[message.length + 1];
        typed[0] = BinaryType.RECONCILE;
        System.arraycopy(message, 0, typed, 1, message.length);
        return new WholeMessage(Message.Kind.BINARY, typed);
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
    public WireMessage.@Nullable Diff received(byte[] message) {
        OptionalInt attempt = Reconciliations.attempt(message);
        if (attempt.isPresent()) {
            beginResponding(attempt.getAsInt());
        }
        Use use = current;
        if (use == null && attempts == 0) {
            throw new SyncException(ErrorKind.MALFORMED, "a reconciliation goes on that nobody has begun");
        }
        if (use == null || !use.talks) {
            return null; // an answer to what was given up
        }
        use.reconciliation.received(message);
        StatedClock clock = use.reconciliation.peerClock();
        if (told || clock == null) {
            return null;
        }
        told = true;
        shareHeads(use, clock);
        return new WireMessage.Diff(
                clock.heads(), clock.digest(), new CidSet(session.config().salt()));
    }

    private void beginResponding(int attempt) {
        if (begins) {
            throw new SyncException(ErrorKind.MALFORMED, "the responder began a reconciliation");
        }
        forget();
        current = begin(snapshot ->
                Reconciliations.responder(snapshot, session.config().sharedSalt(), attempt, ReconcileLimits.DEFAULT));
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

    @Override
    public void peerLeaves() {
        peerLeft = true;
    }

    @Override
    public boolean isKnown() {
        return current != null && (current.reconciliation.peerHas() != null || peerLeft && told);
    }

    @Override
    public Snapshot snapshot() {
        return Objects.requireNonNull(current).reconciliation.snapshot();
    }

    @Override
    public DiffAnswer answer() {
        Use use = Objects.requireNonNull(current);
        Snapshot snapshot = use.reconciliation.snapshot();
        PeerHas peer = use.reconciliation.peerHas();
        if (peer == null) {
            peer = atLeast(snapshot, Objects.requireNonNull(use.reconciliation.peerClock()));
        }
        Sections sections = lacking.of(snapshot, peer.frontier(), peer.has());
        long count = count(snapshot, peer);
        answering = use;
        return new SectionAnswer(sections, BinaryEncoding.INSTANCE.ok(), count, () -> {
            use.answers = false;
            use.closeIfUnused();
        });
    }

    /** What a peer surely has that says no more. */
    private static PeerHas atLeast(Snapshot snapshot, StatedClock clock) {
        return new PeerHas(
                clock.heads().stream()
                        .filter(head -> snapshot.event(head) != null)
                        .toList(),
                cid -> false);
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
    public boolean awaitsReply() {
        return stated && !told;
    }

    @Override
    public boolean restart() {
        if (attempts == MOST) {
            return false;
        }
        attempts++;
        forget();
        return true;
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
        forget();
    }
}
