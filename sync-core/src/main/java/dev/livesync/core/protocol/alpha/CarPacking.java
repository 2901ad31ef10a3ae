package dev.livesync.core.protocol.alpha;

import dev.livesync.api.Block;
import dev.livesync.api.Event;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Events;
import dev.livesync.core.message.CarBytes;
import dev.livesync.core.protocol.MessageSizes;
import java.util.ArrayList;
import java.util.List;

/** Packs blocks and events into as few CARs as an alpha takes. */
final class CarPacking {
    private CarPacking() {}

    /** One CAR if it fits; otherwise the last one has the roots and as much before them as fits. */
    static List<CarBytes> cars(List<Block> before, List<Event> roots, MessageSizes sizes) {
        long size = CarWriter.headerSize(roots.size());
        for (Event root : roots) {
            sizes.requireFit(root.block(), 1);
            size += CarBytes.framedSize(root.block());
        }
        List<CarBytes> cars = new ArrayList<>();
        if (roots.size() > 1 && size > sizes.carMax()) {
            // The bridges go first, by themselves.
            cars.addAll(cars(List.of(), roots.subList(1, roots.size()), sizes));
            cars.addAll(cars(before, roots.subList(0, 1), sizes));
            return cars;
        }
        int from = before.size();
        while (!roots.isEmpty() && from > 0 && size + CarBytes.framedSize(before.get(from - 1)) <= sizes.carTarget()) {
            size += CarBytes.framedSize(before.get(--from));
        }
        int start = 0;
        while (start < from) {
            int end = start;
            long part = CarWriter.headerSize(0);
            while (end < from && (end == start || part + CarBytes.framedSize(before.get(end)) <= sizes.carTarget())) {
                sizes.requireFit(before.get(end), 0);
                part += CarBytes.framedSize(before.get(end));
                end++;
            }
            cars.add(car(before.subList(start, end), List.of()));
            start = end;
        }
        if (!roots.isEmpty()) {
            cars.add(car(before.subList(from, before.size()), roots));
        }
        return cars;
    }

    private static CarBytes car(List<Block> before, List<Event> roots) {
        List<Block> blocks = new ArrayList<>(before);
        roots.forEach(root -> blocks.add(root.block()));
        int events = (int) blocks.stream().filter(Events::looksLikeEvent).count();
        return new CarBytes(roots.stream().map(Event::cid).toList(), blocks, events, roots);
    }
}
