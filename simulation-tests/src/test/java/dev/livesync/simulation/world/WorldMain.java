package dev.livesync.simulation.world;

import java.util.Map;
import java.util.TreeMap;

/** Runs worlds: {@code FIRST-SEED COUNT}, the same and {@code hubs} for those with a store that hubs share, or {@code defects MOST-WORLDS}. A seed that fails is told with the fewest actions that still fail. */
public final class WorldMain {
    private WorldMain() {}

    public static void main(String[] args) {
        if (args.length > 1 && args[0].equals("defects")) {
            ToyCurve.install();
            PlantedDefects.all()
                    .forEach(defect -> System.out.println(
                            defect.name() + ": " + DefectTable.find(defect, Integer.parseInt(args[1]))));
            return;
        }
        long first = args.length > 0 ? Long.parseLong(args[0]) : System.nanoTime();
        long count = args.length > 1 ? Long.parseLong(args[1]) : 1_000;
        ToyCurve.install();
        Tally tally = new Tally();
        Map<String, Long> failures = new TreeMap<>();
        for (long seed = first; seed < first + count; seed++) {
            WorldRun run = new WorldRun(seed);
            if (args.length > 2 && run.shape().hubs() == 0) {
                continue;
            }
            try {
                tally.add(run.shape(), run.run());
            } catch (AssertionError | RuntimeException e) {
                String what = String.valueOf(e.getMessage()).lines().limit(3).reduce("", (a, b) -> a + " " + b);
                System.out.println("seed " + seed + ": " + run.shape().kind() + ":" + what);
                if (failures.putIfAbsent(e.getClass().getName() + what.replaceAll("[0-9a-z]{8,}|m[0-9]", ""), seed)
                        == null) {
                    System.out.println("  shrunk: " + run.shrunk());
                    e.printStackTrace(System.out);
                }
            }
            if ((seed - first + 1) % 1_000 == 0) {
                System.out.println(tally.line() + ", " + failures.size() + " kinds of failures, from " + first);
            }
        }
        System.out.println(
                tally.line() + ", " + failures.size() + " kinds of failures " + failures.values() + ", from " + first);
        System.out.print(tally.table());
        if (!failures.isEmpty()) {
            System.exit(1);
        }
    }
}
