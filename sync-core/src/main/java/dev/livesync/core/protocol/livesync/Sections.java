package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Events;
import dev.livesync.core.message.CarBytes;
import dev.livesync.core.message.Section;
import dev.livesync.core.protocol.EventBatches;
import dev.livesync.core.protocol.MessageSizes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Events in causal order as a series of sections without trees, each with whole batches that can be committed alone. Small changes share a
 * section: however many there are, they are few messages. Sizes are counted as in a CAR; packs are smaller.
 */
final class Sections {
    /** On a line of 1 Mbit/s an eighth of a second, as a CAR; a pack is a third of that. */
    private static final long FIRST_BYTES = 16 << 10;

    private final EventBatches batches;
    private final MessageSizes sizes;
    private final Function<List<Block>, Section> maker;

    /** How large the next section gets if there is more to send. */
    private long target;

    /** Parts of a large batch. Each is made when it is due: a pack builds on those before it. */
    private final ArrayDeque<List<Block>> parts = new ArrayDeque<>();

    private boolean heldBack;

    /**
     * Creates the sections of a stream of batches.
     *
     * @param maker writes events, never none, as one section; called in the order in which they are sent
     */
    Sections(EventBatches batches, MessageSizes sizes, Function<List<Block>, Section> maker) {
        this(batches, sizes, maker, sizes.carTarget());
    }

    private Sections(EventBatches batches, MessageSizes sizes, Function<List<Block>, Section> maker, long first) {
        this.batches = batches;
        this.sizes = sizes;
        this.maker = maker;
        target = Math.min(first, sizes.carTarget());
    }

    /** The same for what may be a long stream: the first section is small, so that the first documents come soon, and each is twice as large as the one before. */
    static Sections growing(EventBatches batches, MessageSizes sizes, Function<List<Block>, Section> maker) {
        return new Sections(batches, sizes, maker, FIRST_BYTES);
    }

    /** The next section, of blocks that have no more bytes than that; null after the last, and if the next batch has more. */
    @Nullable
    Section next(long room) {
        heldBack = false;
        if (!parts.isEmpty()) {
            return maker.apply(parts.remove());
        }
        List<Block> section = new ArrayList<>();
        long size = CarWriter.headerSize(1);
        long most = target;
        while (true) {
            List<Block> batch = batches.next(Math.max(0, room - size));
            if (batch.isEmpty()) {
                heldBack = section.isEmpty() && batches.isHeldBack();
                break;
            }
            long more = 0;
            for (Block b : batch) {
                sizes.requireFit(b, 1);
                more += CarBytes.framedSize(b);
            }
            if (!section.isEmpty() && size + more > most) {
                batches.giveBack(batch);
                break;
            }
            section.addAll(batch);
            size += more;
        }
        if (section.isEmpty()) {
            return null;
        }
        target = Math.min(2 * target, sizes.carTarget());
        if (size <= sizes.carMax()) {
            return maker.apply(section);
        }
        split(section);
        return maker.apply(parts.remove());
    }

    /** Whether the last {@link #next} left a batch that has more bytes than there was room for. */
    boolean isHeldBack() {
        return heldBack;
    }

    /** Splits a batch that is too large for a message into parts, which the receiver keeps as pending until the last one comes. */
    private void split(List<Block> batch) {
        List<Block> part = new ArrayList<>();
        long size = CarWriter.headerSize(1);
        for (Block b : batch) {
            long more = CarBytes.framedSize(b);
            if (!part.isEmpty() && size + more > sizes.carMax()) {
                parts.add(part);
                part = new ArrayList<>();
                size = CarWriter.headerSize(1);
            }
            part.add(b);
            size += more;
        }
        parts.add(part);
    }

    /**
     * Writes CARs, whose root is their last event.
     *
     * @param withTips whether each knows its tips, for which each event is read
     */
    static Function<List<Block>, Section> cars(boolean withTips) {
        return events -> {
            Cid last = events.get(events.size() - 1).cid();
            return new CarBytes(List.of(last), events, events.size(), withTips ? tips(events) : List.of());
        };
    }

    private static List<Event> tips(List<Block> blocks) {
        List<Event> events = new ArrayList<>();
        Set<Cid> parents = new HashSet<>();
        for (Block block : blocks) {
            Event event = Events.decode(block);
            events.add(event);
            parents.addAll(event.parents());
        }
        return events.stream().filter(e -> !parents.contains(e.cid())).toList();
    }
}
