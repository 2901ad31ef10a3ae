package dev.livesync.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.Tuned;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.core.message.Feature;
import dev.livesync.core.seal.CipherWarmUp;
import dev.livesync.core.session.PromptDatabase;
import dev.livesync.core.session.TransitMemory;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.SimulatedDatabase;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.disk.DiskFile;
import dev.livesync.database.disk.SimulatedDisk;
import dev.livesync.grant.Grants;
import dev.livesync.mesh.MeshOptions;
import dev.livesync.transport.memory.MemoryConfiguration;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A disk, and most of the time a process that has a database there and keeps some peers. */
final class Machine {
    static final String SECRET = "simulated-secret-0123456789abcdef-XYZ";

    private static final int MOST_FETCHED = 3;

    /** So many more files than there are on its disk a database has open at most; {@code docs/reliability.md} states it. */
    static final int MORE_OPEN_FILES = 4;

    /** What one message of a peer may take beyond the memory that there is: the largest document of a world, and what is around it. */
    private static final long ONE_MESSAGE = 4 << 20;

    /** Where it is, and what is beside it. */
    record Place(SimulatedWorld world, Clockwork clockwork, Shape shape, Defect defect) {}

    /** A disk as it was, and what had been promised of it. */
    record Backup(
            Map<String, byte[]> files,
            Set<Cid> promised,
            Set<WorldContents> contents,
            String group,
            boolean damaged,
            boolean scarred) {}

    private final String name;
    private final String group;
    private final Place place;
    private final Clockwork clockwork;
    private final Random luck;
    private final Set<Feature> features;
    private final MemoryConfiguration dialled;
    private final MemoryConfiguration signalled;
    private final boolean compactsLater;
    /** Whom it dials, by address, and with which secret. */
    private final Map<String, String> keeps = new TreeMap<>();
    /** What must be here, whatever happens: the application was told so, or a peer. */
    private final Set<Cid> promised = new LinkedHashSet<>();
    /** What was attached here, and has to be here as long as a version of a document names it and nobody erases it. */
    private final Set<WorldContents> contents = new LinkedHashSet<>();
    /** What is being fetched. */
    private final Deque<InputStream> fetched = new ArrayDeque<>();
    /** Sessions with what a peer was before its disk was changed: they may know of a promise that is no longer one. */
    private final Set<Session> stale = new LinkedHashSet<>();

    private @Nullable Grants grants;
    private final @Nullable WorldStore store;
    private SimulatedDisk disk;
    private boolean failing;
    /** Whether bits have flipped since all was checked. */
    private boolean damaged;
    /** Whether bits have flipped on this disk: a damaged piece is told of until somebody puts or brings it again, or it is collected. */
    private boolean scarred;
    /** Whether something was written here that may or may not be there. */
    private boolean unsure;
    /** Whether damage keeps from looking at what is new. */
    private boolean blind;

    private int repairs;
    private int sightings;
    private long clockOffset;
    /** Grows whenever the disk is exchanged for an older one, or damaged. */
    private int generation;

    private @Nullable Running running;
    private @Nullable SyncException lastEnd;

    /** What ends with the process. */
    private record Running(
            Clockwork.Life life,
            Plugs plugs,
            Database database,
            PromptDatabase prompt,
            Witness witness,
            Sync sync,
            List<KeptPeer> kept,
            @Nullable Runnable lookout,
            @Nullable HubProcess hub) {}

    /** With a store where it is one of the hubs that share it. */
    Machine(String name, String group, Place place, Random luck, @Nullable WorldStore store) {
        this.name = name;
        this.group = group;
        this.place = place;
        this.clockwork = place.clockwork;
        this.luck = luck;
        this.store = store;
        features = build(luck, place.shape.guest().isPresent());
        dialled = place.shape.wire(luck, true);
        signalled = place.shape.wire(luck, false);
        compactsLater = luck.nextBoolean();
        disk = fresh(new SimulatedDisk(luck));
    }

    /** What the build knows that runs here: most are of today. */
    private static Set<Feature> build(Random luck, boolean withRights) {
        int age = luck.nextInt(10);
        Set<Feature> known = age < 6 ? EnumSet.allOf(Feature.class) : Feature.ofTexts();
        if (age == 8) {
            known.remove(Feature.INTRODUCE);
        } else if (age == 9) {
            if (!withRights) {
                known.remove(Feature.RIGHTS);
            }
            known.remove(Feature.INTRODUCE);
        }
        return known;
    }

    private SimulatedDisk fresh(SimulatedDisk next) {
        place.defect.plant(next);
        return next;
    }

    String name() {
        return name;
    }

    /** Of machines with the same name here everybody gets what the others have. */
    String group() {
        return group;
    }

    boolean speaksNatively() {
        return features.contains(Feature.NATIVE);
    }

    int generation() {
        return generation;
    }

    int repairs() {
        return repairs;
    }

    SimulatedDisk disk() {
        return disk;
    }

    /** Whether what it has is in a store that others use, too. */
    boolean isHub() {
        return store != null;
    }

    /** What it has of the store; null if it is none of the hubs, or down. */
    @Nullable
    HubProcess hub() {
        return running == null ? null : running.hub;
    }

    /** Whether its process is in the middle of something while others go on. */
    boolean isStanding() {
        HubProcess hub = hub();
        return hub != null && store != null && store.isStanding(hub);
    }

    /** Whether the process, or the machine with it, is about to be gone. */
    boolean hasStopped() {
        HubProcess hub = hub();
        return hub == null ? disk.hasStopped() : hub.hasStopped();
    }

    void gaveBirth(Cid event) {
        place.world.born(event, this);
    }

    boolean isUp() {
        return running != null;
    }

    boolean isDamaged() {
        return damaged;
    }

    private Running up() {
        return Objects.requireNonNull(running, name + " is down");
    }

    Database database() {
        return up().database;
    }

    Sync sync() {
        return up().sync;
    }

    Witness witness() {
        return up().witness;
    }

    Set<Cid> promised() {
        return promised;
    }

    List<KeptPeer> kept() {
        return running == null ? List.of() : running.kept;
    }

    /** Lets callers in who have a grant, at an address of their own. */
    void admit(Grants callers) {
        grants = callers;
    }

    /** From the next start on, and now, it dials another one. */
    void keep(String peer) {
        keep(peer, SECRET);
    }

    void keep(String peer, String secret) {
        String before = keeps.put(peer, secret);
        if (!secret.equals(before) && running != null) {
            running.kept.add(running.sync.keep("memory:" + peer, secret));
        }
    }

    void jump(Duration by) {
        clockOffset += by.toNanos();
    }

    private Instant wallTime() {
        return Instant.ofEpochSecond(1_700_000_000L, clockwork.nanos() + clockOffset);
    }

    /** Starts the process; false if the disk does not let it. */
    boolean start() {
        if (running != null) {
            return true;
        }
        Clockwork.Life life = clockwork.life();
        HubProcess hub = store == null ? null : startHub(life, store);
        Database database = store == null ? open(life) : hub == null ? null : hub.database();
        if (database == null) {
            return false;
        }
        Plugs plugs = new Plugs(place.defect::wire);
        PromptDatabase prompt = new PromptDatabase(database, place.shape.attachments());
        Witness witness;
        int troubles = troubles();
        try {
            witness = new Witness(name, database, store);
        } catch (SyncException e) {
            if (hub != null) {
                hub.stop();
            }
            database.close();
            requireExcuse(e, troubles);
            stopDisk();
            return false;
        }
        if (hub != null) {
            hub.onChange(prompt::wake);
        }
        if (hub == null) {
            // What a crash left that nobody was told of.
            witness.events().keySet().forEach(event -> place.world.born(event, this));
        }
        unsure = false;
        blind = false;
        Sync sync = build(life, plugs, prompt);
        Lookout.Post post = place.shape.mesh() ? place.world.lookout().post(name + "-" + sightings++) : null;
        running = new Running(
                life,
                plugs,
                database,
                prompt,
                witness,
                sync,
                new ArrayList<>(),
                post == null ? null : post::close,
                hub);
        if (post != null) {
            var unused = sync.mesh(post, MeshOptions.at("memory:" + name).withSecret(SECRET));
        } else {
            var unused = sync.listen("memory:" + name, SECRET);
        }
        if (grants != null) {
            var unused = sync.listen("memory:" + name + "-guests", grants);
        }
        keeps.forEach((peer, secret) -> running.kept.add(sync.keep("memory:" + peer, secret)));
        return true;
    }

    private @Nullable HubProcess startHub(Clockwork.Life life, WorldStore shared) {
        int troubles = troubles();
        try {
            return new HubProcess(
                    this,
                    clockwork,
                    shared,
                    place.defect,
                    new HubProcess.Options(
                            life,
                            options(life).toBuilder()
                                    .maintenance(life.executor())
                                    .build(),
                            luck.nextLong()));
        } catch (SyncException e) {
            requireExcuse(e, troubles);
            return null;
        }
    }

    /** Whether it is a hub that may show what its store has lost. */
    private boolean isUnaware() {
        HubProcess hub = hub();
        boolean unaware = hub != null && !hub.knowsOfLosses();
        if (unaware) {
            place.world.count("refused by a hub that did not know of a loss yet");
        }
        return unaware;
    }

    private int troubles() {
        return store == null ? 0 : store.server().troubles();
    }

    private Sync build(Clockwork.Life life, Plugs plugs, PromptDatabase prompt) {
        Sync.Builder builder = Sync.builder(place.defect.replica(prompt))
                .executor(place.defect.executor(life.executor()))
                .time(
                        place.defect.scheduler(life.scheduler()),
                        place.defect.time(clockwork::nanos, () -> clockwork.nanos() + clockOffset))
                .clock(this::wallTime)
                .random(place.defect.random(new SplittableRandom(luck.nextLong())))
                .limits(limits())
                .allowAlpha(place.shape.alpha())
                .listener(new SyncListener() {
                    @Override
                    public void sessionClosed(Session session, @Nullable SyncException failure) {
                        place.world.count("sessions that ended: "
                                + (failure == null ? "in order" : failure.kind().name()));
                        lastEnd = failure;
                    }
                })
                .transport(plugs.of(place.world.network().provider(dialled)))
                .transport(plugs.of(place.world.network().signalling(signalled)));
        if (place.shape.processes() && place.defect.tellsDatabasesApart()) {
            builder.databaseName(group);
        }
        return Tuned.features(features, Tuned.networks(() -> Set.of("home"), Tuned.with(new CipherWarmUp(0), builder)))
                .build();
    }

    private SyncLimits limits() {
        return SyncLimits.builder()
                .deliveryTime(Duration.ofMillis(20))
                .closeTime(Duration.ofMillis(20))
                .transitBytes(place.shape.transitBytes())
                .build();
    }

    private @Nullable Database open(Clockwork.Life life) {
        boolean wasDamaged = damaged;
        try {
            Database database = SimulatedDatabase.open(disk, options(life), place.defect.parts());
            if (!wasDamaged || problems(database).isEmpty()) {
                damaged = false;
                return checked(database, wasDamaged);
            }
            database.close();
        } catch (SyncException e) {
            requireExcuse(e);
            if (!wasDamaged || disk.hasStopped()) {
                stopDisk();
                return null;
            }
        }
        return repaired(life);
    }

    private @Nullable Database repaired(Clockwork.Life life) {
        try {
            repairs++;
            place.world.cannotSee(this); // what was cut off may be complete again later
            SimulatedDatabase.repair(disk, options(life));
            Database database = SimulatedDatabase.open(disk, options(life), place.defect.parts());
            assertThat(problems(database)).as("%s after a repair", name).isEmpty();
            damaged = false;
            return checked(database, true);
        } catch (SyncException e) {
            if (!disk.hasStopped() && !failing) {
                throw new AssertionError(name + " cannot be repaired", e);
            }
            stopDisk();
            return null;
        }
    }

    /** What is wrong with what it has. */
    List<String> problems() {
        return problems(database());
    }

    private List<String> problems(Database database) {
        if (store != null) {
            return store.server().problems(WorldStore.DATABASE);
        }
        return database.verify().problems().stream()
                .filter(problem -> !scarred || !problem.contains("of an attachment is damaged"))
                .toList();
    }

    /** What damage has cost was promised in vain; who knew of it knows something old. */
    private Database checked(Database database, boolean afterDamage) {
        if (afterDamage) {
            generation++;
            place.world.changedBehindTheirBacks(this);
            Set<Cid> here = new Witness(name, database, null).events().keySet();
            promised.retainAll(here);
        }
        return database;
    }

    private void requireExcuse(SyncException e) {
        requireExcuse(e, troubles());
    }

    /** A hub may be refused where something has gone wrong since its store had so many troubles. */
    private void requireExcuse(SyncException e, int troubles) {
        boolean excused = hasStopped()
                || e.kind() == ErrorKind.STORAGE && troubles() > troubles
                || isUnaware() && e.kind() == ErrorKind.CORRUPT
                || failing
                || damaged && (e.kind() == ErrorKind.CORRUPT || e.kind() == ErrorKind.MALFORMED);
        if (!excused) {
            throw new AssertionError(name + " was refused by its database", e);
        }
    }

    private DatabaseOptions options(Clockwork.Life life) {
        DatabaseOptions.Builder options = DatabaseOptions.builder()
                .segmentBytes(1 << 14)
                .cacheBytes(0)
                .time(this::wallTime)
                .random(new Random(luck.nextLong()));
        return compactsLater ? options.maintenance(life.executor()).build() : options.build();
    }

    /** The process is killed, and the machine loses power: what the disk had not made durable may be gone. */
    void crash() {
        Running last = running;
        running = null;
        fetched.clear();
        disk.stop();
        if (last != null) {
            if (last.hub != null) {
                last.hub.stop();
            }
            last.life.end();
            last.plugs.pull();
            if (last.lookout != null) {
                last.lookout.run();
            }
            if (last.hub != null) {
                last.hub.close();
            }
            last.database.close();
            assertThat(disk.openFiles())
                    .as("files that %s has open after its end", name)
                    .isZero();
        }
        stopDisk();
    }

    private void stopDisk() {
        disk.stop();
        disk = fresh(disk.restart(luck));
        failing = false;
    }

    /** The disk does what it is told to, from now on. */
    void faults(SimulatedDisk.Faults faults, boolean refuses) {
        failing = refuses;
        disk.with(faults);
    }

    /** A bit on the platter is another one now. */
    void flip(Random where) {
        damaged = true;
        scarred = true;
        contents.clear();
        generation++;
        disk.flip(where);
    }

    Backup backup() {
        return new Backup(
                disk.bytes(), new LinkedHashSet<>(promised), new LinkedHashSet<>(contents), group, damaged, scarred);
    }

    void isStale(Collection<Session> sessions) {
        stale.addAll(sessions);
    }

    /** Exchanges the disk of a machine that is down for what it was once. */
    void restore(Backup backup) {
        generation++;
        damaged = backup.damaged;
        disk = fresh(filled(backup.files, luck));
        promised.clear();
        promised.addAll(backup.promised);
        contents.clear();
        contents.addAll(backup.contents);
        scarred = backup.scarred;
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
    boolean use(Consumer<Database> what) {
        if (running == null) {
            return false;
        }
        boolean done = false;
        int troubles = troubles();
        try {
            what.accept(running.database);
            done = true;
        } catch (SyncException e) {
            unsure = true;
            requireExcuse(e, troubles);
        } finally {
            look(true);
            running.prompt.wake();
        }
        if (done && !hasStopped()) {
            if (store == null) { // else it was noted by commits, whoever else writes there
                promised.addAll(running.database.clock());
            }
            return true;
        }
        place.world.count("writes refused");
        return false;
    }

    // ---- attachments

    private boolean isErased(WorldContents content) {
        return database().erasures().isErased(content.attachment());
    }

    /** Puts a content, and has a document name it. */
    boolean attach(WorldContents content, String id) {
        if (running == null || disk.hasStopped() || isErased(content)) {
            return false;
        }
        place.world.named(content, id);
        boolean done = use(db -> {
            try {
                db.attachments().put(new ByteArrayInputStream(content.bytes()), "a/b");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            String json = content.json();
            // Else a first event of two databases would be the same, and nobody could say whose it is.
            db.put(
                    id,
                    SimulatedWorld.document(
                            place.shape.processes() ? json.replaceFirst(".$", ",\"in\":\"" + group + "\"}") : json));
        });
        if (done) {
            contents.add(content);
        }
        return done;
    }

    /** Wants a content of its peers, until it wants a few others. */
    boolean fetch(WorldContents content) {
        if (running == null || disk.hasStopped() || isErased(content)) {
            return false;
        }
        try {
            fetched.add(database().attachments().open(content.attachment()));
            if (fetched.size() > MOST_FETCHED) {
                close(fetched.remove());
            }
        } catch (SyncException e) {
            requireExcuse(e);
            return false;
        }
        return true;
    }

    private static void close(InputStream stream) {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Erases a content, or a document with all that it has named. */
    boolean erase(WorldContents content, String id, boolean document) {
        (document ? place.world.namedBy(id) : Set.of(content)).forEach(each -> place.world.mayBeErased(each, group));
        boolean[] done = {false};
        return use(db -> {
                    try {
                        if (document) {
                            db.erasures().erase(List.of(id));
                        } else {
                            db.erasures().erase(content.attachment());
                        }
                        done[0] = true;
                    } catch (SyncException e) {
                        // There never was such a document, or another one names the same.
                        if (e.kind() != ErrorKind.NOT_FOUND && e.kind() != ErrorKind.CONFLICT) {
                            throw e;
                        }
                    }
                })
                && done[0];
    }

    /** Forgets what only versions name that were written over. */
    boolean forgetPast(int versions) {
        if (running == null || disk.hasStopped()) {
            return false;
        }
        return use(db -> {
            // This reads documents, too: a damaged one is told of here already.
            contents.removeIf(content -> !names(db, content));
            db.attachments().forgetPast(versions);
        });
    }

    private static boolean names(Database database, WorldContents content) {
        boolean[] found = {false};
        database.forEach(document -> found[0] |= Attachment.in(document.value(), "image")
                .filter(content.attachment()::equals)
                .isPresent());
        return found[0];
    }

    /** What was attached is here, and of what is erased nobody gets anything. */
    void checkContents() {
        if (!place.shape.attachments() || damaged || disk.hasStopped()) {
            return;
        }
        BlockExchange exchange = database().replica().blocks().orElseThrow();
        for (WorldContents content : WorldContents.ALL) {
            long missing = database().attachments().missing(content.attachment());
            if (isErased(content)) {
                contents.remove(content);
                assertThat(place.world.isErasedBySomebody(content, group))
                        .as("somebody has erased the %s, of which %s thinks so", content, name)
                        .isTrue();
                assertThat(missing).isEqualTo(content.bytes().length);
                assertThat(content.blocks())
                        .as("of the erased %s at %s", content, name)
                        .allMatch(cid -> exchange.block(cid) == null && !exchange.has(cid));
            } else if (contents.contains(content)) {
                assertThat(missing).as("of the %s at %s", content, name).isZero();
                // Else something is held back until a collection has found out what others need.
                if (database().erasures().remaining() == 0) {
                    assertThat(content.blocks())
                            .as("of the %s at %s", content, name)
                            .allMatch(cid -> exchange.block(cid) != null);
                }
            } else if (missing == 0) {
                place.world.count("contents that came from others");
            }
        }
    }

    /** All know of the same, and nothing of it is left anywhere. */
    void checkErasures(Machine other) {
        assertThat(database().erasures().roots())
                .as("erased at %s, as at %s", name, other.name)
                .isEqualTo(other.database().erasures().roots());
        fetched.forEach(Machine::close); // who waits for a content keeps what comes meanwhile
        fetched.clear();
        database().compact();
        assertThat(database().erasures().remaining()).isZero();
        for (WorldContents content : WorldContents.ALL) {
            if (isErased(content)) {
                place.world.count("contents that are erased");
                assertThat(content.isIn(disk.bytes()))
                        .as("the erased %s is in files of %s", content, name)
                        .isFalse();
            }
        }
        checkContents();
    }

    /** Looks at what is new in the database: whether it is right, and whether it may be here. */
    void look(boolean own) {
        if (running == null || blind || hasStopped()) {
            return;
        }
        int troubles = troubles();
        try {
            for (Event event : running.witness.look()) {
                if ((own || unsure) && store == null) {
                    place.world.born(event.cid(), this);
                }
                place.world.requireAllowed(event, this);
            }
        } catch (SyncException e) {
            requireExcuse(e, troubles);
            if (store == null) {
                goBlind();
            }
        }
    }

    private void goBlind() {
        blind = true;
        place.world.cannotSee(this);
    }

    /** What may be looked at after every step. */
    void checkLimits() {
        if (disk.openFiles() > disk.files() + MORE_OPEN_FILES) {
            throw new AssertionError(name + " has " + disk.openFiles() + " files open, and there are " + disk.files());
        }
        TransportContext context = running == null ? null : running.plugs.context();
        if (context != null) {
            for (long taken : TransitMemory.of(context)) {
                if (taken > place.shape.transitBytes() / 2) {
                    place.world.count("more memory than there is, for one message");
                }
                if (taken > place.shape.transitBytes() / 2 + ONE_MESSAGE) {
                    throw new AssertionError(name + " has " + taken + " bytes under way");
                }
            }
        }
    }

    /** Of a world in which nothing happens before time passes: everybody who waits has said until when. */
    void checkDeadlines() {
        if (running == null) {
            return;
        }
        long waiting = running.sync.sessions().stream()
                .filter(session -> !session.peer().isAlpha())
                .count();
        if (running.life.timers() < waiting) {
            throw new AssertionError(
                    name + " has " + waiting + " sessions and " + running.life.timers() + " deadlines" + sessions());
        }
    }

    /** Its sessions, for people. */
    String sessions() {
        StringBuilder text = new StringBuilder("\n    knows " + features + ", last end: " + lastEnd);
        if (running != null) {
            for (Session session : running.sync.sessions()) {
                text.append("\n    ")
                        .append(session.peer().remote())
                        .append(' ')
                        .append(session.transport())
                        .append(' ')
                        .append(session.status())
                        .append(session.equal() ? " equal " : " not equal ")
                        .append(session.statistics());
            }
        }
        return text.toString();
    }

    /** Each session whose peer is known by name, with that. */
    private Map<Session, String> known() {
        Map<Session, String> known = new java.util.LinkedHashMap<>();
        if (running == null) {
            return known;
        }
        for (KeptPeer peer : running.kept) {
            peer.status()
                    .session()
                    .ifPresent(session -> known.put(session, peer.address().substring("memory:".length())));
        }
        for (Session session : running.sync.sessions()) {
            session.peer().meshName().ifPresent(there -> known.put(session, there.substring(0, there.indexOf('-'))));
        }
        return known;
    }

    /** The sessions of its own that lead to a peer. */
    List<Session> sessionsTo(Machine peer) {
        List<Session> found = new ArrayList<>();
        known().forEach((session, there) -> {
            if (there.equals(peer.name) || there.equals(peer.name + "-guests")) {
                found.add(session);
            }
        });
        return found;
    }

    /** Asks a session with somebody to tell when he has everything, and remembers it as his promise. */
    boolean deliver(int which, Function<String, Machine> machines) {
        Map<Session, String> known = known();
        if (known.isEmpty()) {
            return false;
        }
        Session session = List.copyOf(known.keySet()).get(which % known.size());
        if (stale.contains(session)) {
            return false;
        }
        Machine there = machines.apply(Objects.requireNonNull(known.get(session)));
        int then = there.generation;
        List<Cid> clock = database().clock();
        var unused = session.delivered(clock).whenComplete((nothing, failure) -> {
            if (failure == null && there.generation == then) {
                there.hasPromised(clock);
                place.world.count("deliveries");
            }
        });
        return true;
    }

    /** Somebody was told that all up to there is here. */
    private void hasPromised(List<Cid> clock) {
        HubProcess hub = hub();
        if (store == null) {
            promised.addAll(clock);
        } else if (hub != null) {
            store.promised(hub, clock);
        }
    }

    /** What it has may be older than what others were told of. */
    void hasLost() {
        generation++;
    }
}
