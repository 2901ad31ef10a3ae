package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.message.ClockDigest;
import dev.livesync.core.message.DiffText;
import dev.livesync.core.message.Feature;
import dev.livesync.core.message.TextEncoding;
import dev.livesync.core.message.WireEncoding;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.protocol.Comparison;
import dev.livesync.core.protocol.DialectHost;
import dev.livesync.core.protocol.DiffAnswer;
import dev.livesync.core.protocol.DiffComparison;
import dev.livesync.core.protocol.DiffNames;
import dev.livesync.core.protocol.DiffRules;
import dev.livesync.core.protocol.EventBatches;
import dev.livesync.core.protocol.FeedPage;
import dev.livesync.core.protocol.MessageSizes;
import dev.livesync.core.protocol.ProtocolConfig;
import dev.livesync.core.protocol.ProtocolLimits;
import dev.livesync.core.protocol.ReceivedCar;
import dev.livesync.core.protocol.alpha.TreeExchange;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The dialect of peers that have proved themselves in a handshake: events without trees in sections, control messages, a goodbye. */
public final class LiveSyncDialect extends ProvedDialect implements DiffRules {
    /** A diff of at most this many bytes is sent without waiting for the peer's. */
    private static final int SMALL_DIFF = 4_096;

    private final DialectHost session;
    private final ProtocolConfig config;
    private final MessageSizes sizes;
    private final DiffComparison comparison;

    /** Whether CARs carry their tips: needed if they aren't acknowledged. */
    private final boolean tips;

    /** Used with a peer that wants trees; null for one that doesn't. */
    private final @Nullable TreeExchange trees;

    /**
     * Makes the dialect of one session.
     *
     * @param session that speaks it
     */
    public LiveSyncDialect(DialectHost session) {
        this.session = session;
        config = session.config();
        comparison = new DiffComparison(session, this);
        sizes = sizes(config);
        tips = !config.features().contains(Feature.ACKS);
        trees = config.features().contains(Feature.EVENTS) ? null : new TreeExchange(sizes, config.salt());
    }

    private static MessageSizes sizes(ProtocolConfig config) {
        ProtocolLimits limits = config.limits();
        int max = config.maxMessageBytes();
        int piece = Math.min(limits.pieceBytes(), max);
        if (config.features().contains(Feature.FRAGMENTS)) {
            long target = Math.min(limits.sectionBytes(), limits.messageBytes());
            return new MessageSizes(piece, piece, true, target, limits.messageBytes());
        }
        // Half the window, because a grant may be held back until it is a quarter of it.
        int whole = config.features().contains(Feature.CREDITS)
                ? (int) Math.max(1, Math.min(max, config.peerWindow() / 2))
                : max;
        return new MessageSizes(piece, whole, false, Math.min(limits.sectionBytes(), whole), whole);
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

    @Override
    public List<Event> parentsFirst(List<Event> events) {
        return trees == null ? events : TreeExchange.parentsFirst(events);
    }

    @Override
    public boolean endsAnswer(ReceivedCar car) {
        return trees != null && car.rooted();
    }

    @Override
    public @Nullable DiffNames names(Snapshot snapshot, List<Cid> named, @Nullable CidSet known, boolean last) {
        long count = trees == null ? snapshot.summary().events() : DiffNames.count(snapshot.storedCids());
        count = Math.min(count, DiffText.MOST_CIDS);
        boolean large = config.listensFirst() && DiffText.size(named.size(), count) > SMALL_DIFF;
        if (!large || last) {
            return new DiffNames(count, stored(snapshot));
        }
        if (known == null) {
            return null;
        }
        // The peer answers with what it has and our diff does not name, so only what both have needs naming; nor does
        // what leads to a head that is named.
        List<Cid> heads = snapshot.heads();
        boolean allNamed = known.size() == 0
                || trees == null
                        && named.size() == heads.size()
                        && heads.stream().allMatch(known::contains);
        return allNamed
                ? new DiffNames(0, Collections.emptyIterator())
                : DiffNames.common(() -> stored(snapshot), known, DiffText.MOST_CIDS);
    }

    private Iterator<Cid> stored(Snapshot snapshot) {
        return trees == null ? snapshot.eventsSince(List.of()) : snapshot.storedCids();
    }

    @Override
    public @Nullable ClockDigest digest(List<Cid> heads, List<Cid> named) {
        return named.size() == heads.size() ? null : ClockDigest.of(heads);
    }

    @Override
    public void asked() {}

    @Override
    public boolean isTheirsFirst(WireMessage.Diff diff) {
        return false;
    }

    @Override
    public DiffAnswer answer(Snapshot snapshot, WireMessage.Diff diff) {
        return trees == null
                ? sections(snapshot, diff.clock(), diff.cids())
                : trees.answer(snapshot, diff.cids()::contains);
    }

    @Override
    public DiffAnswer answerSince(Snapshot snapshot, List<Cid> frontier) {
        return trees == null
                ? sections(snapshot, frontier, new CidSet(config.salt()))
                : trees.answerSince(snapshot, frontier);
    }

    /**
     * An answer to a peer.
     *
     * @param snapshot closed with the answer
     * @param clock the peer's heads; their ancestors are left out without being looked up
     * @param known what else the peer has, but for what it has sent since it said so
     */
    private DiffAnswer sections(Snapshot snapshot, List<Cid> clock, CidSet known) {
        // A clock without the events that lead to it says nothing about how many there are.
        long events = known.size() == 0 && !clock.isEmpty()
                ? -1
                : Math.max(0, snapshot.summary().events() - known.size());
        EventBatches lacking = new EventBatches(
                snapshot, snapshot.eventsSince(clock), cid -> known.contains(cid) || session.hasSent(cid));
        return new SectionAnswer(
                Sections.growing(lacking, sizes, Sections.cars(tips)),
                encoding().ok(),
                events,
                snapshot::close);
    }

    @Override
    public boolean keepsToRoom() {
        return trees == null;
    }

    @Override
    public FeedPage page(Snapshot snapshot, List<Change> changes, Predicate<Cid> skip) {
        return trees == null
                ? new SectionPage(snapshot, changes, skip, sizes, Sections.cars(tips))
                : trees.page(snapshot, changes, skip);
    }
}
