package dev.livesync.core.engine;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.car.CarWriter;
import dev.livesync.core.wire.CarBytes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Events in causal order as a series of CARs without trees, each with whole batches that can be committed alone; its root is
 * its last event. Small changes share a CAR: however many there are, they are few messages.
 */
final class Sections {
    private final Batches batches;
    private final Sizes sizes;
    private final ArrayDeque<CarBytes> ready = new ArrayDeque<>();
    private List<Event> waiting = List.of();

    Sections(Batches batches, Sizes sizes) {
        this.batches = batches;
        this.sizes = sizes;
    }

    /** The next section; null after the last. */
    @Nullable
    CarBytes next() {
        if (!ready.isEmpty()) {
            return ready.poll();
        }
        List<Event> section = new ArrayList<>();
        long size = CarWriter.headerSize(1);
        while (true) {
            List<Event> batch = waiting.isEmpty() ? batches.next() : waiting;
            waiting = List.of();
            if (batch.isEmpty()) {
                break;
            }
            long more = 0;
            for (Event e : batch) {
                sizes.requireFit(e, 1);
                more += CarBytes.framedSize(e.block());
            }
            if (!section.isEmpty() && size + more > sizes.carTarget()) {
                waiting = batch;
                break;
            }
            section.addAll(batch);
            size += more;
        }
        if (section.isEmpty()) {
            return null;
        }
        if (size <= sizes.carMax()) {
            return car(section);
        }
        split(section);
        return ready.poll();
    }

    /** A batch that no message carries whole: in parts, which the receiver keeps as pending until the last. */
    private void split(List<Event> batch) {
        List<Event> part = new ArrayList<>();
        long size = CarWriter.headerSize(1);
        for (Event e : batch) {
            long more = CarBytes.framedSize(e.block());
            if (!part.isEmpty() && size + more > sizes.carMax()) {
                ready.add(car(part));
                part = new ArrayList<>();
                size = CarWriter.headerSize(1);
            }
            part.add(e);
            size += more;
        }
        ready.add(car(part));
    }

    private static CarBytes car(List<Event> events) {
        List<Block> blocks = new ArrayList<>(events.size());
        Set<Cid> parents = new HashSet<>();
        for (Event e : events) {
            blocks.add(e.block());
            parents.addAll(e.parents());
        }
        List<Event> tips =
                events.stream().filter(e -> !parents.contains(e.cid())).toList();
        return new CarBytes(List.of(events.get(events.size() - 1)), blocks, blocks.size(), tips);
    }
}
