package dev.livesync.simulation.world;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Worlds by their seeds: run, and, where one fails, shrunk to the fewest actions that still make it fail. */
final class WorldRun {
    /** What a world came to. */
    record Outcome(
            Map<Action.What, Integer> happened, Map<String, Integer> reached, int crashes, long steps, Duration time) {}

    /** So that the worlds that have found something stay what they were. */
    private static final long HUBS = 29_333;

    private final long seed;
    private final Shape shape;
    private final Defect defect;
    private final List<Action> plan;

    WorldRun(long seed) {
        this(seed, Defect.NONE);
    }

    WorldRun(long seed, Defect defect) {
        this.seed = seed;
        this.defect = defect;
        Random random = new Random(seed);
        Shape plain = Shape.of(random);
        // By a number of its own, so that worlds without are what they were. Seeds in a row would have one number from
        // Random.
        SplittableRandom hubs = new SplittableRandom(seed ^ HUBS);
        shape = new SplittableRandom(~seed).nextInt(4) == 0
                ? plain.withAttachments()
                : hubs.nextInt(5) < 3 ? plain.withHubs(2 + hubs.nextInt(2)) : plain;
        plan = Action.plan(random, shape);
    }

    Shape shape() {
        return shape;
    }

    List<Action> plan() {
        return plan;
    }

    /** Runs it; throws what is wrong. */
    Outcome run() {
        return run(plan);
    }

    /** Runs it; what is wrong, null if nothing is. */
    @Nullable
    Throwable failure() {
        try {
            run();
            return null;
        } catch (AssertionError | RuntimeException e) {
            return e;
        }
    }

    private Outcome run(List<Action> actions) {
        SimulatedWorld world = new SimulatedWorld(seed, shape, defect);
        try {
            for (Action action : actions) {
                world.act(action);
            }
            world.settle();
            return new Outcome(
                    new EnumMap<>(world.happened()),
                    new TreeMap<>(world.reached()),
                    world.crashes(),
                    world.steps(),
                    world.time());
        } finally {
            world.end();
        }
    }

    /** The fewest actions that still fail, by leaving out more and more of them. */
    List<Action> shrunk() {
        List<Action> left = new ArrayList<>(plan);
        for (int piece = Math.max(1, left.size() / 2); piece >= 1; piece = piece == 1 ? 0 : (piece + 1) / 2) {
            for (int at = 0; at < left.size(); ) {
                List<Action> fewer = new ArrayList<>(left);
                fewer.subList(at, Math.min(left.size(), at + piece)).clear();
                if (fails(fewer)) {
                    left = fewer;
                } else {
                    at += piece;
                }
            }
        }
        return left;
    }

    private boolean fails(List<Action> actions) {
        try {
            run(actions);
            return false;
        } catch (AssertionError | RuntimeException e) {
            return true;
        }
    }
}
