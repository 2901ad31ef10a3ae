package dev.livesync.bench.compare;

import dev.livesync.bench.process.CountingProxy;
import dev.livesync.bench.process.Line;
import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.workload.Scratch;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Runs the workloads: in each round each system takes its turn, and the order moves on. <b>init</b>: A has documents, B none. <b>resync</b>: both are
 * equal and meet again. <b>diff</b>: new ones at each end after a time apart. <b>live</b>: single puts at A. One thread.
 */
public final class SystemComparison {
    /** Long enough for what follows by itself, such as acknowledgements. */
    private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    /** JavaScript is warm sooner than Java, and some of these take long for a round. */
    private static final int MOST_WARM_UPS_OF_OTHERS = 3;

    /** In a millisecond. */
    private static final double MICROS = 1_000;

    private final Plan plan;
    private final List<Participant> participants;
    private final Scratch scratch;
    private final Figures figures = new Figures();
    private final Consumer<String> progress;

    /**
     * Prepares; nothing runs yet.
     *
     * @param plan how much
     * @param participants who
     * @param scratch where directories go
     * @param progress takes a line for each turn
     */
    public SystemComparison(Plan plan, List<Participant> participants, Scratch scratch, Consumer<String> progress) {
        this.plan = plan;
        this.participants = List.copyOf(participants);
        this.scratch = scratch;
        this.progress = progress;
    }

    /**
     * What has been measured so far.
     *
     * @return the figures
     */
    public Figures figures() {
        return figures;
    }

    private interface Work {
        void run(Turn turn) throws IOException;
    }

    /** One system's part of a round, and what its figures belong to. */
    private final class Turn {
        private final Workload workload;
        private final Participant participant;
        private final int documents;
        private final int round;
        private final boolean counts;
        private final List<Measurement> measured = new ArrayList<>();

        Turn(Workload workload, Participant participant, int documents, int round, boolean counts) {
            this.workload = workload;
            this.participant = participant;
            this.documents = documents;
            this.round = round;
            this.counts = counts;
        }

        void add(Metric metric, double value) {
            measured.add(new Measurement(workload, participant.title(), documents, metric, round, value));
        }

        /** Runs it. Another system may fail, which leaves nothing of its turn; answers whether it went well. */
        boolean run(Work work) throws IOException {
            String what = (counts ? workload.title() + ", round " + (round + 1) : "warming up") + ": "
                    + participant.title() + ", " + documents + " documents";
            try {
                work.run(this);
            } catch (IllegalStateException e) {
                if (participant.ours()) {
                    throw e;
                }
                progress.accept(what + ", failed: " + e.getMessage());
                return false;
            }
            if (counts) {
                measured.forEach(figures::add);
            }
            progress.accept(what);
            return true;
        }

        SyncedSides sides(ProcessPair pair) {
            return new SyncedSides(participant, pair, scratch, plan.seed() + round);
        }
    }

    /** Bytes, memory, and how both grow: each turn in fresh processes, through a proxy. */
    public void counted() throws IOException {
        for (int size : plan.sizes()) {
            List<Participant> order = new ArrayList<>(participants);
            order.removeIf(participant -> participant.reasonable(size) < size);
            for (int round = 0; round < plan.rounds(); round++) {
                for (Participant participant : order) {
                    new Turn(Workload.COUNTED, participant, size, round, true).run(this::counted);
                }
                Collections.rotate(order, 1);
            }
        }
    }

    private void counted(Turn turn) throws IOException {
        int size = turn.documents;
        try (ProcessPair pair = turn.participant.start(plan.counted(size));
                SyncedSides sides = turn.sides(pair)) {
            sides.fillA(0, size, plan.batch());
            counted(turn, sides, pair);
        }
        if (size == plan.documents()) {
            countedOneByOne(turn);
        }
    }

    /** Bytes alone, so the heap is the usual one: many single writes in memory want more than the small one. */
    private void countedOneByOne(Turn turn) throws IOException {
        try (ProcessPair pair = turn.participant.start(plan.jvm());
                SyncedSides sides = turn.sides(pair)) {
            sides.fillA(0, turn.documents, 1);
            String address = sides.serve();
            try (CountingProxy proxy = new CountingProxy(SyncedSides.port(address))) {
                sides.sync(SyncedSides.through(address, proxy.port()));
                turn.add(Metric.INIT_SINGLE_BYTES, quiet(proxy));
                sides.requireEqual();
                sides.leave();
            }
        }
    }

    private void counted(Turn turn, SyncedSides sides, ProcessPair pair) throws IOException {
        int size = turn.documents;
        int different = plan.different();
        String address = sides.serve();
        try (CountingProxy proxy = new CountingProxy(SyncedSides.port(address))) {
            String through = SyncedSides.through(address, proxy.port());
            turn.add(Metric.INIT_MS, sides.sync(through).millis());
            turn.add(Metric.INIT_BYTES, quiet(proxy));
            sides.requireEqual();
            sides.leave();

            double before = quiet(proxy);
            turn.add(Metric.RESYNC_MS, sides.sync(through).millis());
            turn.add(Metric.RESYNC_BYTES, quiet(proxy) - before);
            sides.leave();

            sides.fillA(size, different, 1);
            sides.fillB(size + different, different, 1);
            before = quiet(proxy);
            turn.add(Metric.DIFF_SINGLE_MS, sides.sync(through).millis());
            turn.add(Metric.DIFF_SINGLE_BYTES, quiet(proxy) - before);
            sides.requireEqual();
            sides.leave();

            sides.fillA(size + 2 * different, different, different);
            sides.fillB(size + 3 * different, different, different);
            before = quiet(proxy);
            turn.add(Metric.DIFF_MS, sides.sync(through).millis());
            turn.add(Metric.DIFF_BYTES, quiet(proxy) - before);
            sides.requireEqual();
            sides.leave();

            sides.connect(through);
            before = quiet(proxy);
            sides.live(size + 4 * different, plan.livePuts(), plan.liveMicros());
            turn.add(Metric.LIVE_BYTES, (quiet(proxy) - before) / plan.livePuts());
            sides.requireEqual();
            sides.leave();
            turn.add(Metric.PEAK_A, (double) pair.a(Line.of("memory")).number("peak"));
            turn.add(Metric.PEAK_B, (double) pair.b(Line.of("memory")).number("peak"));
        }
    }

    /** Waits until nothing passes any more; answers with all bytes so far. */
    private static double quiet(CountingProxy proxy) {
        long bytes = proxy.bytes();
        long since = System.nanoTime();
        while (System.nanoTime() - since < SILENCE_NANOS) {
            LockSupport.parkNanos(1_000_000);
            long now = proxy.bytes();
            if (now != bytes) {
                bytes = now;
                since = System.nanoTime();
            }
        }
        return (double) bytes;
    }

    /** Times, and processors' time: the same processes for all rounds, directly; and over a link with a delay. */
    public void warm() throws IOException {
        Map<Participant, ProcessPair> pairs = new LinkedHashMap<>();
        try {
            for (Participant participant : participants) {
                pairs.put(participant, participant.start(plan.jvm()));
            }
            List<Participant> order = new ArrayList<>(participants);
            for (int round = -plan.warmup(); round < plan.rounds(); round++) {
                boolean counts = round >= 0;
                for (Participant participant : order) {
                    if (counts || participant.ours() || round >= -MOST_WARM_UPS_OF_OTHERS) {
                        int documents = participant.reasonable(plan.documents());
                        Turn turn = new Turn(Workload.WARM, participant, documents, round, counts);
                        ProcessPair pair = Objects.requireNonNull(pairs.get(participant));
                        if (!turn.run(it -> warm(it, pair))) {
                            pair.close();
                            pairs.put(participant, participant.start(plan.jvm()));
                        }
                    }
                }
                Collections.rotate(order, 1);
            }
        } finally {
            pairs.values().forEach(ProcessPair::close);
        }
    }

    private void warm(Turn turn, ProcessPair pair) throws IOException {
        int size = turn.documents;
        int different = plan.different();
        try (SyncedSides sides = turn.sides(pair)) {
            sides.fillA(0, size, plan.batch());
            String address = sides.serve();
            ProcessPair.CpuTime before = pair.cpu();
            turn.add(Metric.INIT_MS, sides.sync(address).millis());
            turn.add(Metric.INIT_CPU_MS, pair.cpu().since(before).both() / 1e6);
            sides.requireEqual();
            sides.leave();

            SyncedSides.Took resync = sides.sync(address);
            turn.add(Metric.RESYNC_MS, resync.millis());
            if (turn.participant.ours()) {
                turn.add(Metric.OPEN_MS, resync.opened());
            }
            sides.leave();

            sides.fillA(size, different, 1);
            sides.fillB(size + different, different, 1);
            turn.add(Metric.DIFF_SINGLE_MS, both(sides, address, size).took(MICROS));
            sides.leave();

            sides.fillA(size + 2 * different, different, different);
            sides.fillB(size + 3 * different, different, different);
            turn.add(Metric.DIFF_MS, both(sides, address, size + 2 * different).took(MICROS));
            sides.leave();

            live(turn, pair, sides, address);
            delayed(turn, sides, address);
            if (turn.participant.title().equals(Participant.DIRECTORY)) {
                turn.add(Metric.FSYNC_MS, FsyncTime.millis(scratch));
            }
        }
    }

    private void live(Turn turn, ProcessPair pair, SyncedSides sides, String address) throws IOException {
        int puts = plan.livePuts();
        sides.connect(address);
        ProcessPair.CpuTime before = pair.cpu();
        // Warming up can be quick; not for an alpha, whose ends differ if changes come faster than it takes them in.
        boolean quick = !turn.counts && turn.participant.ours();
        long micros = quick ? plan.liveMicros() / 10 : plan.liveMicros();
        Samples live = sides.live(turn.documents + 4 * plan.different(), puts, micros);
        ProcessPair.CpuTime cpu = pair.cpu().since(before);
        turn.add(Metric.LIVE_P50_MS, live.median());
        turn.add(Metric.LIVE_P99_MS, live.quantile(0.99));
        turn.add(Metric.LIVE_CPU_A_MS, cpu.a() / puts / 1e6);
        turn.add(Metric.LIVE_CPU_B_MS, cpu.b() / puts / 1e6);
        sides.requireEqual();
        sides.leave();
    }

    /** When a sync began, when its session was open, and when each side could read what was new at the other. */
    private record Both(Instant start, Instant opened, Instant atA, Instant atB) {
        double took(double unit) {
            Instant end = atA.isAfter(atB) ? atA : atB;
            return micros(end) / unit;
        }

        double micros(Instant until) {
            return ChronoUnit.MICROS.between(start, until);
        }
    }

    /** A sync that brings B the documents from a number on, and A those after them. */
    private Both both(SyncedSides sides, String address, int from) throws IOException {
        int different = plan.different();
        sides.watch();
        Instant start = Instant.now();
        Instant opened = sides.open(address);
        Instant atB = latest(sides.arrivedAtB(from, different));
        return new Both(start, opened, latest(sides.arrivedAtA(from + different, different)), atB);
    }

    private static Instant latest(long[] micros) {
        return Instant.EPOCH.plus(Arrays.stream(micros).max().orElseThrow(), ChronoUnit.MICROS);
    }

    private void delayed(Turn turn, SyncedSides sides, String address) throws IOException {
        if (!turn.counts) {
            return;
        }
        try (CountingProxy proxy = new CountingProxy(SyncedSides.port(address), plan.delay())) {
            turn.add(
                    Metric.DELAYED_RESYNC_MS,
                    sides.sync(SyncedSides.through(address, proxy.port())).millis());
            turn.add(Metric.RESYNC_TRIPS, proxy.hops(false, Instant.now()) / 2.0);
            leave(sides, proxy);
        }
        int from = turn.documents + 4 * plan.different() + plan.livePuts();
        sides.fillA(from, plan.different(), plan.different());
        sides.fillB(from + plan.different(), plan.different(), plan.different());
        try (CountingProxy proxy = new CountingProxy(SyncedSides.port(address), plan.delay())) {
            Both both = both(sides, SyncedSides.through(address, proxy.port()), from);
            turn.add(Metric.DELAYED_DIFF_MS, both.took(MICROS));
            turn.add(Metric.DIFF_TRIPS, Math.max(proxy.hops(true, both.atA()), proxy.hops(false, both.atB())) / 2.0);
            if (turn.participant.ours()) {
                turn.add(Metric.DELAYED_OPEN_MS, both.micros(both.opened()) / MICROS);
                turn.add(Metric.OPEN_TRIPS, proxy.hops(false, both.opened()) / 2.0);
            }
            leave(sides, proxy);
        }
        sides.requireEqual();
    }

    /** What is still on its way arrives before the connection ends. */
    private void leave(SyncedSides sides, CountingProxy proxy) {
        quiet(proxy);
        LockSupport.parkNanos(plan.delay().toNanos());
        sides.leave();
    }

    /** The first sync of processes that have just been started. */
    public void cold() throws IOException {
        List<Participant> order = new ArrayList<>(participants);
        for (int round = 0; round < plan.rounds(); round++) {
            for (Participant participant : order) {
                int documents = participant.reasonable(plan.coldDocuments());
                new Turn(Workload.COLD, participant, documents, round, true).run(this::cold);
            }
            Collections.rotate(order, 1);
        }
    }

    private void cold(Turn turn) throws IOException {
        try (ProcessPair pair = turn.participant.start(plan.jvm());
                SyncedSides sides = turn.sides(pair)) {
            sides.fillA(0, turn.documents, plan.batch());
            SyncedSides.Took took = sides.sync(sides.serve());
            turn.add(Metric.COLD_MS, took.millis());
            if (turn.participant.ours()) {
                turn.add(Metric.OPEN_MS, took.opened());
            }
            sides.requireEqual();
            sides.leave();
        }
    }
}
