package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.message.ClockDigest;
import dev.livesync.core.message.DiffText;
import dev.livesync.core.message.Encoding;
import dev.livesync.core.message.Feature;
import dev.livesync.core.message.Section;
import dev.livesync.core.message.TextEncoding;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.protocol.Deadlines;
import dev.livesync.core.protocol.Dialect;
import dev.livesync.core.protocol.DialectHost;
import dev.livesync.core.protocol.DiffAnswer;
import dev.livesync.core.protocol.DiffNames;
import dev.livesync.core.protocol.EventBatches;
import dev.livesync.core.protocol.FeedPage;
import dev.livesync.core.protocol.MessageSizes;
import dev.livesync.core.protocol.ProtocolConfig;
import dev.livesync.core.protocol.ProtocolLimits;
import dev.livesync.core.protocol.ReceivedCar;
import dev.livesync.core.protocol.alpha.TreeExchange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The dialect of peers that have proved themselves in a handshake: events without trees in sections, control messages, a goodbye. */
public final class LiveSyncDialect implements Dialect {
    /** A diff of at most this many bytes is sent without waiting for the peer's. */
    private static final int SMALL_DIFF = 4_096;

    private final ProtocolConfig config;
    private final MessageSizes sizes;

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
        config = session.config();
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
    public Encoding encoding() {
        return TextEncoding.INSTANCE;
    }

    @Override
    public Message.Kind kind(Message message) {
        return message.kind();
    }

    @Override
    public boolean hears(WireMessage control) {
        return true;
    }

    @Override
    public void stated(WireMessage.Diff diff) {}

    @Override
    public void ok() {}

    @Override
    public void received(ReceivedCar car) {}

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
    public boolean mergesFirst(Supplier<List<Cid>> heads) {
        return false;
    }

    @Override
    public boolean isTheirsFirst(WireMessage.Diff diff) {
        return false;
    }

    @Override
    public DiffAnswer answer(Snapshot snapshot, WireMessage.Diff diff) {
        return trees == null
                ? new SectionAnswer(snapshot, diff.clock(), diff.cids(), sizes, tips)
                : trees.answer(snapshot, diff.cids()::contains);
    }

    @Override
    public DiffAnswer answerSince(Snapshot snapshot, List<Cid> frontier) {
        return trees == null
                ? new SectionAnswer(snapshot, frontier, new CidSet(config.salt()), sizes, tips)
                : trees.answerSince(snapshot, frontier);
    }

    @Override
    public FeedPage page(Snapshot snapshot, List<Change> changes, Predicate<Cid> skip) {
        return trees == null ? new EventPage(snapshot, changes, skip) : trees.page(snapshot, changes, skip);
    }

    @Override
    public boolean speaksByItself() {
        return false;
    }

    @Override
    public @Nullable Section first() {
        return null;
    }

    @Override
    public @Nullable Section heal() {
        return null;
    }

    @Override
    public List<Event> tips(Section section) {
        return section.tips();
    }

    @Override
    public void sent(Section section) {}

    @Override
    public void changed() {}

    @Override
    public void look() {}

    @Override
    public void watch() {}

    @Override
    public void passed(Deadlines.What what) {}

    @Override
    public void parting() {}

    @Override
    public @Nullable Message lastWord(@Nullable WireMessage word) {
        return word == null ? null : encoding().control(word);
    }

    @Override
    public SyncException withoutGoodbye(SyncException failure) {
        return failure;
    }

    @Override
    public boolean hasParted(boolean byeSent, boolean peerLeaves) {
        return byeSent && peerLeaves;
    }

    @Override
    public String undelivered() {
        return "is not known to have";
    }

    @Override
    public String likelyCause(boolean owes) {
        return "";
    }

    /** Events only, as few CARs as possible. */
    private final class EventPage implements FeedPage {
        private final Snapshot snapshot;
        private final Sections sections;

        EventPage(Snapshot snapshot, List<Change> changes, Predicate<Cid> skip) {
            this.snapshot = snapshot;
            List<Cid> events = new ArrayList<>();
            changes.forEach(c -> events.addAll(c.events()));
            sections = new Sections(new EventBatches(snapshot, events.iterator(), skip), sizes, tips);
        }

        @Override
        public @Nullable Section next() {
            return sections.next();
        }

        @Override
        public void close() {
            snapshot.close();
        }
    }
}
