package dev.livesync.cli;

import dev.livesync.api.Cid;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the events of a history stand beside each other when it is drawn, children above parents: a lane leads down to each event that is still to come. */
final class Lanes {
    /**
     * One event's place.
     *
     * @param lane its own lane
     * @param above the lanes that come from above it, its own among them
     * @param joined lanes from above that lead to this event, too, and end here
     * @param below the lanes that go on below it
     * @param parents the lanes of its parents
     */
    record Row(int lane, BitSet above, BitSet joined, BitSet below, List<Integer> parents) {}

    private final List<@Nullable Cid> expected = new ArrayList<>();

    /** The place of the next event: none of its children is still to come. */
    Row next(Cid event, List<Cid> parents) {
        BitSet joined = new BitSet();
        for (int i = 0; i < expected.size(); i++) {
            if (event.equals(expected.get(i))) {
                joined.set(i);
            }
        }
        BitSet above = taken();
        int lane = joined.isEmpty() ? free() : joined.nextSetBit(0);
        joined.stream().forEach(i -> expected.set(i, null));
        joined.clear(lane);
        List<Integer> lanes = new ArrayList<>();
        for (Cid parent : parents) {
            int at = lanes.isEmpty() ? lane : expected.indexOf(parent);
            at = at < 0 ? free() : at;
            expected.set(at, parent);
            lanes.add(at);
        }
        return new Row(lane, above, joined, taken(), lanes);
    }

    private BitSet taken() {
        BitSet taken = new BitSet();
        for (int i = 0; i < expected.size(); i++) {
            taken.set(i, expected.get(i) != null);
        }
        return taken;
    }

    private int free() {
        int free = expected.indexOf(null);
        if (free < 0) {
            free = expected.size();
            expected.add(null);
        }
        return free;
    }
}
