package dev.livesync.simulation.world;

import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** Runs worlds: {@code FIRST-SEED COUNT}. A seed that fails is told with the fewest actions that still fail. */
public final class WorldMain {
    private WorldMain() {}

    public static void main(String[] args) {
        long first = args.length > 0 ? Long.parseLong(args[0]) : System.nanoTime();
        long count = args.length > 1 ? Long.parseLong(args[1]) : 1_000;
        Map<Action.What, Integer> happened = new EnumMap<>(Action.What.class);
        Map<String, Long> failures = new TreeMap<>();
        double hours = 0;
        long crashes = 0;
        long start = System.nanoTime();
        for (long seed = first; seed < first + count; seed++) {
            WorldRun run = new WorldRun(seed);
            try {
                WorldRun.Outcome outcome = run.run();
                outcome.happened().forEach((what, times) -> happened.merge(what, times, Integer::sum));
                crashes += outcome.crashes();
                hours += outcome.time().toMillis() / 3_600_000.0;
            } catch (AssertionError | RuntimeException e) {
                String what = String.valueOf(e.getMessage()).lines().limit(3).reduce("", (a, b) -> a + " " + b);
                System.out.println("seed " + seed + ":" + what);
                if (failures.putIfAbsent(e.getClass().getName() + what.replaceAll("[0-9a-z]{8,}", ""), seed) == null) {
                    System.out.println("  shrunk: " + run.shrunk());
                    e.printStackTrace(System.out);
                }
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
                "%d worlds from %d, %d kinds of failures, %d crashes, %.1f simulated hours, %.1f a second%n%s%n",
                count, first, failures.size(), crashes, hours, hours / seconds, happened);
        if (!failures.isEmpty()) {
            System.exit(1);
        }
    }
}
