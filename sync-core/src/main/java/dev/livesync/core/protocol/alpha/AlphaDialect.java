package dev.livesync.core.protocol.alpha;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.CarBytes;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.message.ClockDigest;
import dev.livesync.core.message.DiffText;
import dev.livesync.core.message.Feature;
import dev.livesync.core.message.Section;
import dev.livesync.core.message.TextEncoding;
import dev.livesync.core.message.WireEncoding;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.protocol.Comparison;
import dev.livesync.core.protocol.Deadlines;
import dev.livesync.core.protocol.Deadlines.What;
import dev.livesync.core.protocol.Dialect;
import dev.livesync.core.protocol.DialectHost;
import dev.livesync.core.protocol.DiffAnswer;
import dev.livesync.core.protocol.DiffComparison;
import dev.livesync.core.protocol.DiffNames;
import dev.livesync.core.protocol.DiffRules;
import dev.livesync.core.protocol.FeedPage;
import dev.livesync.core.protocol.MessageSizes;
import dev.livesync.core.protocol.ReceivedCar;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The dialect for alphas and for peers that may be one: no control messages, trees in every CAR, messages that fit an alpha's data channel
 * or go in pieces, and healing.
 */
public final class AlphaDialect implements Dialect, DiffRules {
    /** The largest message of an alpha's data channel, in bytes; one byte more closes it silently. */
    public static final int MESSAGE_BYTES = 262_144;

    /** If an alpha lacks more events than this, we wait for its answer before we send ours. */
    private static final int MANY_EVENTS = 16;

    /**
     * An alpha is healed when it has been quiet for so long, so that several hubs see the same and make the same; or, if it never
     * is quiet, after so much longer.
     */
    private static final long HEAL_QUIET_NANOS = 50_000_000L;

    private static final long HEAL_LATEST_NANOS = 1_000_000_000L;

    private final DialectHost session;
    private final Deadlines deadlines;
    private final long phase;
    private final boolean inPieces;
    private final MessageSizes sizes;
    private final DiffComparison comparison;
    private final AlphaPeer peer;
    private final TreeExchange trees;
    private final MissingAncestors missing = new MissingAncestors();
    private boolean moved;
    private int moves;
    private long healBefore;
    private boolean healDue;
    private boolean theirsLate;

    /**
     * Makes the dialect of one session.
     *
     * @param session that speaks it
     */
    public AlphaDialect(DialectHost session) {
        this.session = session;
        deadlines = session.deadlines();
        comparison = new DiffComparison(session, this);
        phase = session.config().times().phase().toNanos();
        int whole = Math.min(session.config().maxMessageBytes(), MESSAGE_BYTES);
        inPieces = session.config().features().contains(Feature.FRAGMENTS);
        long carMax = inPieces ? session.config().limits().messageBytes() : whole;
        sizes = new MessageSizes(whole, whole, inPieces, whole, carMax);
        peer = new AlphaPeer(sizes, session.config().salt(), session::keep, session::mismatch);
        trees = new TreeExchange(sizes, session.config().salt(), peer);
    }

    @Override
    public MessageSizes sizes() {
        return sizes;
    }

    @Override
    public WireEncoding encoding() {
        return TextEncoding.INSTANCE;
    }

    @Override
    public Comparison comparison() {
        return comparison;
    }

    /**
     * An alpha's peers deliver texts as binary too, and it tries everything as a CAR first. A CAR starts with the length of its
     * header and the head of a map, 0xa2: no JSON has such a byte among its first two. A piece may, and who speaks of pieces tells texts.
     */
    @Override
    public Message.Kind kind(Message message) {
        if (inPieces) {
            return message.kind();
        }
        byte[] payload = message.payload();
        boolean ascii = payload.length < 2 || payload[0] >= 0 && payload[1] >= 0;
        return ascii ? Message.Kind.TEXT : Message.Kind.BINARY;
    }

    @Override
    public boolean hears(WireMessage control) {
        return false;
    }

    @Override
    public boolean interruptsPieces() {
        return false;
    }

    @Override
    public void stated(WireMessage.Diff diff) {
        peer.stated(diff.clock(), diff.cids());
        moved = true;
    }

    @Override
    public void ok() {
        missing.ok();
        moved = true;
    }

    @Override
    public void received(ReceivedCar car) {
        peer.adopted(car).forEach(session::keep);
        peer.received(car);
        missing.received(car);
        moved = true;
    }

    @Override
    public List<Event> parentsFirst(List<Event> events) {
        return TreeExchange.parentsFirst(events);
    }

    @Override
    public boolean endsAnswer(ReceivedCar car) {
        return car.rooted();
    }

    @Override
    public @Nullable DiffNames names(Snapshot snapshot, List<Cid> named, @Nullable CidSet known, boolean last) {
        long count = Math.min(DiffNames.count(snapshot.storedCids()), DiffText.MOST_CIDS);
        if (DiffText.size(named.size(), count) <= sizes.whole()) {
            return new DiffNames(count, snapshot.storedCids());
        }
        if (known != null) {
            // The peer answers with what it has and our diff does not name, so only what both have needs naming; an
            // alpha's diff came in one message, so the part of it that we have fits into one.
            return known.size() == 0
                    ? new DiffNames(0, Collections.emptyIterator())
                    : DiffNames.common(snapshot::storedCids, known, DiffText.MOST_CIDS);
        }
        if (last) {
            long room = Math.max(0, sizes.whole() - DiffText.size(named.size(), 1));
            return new DiffNames(room / (Cid.CHARS + 3), snapshot.storedCids());
        }
        return null;
    }

    @Override
    public @Nullable ClockDigest digest(List<Cid> heads, List<Cid> named) {
        return null;
    }

    @Override
    public void asked() {
        missing.asked();
    }

    /** More heads than an alpha can be answered with: a commit, be it of nothing, gives the replica the chance to merge them. */
    @Override
    public boolean mergesFirst(Supplier<List<Cid>> heads) {
        return heads.get().size() > DiffText.MOST_HEADS;
    }

    /**
     * Whether an alpha that lacks much and has something that is not here gets our answer only when we have its: with both, our heads
     * and its go as one. It would search long for the common ancestor of two.
     */
    @Override
    public boolean isTheirsFirst(WireMessage.Diff diff) {
        boolean first = false;
        if (!theirsLate && (missing.isAwaiting() || session.isStoring())) {
            try (Snapshot snapshot = session.replica().snapshot()) {
                first = peer.isAhead(snapshot) && lacksMany(snapshot, diff.cids());
            }
        }
        if (first) {
            deadlines.start(What.THEIRS_FIRST, session.now() + phase / 4);
        } else {
            deadlines.clear(What.THEIRS_FIRST);
        }
        return first;
    }

    private static boolean lacksMany(Snapshot snapshot, CidSet peerHas) {
        int lacking = 0;
        for (Iterator<Cid> cids = snapshot.eventsSince(List.of()); cids.hasNext() && lacking <= MANY_EVENTS; ) {
            lacking += peerHas.contains(cids.next()) ? 0 : 1;
        }
        return lacking > MANY_EVENTS;
    }

    @Override
    public DiffAnswer answer(Snapshot snapshot, WireMessage.Diff diff) {
        // While its answer was awaited an alpha may have sent more.
        return trees.answer(snapshot, peer::has);
    }

    @Override
    public DiffAnswer answerSince(Snapshot snapshot, List<Cid> frontier) {
        return trees.answerSince(snapshot, frontier);
    }

    @Override
    public boolean keepsToRoom() {
        return false;
    }

    @Override
    public FeedPage page(Snapshot snapshot, List<Change> changes, Predicate<Cid> skip) {
        return trees.page(snapshot, changes, skip);
    }

    @Override
    public boolean speaksByItself() {
        return true;
    }

    @Override
    public @Nullable Section first() {
        return peer.first();
    }

    @Override
    public @Nullable Section heal() {
        if (!healDue) {
            return null;
        }
        healDue = false;
        return peer.heal(session.replica()::snapshot);
    }

    @Override
    public List<Event> tips(Section section) {
        return section.tips().stream().filter(e -> !peer.isMade(e)).toList();
    }

    @Override
    public void sent(Section section) {
        peer.sent((CarBytes) section);
    }

    @Override
    public void changed() {
        moved = true;
        peer.changed();
    }

    /** An alpha may have left out ancestors of its heads. */
    @Override
    public void look() {
        if (!moved) {
            return;
        }
        moved = false;
        boolean lacks = false;
        if (!missing.isAwaiting() && session.hasTheirDiff() && !session.isStoring()) {
            try (Snapshot snapshot = session.replica().snapshot()) {
                lacks = peer.isAhead(snapshot);
            }
        }
        if (lacks) {
            deadlines.start(What.AGAIN, session.now() + missing.pause());
        } else {
            deadlines.clear(What.AGAIN);
        }
    }

    /** Sets the clock for healing anew whenever something moves. */
    @Override
    public void watch() {
        if (!peer.isDirty()) {
            deadlines.clear(What.HEAL);
            healBefore = 0;
        } else if (moves != peer.moves() || healBefore == 0) {
            moves = peer.moves();
            if (healBefore == 0) {
                healBefore = session.now() + HEAL_LATEST_NANOS;
            }
            deadlines.set(What.HEAL, Math.min(session.now() + HEAL_QUIET_NANOS, healBefore));
        }
    }

    @Override
    public void passed(What what) {
        switch (what) {
            case HEAL -> healDue = true;
            case THEIRS_FIRST -> theirsLate = true;
            case AGAIN -> {
                Event merge = missing.again(peer.clock());
                if (merge != null) {
                    peer.say(merge);
                }
            }
            default -> throw new IllegalArgumentException("not the dialect's: " + what);
        }
    }

    @Override
    public void parting() {
        theirsLate = true;
    }

    @Override
    public @Nullable Message lastWord(@Nullable WireMessage word) {
        return null;
    }

    @Override
    public @Nullable SyncException withoutGoodbye(SyncException failure) {
        return null;
    }

    @Override
    public boolean hasParted(boolean byeSent, boolean peerLeaves) {
        return true;
    }

    @Override
    public String undelivered() {
        return "was not sent";
    }

    /** Always regular: an alpha's application can't tell the two apart either. */
    @Override
    public String likelyCause(boolean owes) {
        return owes && !inPieces
                ? "; an alpha whose list of blocks, or whose answer, is longer than " + MESSAGE_BYTES
                        + " bytes breaks its own channel without a word"
                : "";
    }
}
