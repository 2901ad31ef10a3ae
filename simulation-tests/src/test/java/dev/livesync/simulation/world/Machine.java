package dev.livesync.simulation.world;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.Tuned;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.internal.TextSessions;
import dev.livesync.core.seal.CipherWarmUp;
import dev.livesync.core.session.PromptDatabase;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.SimulatedDatabase;
import dev.livesync.database.disk.DiskFile;
import dev.livesync.database.disk.SimulatedDisk;
import dev.livesync.transport.memory.MemoryNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A disk, and most of the time a process that has a database there and keeps some peers. */
final class Machine {
    private static final String SECRET = "simulated-secret-0123456789abcdef-XYZ";
    private static final SyncLimits LIMITS = SyncLimits.builder()
            .deliveryTime(Duration.ofMillis(20))
            .closeTime(Duration.ofMillis(20))
            .build();

    /** A disk as it was, and what had been promised of it. */
    record Backup(Map<String, byte[]> files, Set<Cid> promised) {}

    private final String name;
    private final Clockwork clockwork;
    private final MemoryNetwork network;
    private final Random luck;
    private final boolean texts;
    private final Defect defect;
    /** Whom it dials, by name. */
    private final Set<String> keeps = new TreeSet<>();
    /** What must be here, whatever happens: the application was told so, or a peer. */
    private final Set<Cid> promised = new LinkedHashSet<>();

    /** Sessions with what a peer was before it was restored: they may know of a promise that is no longer one. */
    private final Set<Session> stale = new HashSet<>();

    private SimulatedDisk disk;
    private boolean failing;
    private long clockOffset;
    /** Grows whenever the disk is exchanged for an older one. */
    private int generation;

    private @Nullable Running running;

    /** What ends with the process. */
    private record Running(
            Clockwork.Life life,
            Plugs plugs,
            Database database,
            PromptDatabase prompt,
            Sync sync,
            List<KeptPeer> kept) {}

    Machine(String name, Clockwork clockwork, MemoryNetwork network, Random luck, boolean texts, Defect defect) {
        this.name = name;
        this.clockwork = clockwork;
        this.network = network;
        this.luck = luck;
        this.texts = texts;
        this.defect = defect;
        this.disk = new SimulatedDisk(luck);
        defect.disk().accept(disk);
    }

    String name() {
        return name;
    }

    int generation() {
        return generation;
    }

    SimulatedDisk disk() {
        return disk;
    }

    boolean isUp() {
        return running != null;
    }

    Database database() {
        return Objects.requireNonNull(running, name + " is down").database;
    }

    Set<Cid> promised() {
        return promised;
    }

    List<KeptPeer> kept() {
        return running == null ? List.of() : running.kept;
    }

    /** From the next start on, and now, it dials another one. */
    void keep(String peer) {
        if (keeps.add(peer) && running != null) {
            running.kept.add(running.sync.keep("memory:" + peer, SECRET));
        }
    }

    void jump(Duration by) {
        clockOffset += by.toNanos();
    }

    /** Starts the process; false if the disk does not let it. */
    boolean start() {
        if (running != null) {
            return true;
        }
        Clockwork.Life life = clockwork.life();
        Database database;
        try {
            database = SimulatedDatabase.open(disk, options(), defect.parts());
        } catch (SyncException e) {
            if (!disk.hasStopped() && !failing) {
                throw new AssertionError(name + " does not open its database", e);
            }
            stopDisk();
            return false;
        }
        Plugs plugs = new Plugs(network.provider());
        PromptDatabase prompt = new PromptDatabase(database);
        Sync.Builder builder = Tuned.networks(
                        () -> Set.of("home"),
                        Tuned.with(
                                new CipherWarmUp(0),
                                Sync.builder(defect.replica().apply(prompt))))
                .executor(life.executor())
                .time(life.scheduler(), clockwork::nanos)
                .clock(() -> Instant.ofEpochSecond(1_700_000_000L, clockwork.nanos() + clockOffset))
                .random(new SplittableRandom(luck.nextLong()))
                .limits(LIMITS)
                .transport(plugs);
        Sync sync = (texts ? TextSessions.in(builder) : builder).build();
        running = new Running(life, plugs, database, prompt, sync, new ArrayList<>());
        var unused = sync.listen("memory:" + name, SECRET);
        for (String peer : keeps) {
            running.kept.add(sync.keep("memory:" + peer, SECRET));
        }
        return true;
    }

    private DatabaseOptions options() {
        return DatabaseOptions.builder()
                .segmentBytes(1 << 14)
                .cacheBytes(0)
                .time(() -> Instant.ofEpochSecond(1_700_000_000L, clockwork.nanos() + clockOffset))
                .random(new Random(luck.nextLong()))
                .build();
    }

    /** The process is killed, and the machine loses power: what the disk had not made durable may be gone. */
    void crash() {
        Running last = running;
        running = null;
        disk.stop();
        if (last != null) {
            last.life.end();
            last.plugs.pull();
            last.database.close();
        }
        stopDisk();
    }

    private void stopDisk() {
        disk.stop();
        disk = disk.restart(luck);
        defect.disk().accept(disk);
        failing = false;
    }

    /** The disk does what it is told to, from now on. */
    void faults(SimulatedDisk.Faults faults, boolean refuses) {
        failing = refuses;
        disk.with(faults);
    }

    Backup backup() {
        return new Backup(disk.bytes(), new LinkedHashSet<>(promised));
    }

    void isStale(Collection<Session> sessions) {
        stale.addAll(sessions);
    }

    /** Exchanges the disk of a machine that is down for what it was once. */
    void restore(Backup backup) {
        generation++;
        disk = filled(backup.files, luck);
        defect.disk().accept(disk);
        promised.clear();
        promised.addAll(backup.promised);
    }

    private static SimulatedDisk filled(Map<String, byte[]> files, Random luck) {
        SimulatedDisk disk = new SimulatedDisk(luck);
        try {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                try (DiskFile copy = disk.create(file.getKey())) {
                    copy.write(0, ByteBuffer.wrap(file.getValue()));
                    copy.force();
                }
            }
            disk.sync();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return disk;
    }

    /** The application does something; what it is told afterwards is a promise. A disk that refuses makes none. */
    void use(Consumer<Database> what) {
        if (running == null) {
            return;
        }
        try {
            what.accept(running.database);
        } catch (SyncException e) {
            if (!disk.hasStopped() && !failing) {
                throw new AssertionError(name + " was refused by its database", e);
            }
            return;
        } finally {
            running.prompt.wake();
        }
        if (!disk.hasStopped()) {
            promised.addAll(running.database.clock());
        }
    }

    /** Its sessions, for people. */
    String sessions() {
        StringBuilder text = new StringBuilder(texts ? "\n    speaks texts" : "");
        if (running != null) {
            for (Session session : running.sync.sessions()) {
                text.append("\n    ")
                        .append(session.peer().remote())
                        .append(' ')
                        .append(session.status())
                        .append(session.equal() ? " equal " : " not equal ")
                        .append(session.statistics());
            }
        }
        return text.toString();
    }

    /** The sessions of its own that lead to a peer. */
    List<Session> sessionsTo(Machine peer) {
        return kept().stream()
                .filter(kept -> kept.address().equals("memory:" + peer.name))
                .flatMap(kept -> kept.status().session().stream())
                .toList();
    }

    /** Asks a session of a kept peer to tell when that has everything, and remembers it as that peer's promise. */
    void deliver(int which, Function<String, Machine> machines) {
        List<KeptPeer> all = kept();
        if (all.isEmpty()) {
            return;
        }
        KeptPeer peer = all.get(which % all.size());
        Session session = peer.status().session().orElse(null);
        if (session == null || stale.contains(session)) {
            return;
        }
        Machine there = machines.apply(peer.address().substring("memory:".length()));
        int then = there.generation;
        List<Cid> clock = database().clock();
        var unused = session.delivered(clock).whenComplete((nothing, failure) -> {
            if (failure == null && there.generation == then) {
                there.promised.addAll(clock);
            }
        });
    }

    /** All complete events. */
    Map<Cid, Event> events() {
        Map<Cid, Event> events = new LinkedHashMap<>();
        try (Snapshot snapshot = database().replica().snapshot()) {
            for (Iterator<Cid> all = snapshot.eventsSince(List.of()); all.hasNext(); ) {
                Cid cid = all.next();
                events.put(cid, Objects.requireNonNull(snapshot.event(cid)));
            }
        }
        return events;
    }
}
