package dev.livesync.simulation.world;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What many worlds came to. */
final class Tally {
    private final long start = System.nanoTime();
    private final Map<Action.What, Long> happened = new EnumMap<>(Action.What.class);
    private final Map<String, Long> reached = new TreeMap<>();
    private final Map<String, Long> kinds = new TreeMap<>();
    private long worlds;
    private long crashes;
    private long steps;
    private double hours;

    void add(Shape shape, WorldRun.Outcome outcome) {
        worlds++;
        crashes += outcome.crashes();
        steps += outcome.steps();
        hours += outcome.time().toMillis() / 3_600_000.0;
        outcome.happened().forEach((what, times) -> happened.merge(what, (long) times, Long::sum));
        outcome.reached().forEach((what, times) -> reached.merge(what, (long) times, Long::sum));
        kinds.merge(shape.kind(), 1L, Long::sum);
    }

    /** How often a kind of thing has happened. */
    long happened(Action.What what) {
        return happened.getOrDefault(what, 0L);
    }

    /** How often something else was seen. */
    long reached(String what) {
        return reached.getOrDefault(what, 0L);
    }

    /** In one line. */
    String line() {
        double seconds = (System.nanoTime() - start) / 1e9;
        return String.format(
                Locale.ROOT,
                "%d worlds, %.1f a second, %d crashes, %d steps, %.0f simulated hours, %.2f a second",
                worlds,
                worlds / seconds,
                crashes,
                steps,
                hours,
                hours / seconds);
    }

    /** All of it. */
    String table() {
        StringBuilder table = new StringBuilder();
        happened.forEach(
                (what, times) -> table.append(what).append(' ').append(times).append('\n'));
        reached.forEach(
                (what, times) -> table.append(what).append(": ").append(times).append('\n'));
        kinds.forEach((what, times) -> table.append("world of ")
                .append(what)
                .append(": ")
                .append(times)
                .append('\n'));
        return table.toString();
    }
}
