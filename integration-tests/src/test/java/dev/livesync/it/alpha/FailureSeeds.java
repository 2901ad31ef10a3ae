package dev.livesync.it.alpha;

import java.util.ArrayList;
import java.util.List;

/** Seeds that were looked for. */
final class FailureSeeds {
    private FailureSeeds() {}

    /**
     * Ids in an order in which an alpha's own tree drops some of their documents. Of 200 such lists of 600 ids, about one in
     * thirty does.
     */
    static List<String> treeThatLosesDocuments() {
        List<String> ids = new ArrayList<>();
        Mulberry random = new Mulberry(139);
        for (int i = 0; i < 600; i++) {
            ids.add("d" + Long.toString((long) (random.next() * 1e9), 36));
        }
        return ids;
    }

    /** The generator that the driver has, too. */
    private static final class Mulberry {
        private int state;

        Mulberry(int seed) {
            state = seed;
        }

        double next() {
            state += 0x6d2b79f5;
            int t = state;
            t = (t ^ t >>> 15) * (t | 1);
            t ^= t + (t ^ t >>> 7) * (t | 61);
            return ((t ^ t >>> 14) & 0xffffffffL) / 4294967296.0;
        }
    }
}
