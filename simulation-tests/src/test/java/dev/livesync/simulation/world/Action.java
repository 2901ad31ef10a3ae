package dev.livesync.simulation.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Something that happens to a world.
 *
 * @param what which kind of thing
 * @param machine to which machine, by number
 * @param a a number that the kind makes something of
 * @param b another
 */
record Action(What what, int machine, int a, int b) {
    /** Kinds, each with how often it comes. */
    enum What {
        PUT(24),
        BATCH(6),
        DELETE(6),
        LARGE(2),
        IMPORT(1),
        COMPACT(4),
        CRASH(5),
        CRASH_AT_OPERATION(6),
        RESTART(8),
        DISK_FAILS(3),
        DISK_IS_FULL(2),
        CUT(4),
        CUT_AFTER(4),
        HALF_OPEN(2),
        PARTITION(2),
        HEAL(4),
        DELAYS(3),
        KEEP(3),
        CLOCK_JUMPS(2),
        BACKUP(2),
        RESTORE(1),
        CLONE(1),
        DELIVER(10),
        STEPS(40),
        PASS(16);

        private final int weight;

        What(int weight) {
            this.weight = weight;
        }
    }

    private static final int WEIGHTS;

    static {
        int sum = 0;
        for (What what : What.values()) {
            sum += what.weight;
        }
        WEIGHTS = sum;
    }

    static List<Action> plan(Random random, int machines, int length) {
        List<Action> plan = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            plan.add(new Action(
                    kind(random), random.nextInt(machines), random.nextInt(1 << 20), random.nextInt(1 << 20)));
        }
        return plan;
    }

    private static What kind(Random random) {
        int at = random.nextInt(WEIGHTS);
        for (What what : What.values()) {
            at -= what.weight;
            if (at < 0) {
                return what;
            }
        }
        throw new AssertionError(at);
    }

    @Override
    public String toString() {
        return what + " " + machine + " " + a + " " + b;
    }
}
