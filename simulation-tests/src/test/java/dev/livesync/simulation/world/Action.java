package dev.livesync.simulation.world;

import dev.livesync.simulation.world.Shape.Theme;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something that happens to a world.
 *
 * @param what which kind of thing
 * @param machine to which machine, by number
 * @param a a number that the kind makes something of
 * @param b another
 */
record Action(What what, int machine, int a, int b) {
    /** Kinds, each with how often it comes, and the theme in which it comes six times as often. */
    enum What {
        PUT(24, null),
        BATCH(6, null),
        DELETE(6, null),
        LARGE(2, Theme.BYTES),
        HUGE(1, Theme.BYTES),
        IMPORT(1, Theme.BYTES),
        COMPACT(4, Theme.DISKS),
        CRASH(5, null),
        CRASH_AT_OPERATION(6, Theme.DISKS),
        RESTART(8, null),
        DISK_FAILS(3, Theme.DISKS),
        DISK_IS_FULL(2, Theme.DISKS),
        BIT_FLIPS(1, Theme.DAMAGE),
        CUT(4, Theme.WIRES),
        CUT_AFTER(4, Theme.WIRES),
        HALF_OPEN(2, Theme.WIRES),
        STOPS_READING(2, Theme.WIRES),
        READS_AGAIN(2, Theme.WIRES),
        PARTITION(2, null),
        HEAL(4, null),
        DELAYS(3, Theme.WIRES),
        KEEP(3, null),
        DIAL(2, Theme.WIRES),
        WRONG_DOOR(1, null),
        SIGNAL(2, Theme.WIRES),
        CLOCK_JUMPS(2, null),
        BACKUP(2, Theme.COPIES),
        RESTORE(1, Theme.COPIES),
        CLONE(1, Theme.COPIES),
        REVOKE(2, null),
        NEW_SECRET(2, null),
        ALPHA_MEETS(6, null),
        ALPHA_PUTS(8, null),
        ATTACH(12, null),
        FETCH(10, null),
        ERASE(4, null),
        FORGET_PAST(2, null),
        COLLECT(2, Theme.DISKS),
        HUB_STALLS(8, null),
        HUB_IS_CUT_OFF(6, Theme.WIRES),
        ANSWER_IS_LOST(8, null),
        PRIMARY_DIES(2, Theme.DISKS),
        STORE_GOES_BACK(1, Theme.COPIES),
        STORE_IS_FULL(2, Theme.DISKS),
        HUB_FOLLOWS_LATE(3, null),
        LOOK(2, null),
        DELIVER(10, null),
        STEPS(40, null),
        PASS(16, null);

        private static final Set<What> OF_CONTENTS = EnumSet.of(ATTACH, FETCH, ERASE, FORGET_PAST, COLLECT);

        private static final Set<What> OF_HUBS = EnumSet.range(HUB_STALLS, HUB_FOLLOWS_LATE);

        private final int weight;
        private final @Nullable Theme theme;

        What(int weight, @Nullable Theme theme) {
            this.weight = weight;
            this.theme = theme;
        }

        int weight(Shape shape) {
            if ((this == REVOKE || this == NEW_SECRET) && shape.guest().isEmpty()
                    || (this == ALPHA_MEETS || this == ALPHA_PUTS) && !shape.alpha()
                    || (this == LARGE || this == HUGE) && shape.alpha() // which no message to an alpha carries
                    || this == WRONG_DOOR && !shape.processes()
                    || this == BIT_FLIPS && shape.theme() != Theme.DAMAGE
                    || this == KEEP && shape.mesh()
                    || OF_CONTENTS.contains(this) && !shape.attachments()
                    || OF_HUBS.contains(this) && shape.hubs() == 0) {
                return 0;
            }
            return theme == shape.theme() ? 6 * weight : weight;
        }
    }

    static List<Action> plan(Random random, Shape shape) {
        int weights = 0;
        for (What what : What.values()) {
            weights += what.weight(shape);
        }
        List<Action> plan = new ArrayList<>();
        for (int i = 0; i < shape.length(); i++) {
            plan.add(new Action(
                    kind(random.nextInt(weights), shape),
                    random.nextInt(shape.machines()),
                    random.nextInt(1 << 20),
                    random.nextInt(1 << 20)));
        }
        return plan;
    }

    private static What kind(int number, Shape shape) {
        int at = number;
        for (What what : What.values()) {
            at -= what.weight(shape);
            if (at < 0) {
                return what;
            }
        }
        throw new AssertionError(number);
    }

    @Override
    public String toString() {
        return what + " " + machine + " " + a + " " + b;
    }
}
