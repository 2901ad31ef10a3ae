package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.pack.PackReader;
import dev.livesync.car.pack.PackWriter;
import dev.livesync.core.message.BinaryEncoding;
import dev.livesync.core.message.Section;
import dev.livesync.core.message.WireEncoding;
import dev.livesync.core.protocol.CommonClock;
import dev.livesync.core.protocol.Comparison;
import dev.livesync.core.protocol.DialectHost;
import dev.livesync.core.protocol.DiffAnswer;
import dev.livesync.core.protocol.EventBatches;
import dev.livesync.core.protocol.FeedPage;
import dev.livesync.core.protocol.MessageSizes;
import dev.livesync.core.protocol.ProtocolConfig;
import dev.livesync.core.protocol.ProtocolLimits;
import dev.livesync.core.protocol.ReceivedCar;
import java.util.List;
import java.util.function.Predicate;

/**
 * The dialect of peers that both know it: binary messages, packs, and a reconciliation that costs what differs; {@code docs/protocol.md},
 * section 5.
 */
public final class NativeDialect extends ProvedDialect {
    private final DialectHost session;
    private final MessageSizes sizes;
    private final PackWriter writer = new PackWriter();
    private final PackReader reader;
    private final NativeComparison comparison;

    /** What the tables of packs are known to take. */
    private long counted;

    /**
     * Makes the dialect of one session.
     *
     * @param session that speaks it
     */
    public NativeDialect(DialectHost session) {
        this.session = session;
        ProtocolConfig config = session.config();
        ProtocolLimits limits = config.limits();
        int piece = Math.min(limits.pieceBytes(), config.maxMessageBytes()) - 1; // behind its mark
        long target = Math.min(limits.sectionBytes(), limits.messageBytes());
        sizes = new MessageSizes(piece, piece, true, target, limits.messageBytes());
        reader = new PackReader(limits.blocks(), limits.carBlocks(), limits.messageBytes());
        comparison = new NativeComparison(session, this::remember, this::sections);
        config.common().map(CommonClock::heads).ifPresent(this::remember);
    }

    /** Events that both ends have before the first pack: those after them need not say who their parents are. */
    private void remember(List<Cid> heads) {
        for (Cid head : heads) {
            writer.remember(head);
            reader.remember(head);
        }
    }

    private Sections sections(Snapshot snapshot, List<Cid> frontier, Predicate<Cid> has) {
        return Sections.growing(new EventBatches(snapshot, snapshot.eventsSince(frontier), has), sizes, this::pack);
    }

    private Section pack(List<Block> events) {
        byte[] pack = writer.write(events);
        countTables();
        return new PackBytes(pack, events.size());
    }

    /** They grow with what the peer sends and gets, up to a limit, and are kept as long as the session. */
    private void countTables() {
        long now = writer.keptBytes() + reader.keptBytes();
        if (now > counted) {
            session.count(now - counted);
            counted = now;
        }
    }

    @Override
    public void received(ReceivedCar car) {
        countTables();
    }

    @Override
    public MessageSizes sizes() {
        return sizes;
    }

    @Override
    public WireEncoding encoding() {
        return BinaryEncoding.INSTANCE;
    }

    @Override
    public Comparison comparison() {
        return comparison;
    }

    @Override
    public PackReader packs() {
        return reader;
    }

    @Override
    public List<Event> parentsFirst(List<Event> events) {
        return events;
    }

    @Override
    public boolean endsAnswer(ReceivedCar car) {
        return false;
    }

    @Override
    public DiffAnswer answerSince(Snapshot snapshot, List<Cid> frontier) {
        return new SectionAnswer(
                sections(snapshot, frontier, cid -> false), encoding().ok(), -1, snapshot::close);
    }

    @Override
    public boolean keepsToRoom() {
        return true;
    }

    @Override
    public FeedPage page(Snapshot snapshot, List<Change> changes, Predicate<Cid> skip) {
        return new SectionPage(snapshot, changes, skip, sizes, this::pack);
    }
}
