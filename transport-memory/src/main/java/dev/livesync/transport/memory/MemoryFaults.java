package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong on a {@link MemoryNetwork}. Nothing does until a method here says so. Faults of a single connection are
 * on its {@link MemoryLink}.
 *
 * <p>Any thread. Where executor and scheduler run everything in one order, so do the faults: none depends on the clock or
 * on chance that was not given as a seed.
 */
public final class MemoryFaults {
    private final List<MemoryLink> links = new ArrayList<>();
    private final Queue<Runnable> heldDials = new ArrayDeque<>();
    private Consumer<? super MemoryLink> hook = link -> {};
    private boolean holding;
    private @Nullable ErrorKind refusal;

    MemoryFaults() {}

    /**
     * Calls somebody for every new connection, before either side gets its channel: the place to plan faults.
     *
     * @param planner must be quick and not throw; replaces the one before. Several are combined by {@link Consumer#andThen}
     */
    public synchronized void onLink(Consumer<? super MemoryLink> planner) {
        hook = planner;
    }

    /**
     * The connections of which at least one end is open.
     *
     * @return a copy, oldest first
     */
    public synchronized List<MemoryLink> links() {
        return List.copyOf(links);
    }

    /**
     * Makes every dial from now on, and every answered offer, fail.
     *
     * @param kind with which kind, such as {@link ErrorKind#UNREACHABLE} or {@link ErrorKind#REFUSED}
     */
    public synchronized void refuseDials(ErrorKind kind) {
        refusal = kind;
    }

    /** Leaves every dial from now on unanswered, until {@link #acceptDials}; it may time out meanwhile. */
    public synchronized void holdDials() {
        holding = true;
    }

    /** Ends {@link #refuseDials} and {@link #holdDials}; held dials go on, in order. */
    public void acceptDials() {
        List<Runnable> dials;
        synchronized (this) {
            refusal = null;
            holding = false;
            dials = new ArrayList<>(heldDials);
            heldDials.clear();
        }
        dials.forEach(Runnable::run);
    }

    /** Cuts every open connection. */
    public void cutAll() {
        links().forEach(MemoryLink::cut);
    }

    /**
     * A planner for {@link #onLink} that cuts each connection after a random number of messages, from a random side.
     *
     * @param seed the same seed and the same order of connections give the same cuts
     * @param maxMessages at most how many messages that side gets through, 0 or more
     * @return the planner
     */
    public static Consumer<MemoryLink> randomCuts(long seed, int maxMessages) {
        SplittableRandom random = new SplittableRandom(seed);
        return link -> {
            synchronized (random) {
                link.cutAfter(randomSide(random), random.nextInt(maxMessages + 1));
            }
        };
    }

    /**
     * A planner for {@link #onLink} that delays every message of both sides, each by a random time, in order.
     *
     * @param seed the same seed, the same order of connections and of sends on each give the same delays
     * @param max the longest delay
     * @return the planner
     */
    public static Consumer<MemoryLink> randomDelays(long seed, Duration max) {
        SplittableRandom random = new SplittableRandom(seed);
        return link -> {
            for (MemoryLink.Side side : MemoryLink.Side.values()) {
                SplittableRandom own;
                synchronized (random) {
                    own = random.split();
                }
                // The link asks under its lock, so one thread at a time.
                link.delay(side, () -> Duration.ofNanos(own.nextLong(max.toNanos() + 1)));
            }
        };
    }

    private static MemoryLink.Side randomSide(SplittableRandom random) {
        return random.nextBoolean() ? MemoryLink.Side.DIALER : MemoryLink.Side.LISTENER;
    }

    /** Runs a dial now, or when dials are accepted again. */
    void whenDialsPass(Runnable dial) {
        synchronized (this) {
            if (holding) {
                heldDials.add(dial);
                return;
            }
        }
        dial.run();
    }

    synchronized @Nullable ErrorKind refusal() {
        return refusal;
    }

    void opened(MemoryLink link) {
        Consumer<? super MemoryLink> planner;
        synchronized (this) {
            links.add(link);
            planner = hook;
        }
        planner.accept(link);
    }

    synchronized void gone(MemoryLink link) {
        links.remove(link);
    }
}
