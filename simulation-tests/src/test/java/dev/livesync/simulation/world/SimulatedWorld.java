package dev.livesync.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Summary;
import dev.livesync.core.protocol.NaiveReplicaMerge;
import dev.livesync.database.Database;
import dev.livesync.database.disk.SimulatedDisk;
import dev.livesync.transport.memory.MemoryFaults;
import dev.livesync.transport.memory.MemoryLink;
import dev.livesync.transport.memory.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** One world and what happens in it. Whatever is wrong is an {@link AssertionError}. */
final class SimulatedWorld {
    private static final int KEYS = 12;
    private static final int MOST_MACHINES = 8;

    private final Random random;
    private final Clockwork clockwork;
    private final MemoryNetwork network = new MemoryNetwork();
    private final List<Machine> machines = new ArrayList<>();
    private final List<Machine.Backup> backups = new ArrayList<>();
    private final Map<Action.What, Integer> happened = new EnumMap<>(Action.What.class);
    private final Defect defect;
    private int crashes;

    /** The same seed makes the same world, and the same plan the same history. */
    SimulatedWorld(long seed, int count, Defect defect) {
        this.defect = defect;
        random = new Random(seed);
        clockwork = new Clockwork(new Random(random.nextLong()));
        clockwork.afterEach(this::crashWhatHasStopped);
        for (int i = 0; i < count; i++) {
            Machine machine = add();
            machine.start();
            if (i > 0) {
                machine.keep(machines.get(random.nextInt(i)).name());
            }
        }
    }

    /** How often each kind of thing has happened, other than in vain. */
    Map<Action.What, Integer> happened() {
        return happened;
    }

    int crashes() {
        return crashes;
    }

    long steps() {
        return clockwork.steps();
    }

    Duration time() {
        return Duration.ofNanos(clockwork.nanos());
    }

    private Machine add() {
        Machine machine = new Machine(
                "m" + machines.size(),
                clockwork,
                network,
                new Random(random.nextLong()),
                random.nextInt(5) == 0,
                defect);
        machines.add(machine);
        return machine;
    }

    private Machine named(String name) {
        return machines.get(Integer.parseInt(name.substring(1)));
    }

    private void crashWhatHasStopped() {
        for (Machine machine : machines) {
            if (machine.isUp() && machine.disk().hasStopped()) {
                crash(machine);
            }
        }
    }

    private void crash(Machine machine) {
        crashes++;
        machine.crash();
    }

    // ---- what happens

    void act(Action action) {
        clockwork.reseed(action.a() * 1_000_003L + action.b());
        if (act(action.what(), machines.get(action.machine()), action.a(), action.b())) {
            happened.merge(action.what(), 1, Integer::sum);
        }
        crashWhatHasStopped();
    }

    private boolean act(Action.What what, Machine machine, int a, int b) {
        String id = "k" + a % KEYS;
        switch (what) {
            case PUT -> machine.use(db -> db.put(id, "{\"by\":\"" + machine.name() + "\",\"n\":" + b + "}"));
            case BATCH ->
                machine.use(db -> db.write(batch -> {
                    for (int i = 0; i <= b % 5; i++) {
                        batch.put("k" + (a + i) % KEYS, "{\"batch\":" + (b + i) + "}");
                    }
                }));
            case DELETE ->
                machine.use(db -> {
                    if (db.get(id).isPresent()) {
                        db.delete(id);
                    }
                });
            case LARGE -> machine.use(db -> db.put(id, "{\"large\":\"" + large(b) + "\"}"));
            case IMPORT ->
                machine.use(db -> db.write(batch -> {
                    for (int i = 0; i < 60; i++) {
                        batch.put("import" + a % 5 + "-" + i, "{\"import\":" + (b + i) + "}");
                    }
                }));
            case COMPACT -> machine.use(Database::compact);
            case CRASH -> {
                if (!machine.isUp()) {
                    return false;
                }
                crash(machine);
            }
            case CRASH_AT_OPERATION -> {
                if (!machine.isUp()) {
                    return false;
                }
                int at = machine.disk().operations() + a % 40;
                machine.faults(
                        (operation, kind) -> operation == at ? SimulatedDisk.Fault.CRASH : SimulatedDisk.Fault.NONE,
                        false);
            }
            case RESTART -> {
                if (machine.isUp()) {
                    return false;
                }
                if (machine.start()) {
                    checkAfterStart(machine);
                }
            }
            case DISK_FAILS, DISK_IS_FULL -> {
                int from = machine.disk().operations() + a % 10;
                int to = from + 1 + b % 20;
                boolean full = what == Action.What.DISK_IS_FULL;
                machine.faults(
                        (operation, kind) -> operation >= from
                                        && operation < to
                                        && (!full
                                                || kind == SimulatedDisk.Kind.WRITE
                                                || kind == SimulatedDisk.Kind.CREATE)
                                ? SimulatedDisk.Fault.ERROR
                                : SimulatedDisk.Fault.NONE,
                        true);
            }
            case CUT -> {
                return onLink(a, MemoryLink::cut);
            }
            case CUT_AFTER -> {
                return onLink(a, link -> link.cutAfter(side(b), b % 30));
            }
            case HALF_OPEN -> {
                return onLink(a, MemoryLink::silence);
            }
            case PARTITION -> {
                if (b % 2 == 0) {
                    network.faults().refuseDials(ErrorKind.UNREACHABLE);
                } else {
                    network.faults().holdDials();
                }
                network.faults().cutAll();
            }
            case HEAL -> network.faults().acceptDials();
            case DELAYS ->
                network.faults()
                        .onLink(
                                b % 3 == 0
                                        ? link -> {}
                                        : MemoryFaults.randomDelays(a, Duration.ofMillis(1 + b % 3_000)));
            case KEEP -> {
                Machine other = machines.get(a % machines.size());
                if (other == machine) {
                    return false;
                }
                machine.keep(other.name());
            }
            case CLOCK_JUMPS -> machine.jump(Duration.ofSeconds(a % 100_000 - 50_000));
            case BACKUP -> backups.add(machine.backup());
            case RESTORE -> {
                if (backups.isEmpty()) {
                    return false;
                }
                if (machine.isUp()) {
                    crash(machine);
                }
                machines.forEach(other -> other.isStale(other.sessionsTo(machine)));
                machine.restore(backups.get(a % backups.size()));
            }
            case CLONE -> {
                if (machines.size() == MOST_MACHINES) {
                    return false;
                }
                Machine clone = add();
                clone.restore(machine.backup());
                clone.keep(machine.name());
            }
            case DELIVER -> machine.deliver(a, this::named);
            case STEPS -> clockwork.steps(1 + a % 200);
            case PASS -> clockwork.pass(Duration.ofMillis((long) Math.exp(a % 1000 / 1000.0 * 11.5)));
        }
        return true;
    }

    private static String large(int b) {
        StringBuilder text = new StringBuilder();
        Random random = new Random(b);
        int length = 10_000 + b % 60_000;
        while (text.length() < length) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    private boolean onLink(int which, Consumer<MemoryLink> what) {
        List<MemoryLink> links = network.faults().links();
        if (links.isEmpty()) {
            return false;
        }
        what.accept(links.get(which % links.size()));
        return true;
    }

    private static MemoryLink.Side side(int number) {
        return number % 2 == 0 ? MemoryLink.Side.DIALER : MemoryLink.Side.LISTENER;
    }

    // ---- what has to hold

    private void checkAfterStart(Machine machine) {
        if (machine.disk().hasStopped()) {
            return;
        }
        assertThat(machine.database().verify().problems())
                .as("%s after a start", machine.name())
                .isEmpty();
        checkPromises(machine);
    }

    private void checkPromises(Machine machine) {
        Map<Cid, Event> events = machine.events();
        Set<Cid> lost = new HashSet<>(machine.promised());
        lost.removeAll(events.keySet());
        assertThat(lost).as("acknowledged at %s and gone", machine.name()).isEmpty();
        Set<Cid> heads = new HashSet<>(events.keySet());
        events.values().forEach(event -> {
            assertThat(events.keySet()).as("closure at %s", machine.name()).containsAll(event.parents());
            heads.removeAll(event.parents());
        });
        assertThat(machine.database().clock())
                .as("the clock of %s", machine.name())
                .containsExactlyInAnyOrderElementsOf(heads);
    }

    /** No more faults: all become equal within a time, and have whatever was promised. */
    void settle() {
        network.faults().acceptDials();
        network.faults().onLink(link -> {});
        for (Machine machine : machines) {
            machine.faults((operation, kind) -> SimulatedDisk.Fault.NONE, false);
            if (machine.isUp() && machine.disk().hasStopped()) {
                crash(machine);
            }
            if (!machine.isUp()) {
                assertThat(machine.start()).as("%s starts", machine.name()).isTrue();
            }
            checkAfterStart(machine);
        }
        // All are connected: each keeps one with a smaller number, or is a clone of one.
        for (int minutes = 0; minutes < 30 && !areEqual(); minutes++) {
            clockwork.pass(Duration.ofMinutes(1));
        }
        assertThat(areEqual()).as(this::describe).isTrue();
        Map<Cid, Event> events = machines.get(0).events();
        SortedMap<String, Value> expected = new NaiveReplicaMerge(events)
                .documents(machines.get(0).database().clock());
        for (Machine machine : machines) {
            checkPromises(machine);
            SortedMap<String, Value> documents = new TreeMap<>();
            machine.database().forEach(document -> documents.put(document.id(), document.value()));
            assertThat(documents).as("documents of %s", machine.name()).isEqualTo(expected);
            assertThat(machine.database().verify().problems())
                    .as("%s in the end", machine.name())
                    .isEmpty();
        }
    }

    private boolean areEqual() {
        List<Cid> clock = machines.get(0).database().clock();
        return machines.stream().allMatch(machine -> machine.database().clock().equals(clock));
    }

    private String describe() {
        StringBuilder text = new StringBuilder("equal in half an hour without faults:");
        for (Machine machine : machines) {
            Summary summary = machine.database().summary();
            text.append("\n  ")
                    .append(machine.name())
                    .append(' ')
                    .append(summary)
                    .append(' ')
                    .append(machine.database().clock());
            text.append(machine.sessions());
            machine.kept()
                    .forEach(peer -> text.append("\n    ")
                            .append(peer.address())
                            .append(' ')
                            .append(peer.status()));
        }
        return text.toString();
    }

    /** Frees what the machines hold. */
    void end() {
        machines.forEach(machine -> {
            if (machine.isUp()) {
                machine.crash();
            }
        });
    }
}
