package dev.livesync.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import dev.livesync.car.Keys;
import dev.livesync.core.protocol.NaiveReplicaMerge;
import dev.livesync.database.Database;
import dev.livesync.database.disk.SimulatedDisk;
import dev.livesync.grant.Grants;
import dev.livesync.replica.postgres.ModelledLink.Fault;
import dev.livesync.transport.memory.MemoryFaults;
import dev.livesync.transport.memory.MemoryLink;
import dev.livesync.transport.memory.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One world and what happens in it. Whatever is wrong is an {@link AssertionError}. */
final class SimulatedWorld {
    /** When the last fault is over, all that are connected are equal within this time; {@code docs/reliability.md} states it. */
    static final Duration EQUAL_WITHIN = Duration.ofMinutes(10);

    private static final int KEYS = 12;
    private static final List<Fault> LOST_ANSWERS = List.of(Fault.CUT, Fault.CUT_AFTER, Fault.CUT_MEANWHILE);
    private static final int MOST_MACHINES = 8;
    /** More than that, and the definitions take too long to follow in the middle of a world. */
    private static final int FEW_EVENTS = 200;

    private final Random random;
    private final Shape shape;
    private final Clockwork clockwork;
    private final MemoryNetwork network = new MemoryNetwork();
    private final List<Machine> machines = new ArrayList<>();
    private final List<Machine.Backup> backups = new ArrayList<>();
    private final Map<Action.What, Integer> happened = new EnumMap<>(Action.What.class);
    private final Map<String, Integer> reached = new TreeMap<>();
    private final Births births = new Births();
    private final Lookout lookout = new Lookout();
    private final Wiretap wiretap = new Wiretap();
    private final Machine.Place place;
    private final @Nullable WorldStore store;
    private final @Nullable Visitors visitors;
    private final @Nullable PlayedAlpha alpha;
    private final Map<String, Set<WorldContents>> erased = new HashMap<>();
    private final Map<String, Set<WorldContents>> namedBy = new HashMap<>();
    /** Groups in which somebody can't be seen. */
    private final Set<String> blinded = new HashSet<>();

    private Consumer<? super MemoryLink> delays = link -> {};
    private int crashes;

    /** The same seed makes the same world, and the same plan the same history. */
    SimulatedWorld(long seed, Shape shape, Defect defect) {
        this.shape = shape;
        random = new Random(seed);
        clockwork = new Clockwork(new Random(random.nextLong()));
        place = new Machine.Place(this, clockwork, shape, defect);
        network.faults().onLink(this::opened);
        store = shape.hubs() > 0 ? new WorldStore(this, clockwork, defect) : null;
        for (int i = 0; i < shape.machines(); i++) {
            add(shape.processes() && i % 2 == 1 ? "second" : "first");
        }
        Machine first = machines.get(0);
        Machine last = machines.get(machines.size() - 1);
        visitors = shape.guest()
                .map(rights -> new Visitors(
                        rights,
                        last,
                        first,
                        defect.grants(Grants.inMemory(), clockwork::nanos),
                        new Random(random.nextLong())))
                .orElse(null);
        alpha = shape.alpha()
                ? new PlayedAlpha(network, clockwork.life(), event -> births.born(event, first, clockwork.nanos()))
                : null;
        for (int i = 0; i < machines.size(); i++) {
            Machine machine = machines.get(i);
            if (!shape.mesh() && !isGuest(machine)) {
                int earlier = i;
                List<Machine> others = machines.stream()
                        .filter(other -> machines.indexOf(other) < earlier)
                        .filter(other -> other.group().equals(machine.group()))
                        .toList();
                if (!others.isEmpty() && !machine.isHub()) {
                    machine.keep(others.get(random.nextInt(others.size())).name());
                }
            }
            machine.start();
        }
        clockwork.afterEach(this::afterEach);
        clockwork.describedBy(this::describe);
    }

    MemoryNetwork network() {
        return network;
    }

    Lookout lookout() {
        return lookout;
    }

    /** How often each kind of thing has happened, other than in vain. */
    Map<Action.What, Integer> happened() {
        return happened;
    }

    /** What else was seen, and how often. */
    Map<String, Integer> reached() {
        return reached;
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

    private Machine add(String group) {
        Machine machine = new Machine(
                "m" + machines.size(),
                group,
                place,
                new Random(random.nextLong()),
                machines.size() < shape.hubs() ? store : null);
        machines.add(machine);
        return machine;
    }

    private Machine named(String name) {
        return machines.get(Integer.parseInt(name.replaceAll("[^0-9]", "")));
    }

    private boolean isGuest(Machine machine) {
        return visitors != null && machine == visitors.guest();
    }

    private void opened(MemoryLink link) {
        if (!shape.binding() && (!shape.alpha() || link.address().startsWith("memory:"))) {
            wiretap.on(link);
        }
        delays.accept(link);
    }

    private void afterEach() {
        for (Machine machine : machines) {
            if (machine.isUp() && !machine.isStanding()) {
                if (machine.hasStopped()) {
                    crash(machine);
                } else {
                    machine.look(false);
                    machine.checkLimits();
                }
            }
        }
        wiretap.check();
        if (alpha != null) {
            alpha.check();
        }
    }

    private void crash(Machine machine) {
        crashes++;
        machine.crash();
        if (shape.processes()) {
            int number = machines.indexOf(machine) ^ 1;
            if (number < machines.size() && machines.get(number).isUp()) {
                machines.get(number).crash();
            }
        }
    }

    // ---- what machines tell

    /** Somebody is about to erase a content, or may be. */
    void mayBeErased(WorldContents content, String group) {
        erased.computeIfAbsent(group, none -> new HashSet<>()).add(content);
    }

    /** Whether somebody may have erased it. */
    boolean isErasedBySomebody(WorldContents content, String group) {
        return erased.getOrDefault(group, Set.of()).contains(content);
    }

    /** A document is about to name a content. */
    void named(WorldContents content, String id) {
        namedBy.computeIfAbsent(id, none -> new HashSet<>()).add(content);
    }

    /** What a document may have named in some version. */
    Set<WorldContents> namedBy(String id) {
        return namedBy.getOrDefault(id, Set.of());
    }

    void born(Cid event, Machine author) {
        births.born(event, author, clockwork.nanos());
    }

    void requireAllowed(Event event, Machine where) {
        Births.Birth birth = births.of(event.cid());
        if (birth == null) {
            if (shape.alpha() && event.key().equals(Keys.RESERVED)) {
                return; // a bridge, which an alpha has brought back as a parent
            }
            if (blinded.contains(where.group())) {
                return; // of somebody whose database could not be read
            }
            throw new AssertionError(event.cid() + " is at " + where.name() + ", and nobody wrote it");
        }
        if (!birth.author().group().equals(where.group())) {
            throw new AssertionError(event.cid() + " of " + birth.author().name() + " is at " + where.name()
                    + ", which is another database");
        }
        if (visitors != null) {
            visitors.requireAllowed(event.cid(), birth, where);
        }
    }

    /** Somebody's new events are not seen any more, for damage. */
    void cannotSee(Machine machine) {
        blinded.add(machine.group());
    }

    void changedBehindTheirBacks(Machine machine) {
        machines.forEach(other -> other.isStale(other.sessionsTo(machine)));
    }

    /** While some hubs are in the middle of something, another one writes. */
    void writeAtAnotherHub() {
        Machine other = machines.get(clockwork.draw(shape.hubs()));
        if (other.isUp() && !other.isStanding() && !other.hasStopped()) {
            String id = "k" + clockwork.draw(KEYS);
            int number = clockwork.draw(1 << 20);
            other.use(db -> db.put(id, document("{\"meanwhile\":" + number + "}")));
            count("writes at a hub while another one is in a transaction");
        }
    }

    void count(String what) {
        reached.merge(what, 1, Integer::sum);
    }

    // ---- what happens

    void act(Action action) {
        clockwork.reseed(action.a() * 1_000_003L + action.b());
        if (act(action.what(), machines.get(action.machine()), action.a(), action.b())) {
            happened.merge(action.what(), 1, Integer::sum);
        }
        afterEach();
        for (Machine machine : machines) {
            if (machine.isUp()) {
                for (Session session : machine.sync().sessions()) {
                    count("session " + session.status().name());
                    count(session.transport() + ", " + session.peer().authentication());
                    count(session.peer().features().contains("native") ? "native dialect" : "texts");
                }
            }
        }
    }

    private boolean act(Action.What what, Machine machine, int a, int b) {
        if (store != null) {
            switch (what) {
                case COMPACT, BIT_FLIPS, BACKUP, RESTORE, CLONE -> {
                    if (machine.isHub()) { // whose disk nobody needs
                        return false;
                    }
                }
                case HUB_STALLS, HUB_IS_CUT_OFF, ANSWER_IS_LOST, HUB_FOLLOWS_LATE -> {
                    HubProcess hub = machines.get(a % shape.hubs()).hub();
                    return hub != null && toHub(what, hub, a / shape.hubs(), b);
                }
                case CRASH_AT_OPERATION, DISK_FAILS, DISK_IS_FULL -> {
                    if (machine.isHub()) {
                        HubProcess hub = machine.hub();
                        return hub != null && toHub(what, hub, a, b);
                    }
                }
                default -> {}
            }
        }
        String id = "k" + a % KEYS;
        switch (what) {
            case PUT -> {
                return machine.use(db -> db.put(id, document("{\"by\":\"" + machine.name() + "\",\"n\":" + b + "}")));
            }
            case BATCH -> {
                return machine.use(db -> db.write(batch -> {
                    for (int i = 0; i <= b % 5; i++) {
                        batch.put("k" + (a + i) % KEYS, document("{\"batch\":" + (b + i) + "}"));
                    }
                }));
            }
            case DELETE -> {
                return machine.use(db -> {
                    if (db.get(id).isPresent()) {
                        db.delete(id);
                    }
                });
            }
            case LARGE -> {
                return machine.use(db -> db.put(id, document("{\"large\":\"" + large(b, 5_000 + b % 50_000) + "\"}")));
            }
            case HUGE -> {
                return machine.use(db ->
                        db.put(id, document("{\"huge\":\"" + large(b, 100_000 + b % 300_000) + "\"}")));
            }
            case IMPORT -> {
                return machine.use(db -> db.write(batch -> {
                    for (int i = 0; i < 40; i++) {
                        batch.put("import" + a % 5 + "-" + i, document("{\"import\":" + (b + i) + "}"));
                    }
                }));
            }
            case COMPACT -> {
                return machine.use(Database::compact);
            }
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
                } else {
                    count("starts refused");
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
            case BIT_FLIPS -> {
                changedBehindTheirBacks(machine);
                machine.flip(new Random(a));
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
            case STOPS_READING -> {
                return onLink(a, link -> link.stopReading(side(b)));
            }
            case READS_AGAIN -> {
                return onLink(a, link -> link.resumeReading(side(b)));
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
                delays = b % 3 == 0 ? link -> {} : MemoryFaults.randomDelays(a, Duration.ofMillis(1 + b % 3_000));
            case KEEP -> {
                Machine other = machines.get(a % machines.size());
                if (!mayMeet(machine, other)) {
                    return false;
                }
                machine.keep(other.name());
            }
            case DIAL -> {
                return dial(machine, machines.get(a % machines.size()), b % 4 == 0);
            }
            case WRONG_DOOR -> {
                Machine other = machines.get(a % machines.size());
                if (!machine.isUp() || other.group().equals(machine.group())) {
                    return false;
                }
                mustFail(machine, other, Machine.SECRET);
            }
            case SIGNAL -> {
                return signal(machine, machines.get(a % machines.size()));
            }
            case CLOCK_JUMPS -> machine.jump(Duration.ofSeconds(a % 100_000 - 50_000));
            case BACKUP -> {
                if (isGuest(machine)) {
                    return false;
                }
                backups.add(machine.backup());
            }
            case RESTORE -> {
                if (backups.isEmpty() || isGuest(machine)) {
                    return false;
                }
                Machine.Backup backup = backups.get(a % backups.size());
                if (!backup.group().equals(machine.group())) {
                    return false;
                }
                if (machine.isUp()) {
                    crash(machine);
                }
                changedBehindTheirBacks(machine);
                machine.restore(backup);
            }
            case CLONE -> {
                if (machines.size() == MOST_MACHINES || isGuest(machine) || shape.processes()) {
                    return false;
                }
                Machine clone = add(machine.group());
                clone.restore(machine.backup());
                if (!shape.mesh()) {
                    clone.keep(machine.name());
                }
            }
            case REVOKE -> {
                return visitors != null && visitors.revoke(clockwork.nanos());
            }
            case NEW_SECRET -> {
                if (visitors == null) {
                    return false;
                }
                visitors.giveSecret();
            }
            case ALPHA_MEETS -> {
                if (alpha == null || !machines.get(0).isUp()) {
                    return false;
                }
                alpha.meet(machines.get(0).sync());
            }
            case ALPHA_PUTS -> {
                return alpha != null
                        && alpha.put(
                                id, new Value.Mapping(Map.of("by", new Value.Text("alpha"), "n", new Value.Int(b))));
            }
            case ATTACH -> {
                return machine.attach(WorldContents.of(a), "k" + b % KEYS);
            }
            case FETCH -> {
                return machine.fetch(WorldContents.of(a));
            }
            case ERASE -> {
                return machine.erase(WorldContents.of(a), "k" + b % KEYS, b / KEYS % 2 == 0);
            }
            case FORGET_PAST -> {
                return machine.forgetPast(b % 3);
            }
            case COLLECT -> {
                return machine.use(db -> db.attachments().collect());
            }
            case HUB_STALLS, HUB_IS_CUT_OFF, ANSWER_IS_LOST, HUB_FOLLOWS_LATE -> {
                return false; // nobody is one
            }
            case PRIMARY_DIES -> {
                if (store == null) {
                    return false;
                }
                store.dies(b % 20_000);
            }
            case STORE_IS_FULL -> {
                if (store == null) {
                    return false;
                }
                store.isFull(b % 20_000);
            }
            case STORE_GOES_BACK -> {
                return store != null
                        && goBack(store, a % 3 == 0 ? b % (store.server().commits() + 1) + 1 : 1 + b % 5);
            }
            case LOOK -> {
                if (store != null && machine.isHub() && !isInStep(machine)) {
                    store.checkStored();
                    store.checkPromises();
                    return false;
                }
                if (!machine.isUp()
                        || machine.isDamaged()
                        || machine.witness().events().size() > FEW_EVENTS) {
                    return false;
                }
                checkDocuments(machine, new HashMap<>());
                machine.checkContents();
            }
            case DELIVER -> {
                return machine.deliver(a, this::named);
            }
            case STEPS -> clockwork.steps(1 + a % 200);
            case PASS -> {
                clockwork.pass(Duration.ofMillis((long) Math.exp(a % 1000 / 1000.0 * 11.5)));
                machines.forEach(Machine::checkDeadlines);
            }
        }
        return true;
    }

    /** What happens to a process that shares a store. */
    private boolean toHub(Action.What what, HubProcess hub, int a, int b) {
        int at = hub.link().operations() + a % 12;
        switch (what) {
            case HUB_STALLS -> hub.faults().stall(at);
            case HUB_IS_CUT_OFF, DISK_FAILS -> {
                for (int i = 0; i <= (what == Action.What.DISK_FAILS ? b % 20 : b % 2); i++) {
                    hub.faults().plan(at + i, b / 20 % 2 == 0 ? Fault.CUT : Fault.CUT_AFTER);
                }
            }
            case ANSWER_IS_LOST -> hub.faults().planCommit(a % 2, LOST_ANSWERS.get(b % LOST_ANSWERS.size()));
            case HUB_FOLLOWS_LATE ->
                hub.followsLate(Duration.ofMillis(b % 60_000).toNanos());
            case CRASH_AT_OPERATION -> hub.faults().plan(at, Fault.CRASH);
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean goBack(WorldStore shared, int commits) {
        if (!shared.goBack(commits)) {
            return false;
        }
        for (Machine machine : machines) {
            if (machine.isHub()) {
                changedBehindTheirBacks(machine);
                machine.hasLost();
            }
        }
        return true;
    }

    /** Whether a hub's documents are those of what it shows to peers: they follow it. */
    private static boolean isInStep(Machine machine) {
        if (!machine.isUp()) {
            return false;
        }
        try (Snapshot snapshot = machine.database().replica().snapshot()) {
            return snapshot.heads().equals(machine.database().clock());
        }
    }

    static String document(String json) {
        return json.substring(0, json.length() - 1) + ",\"mark\":\"" + Wiretap.MARK + "\"}";
    }

    private static String large(int seed, int length) {
        StringBuilder text = new StringBuilder(length);
        long state = seed | 1;
        while (text.length() < length) {
            state = state * 0x5851f42d4c957f2dL + 0x14057b7ef767814fL;
            text.append((char) ('a' + (state >>> 33) % 26));
        }
        return text.toString();
    }

    private boolean mayMeet(Machine one, Machine other) {
        return one != other && one.group().equals(other.group()) && !isGuest(one) && !isGuest(other);
    }

    /** One more session, for as long as it lasts; or none, with a wrong secret. */
    private boolean dial(Machine machine, Machine other, boolean wrongly) {
        if (!machine.isUp() || machine == other || !wrongly && !mayMeet(machine, other)) {
            return false;
        }
        if (wrongly) {
            mustFail(machine, other, "not-" + Machine.SECRET);
        } else {
            var unused = machine.sync().dial("memory:" + other.name(), Machine.SECRET);
        }
        return true;
    }

    private void mustFail(Machine machine, Machine other, String secret) {
        var unused = machine.sync().dial("memory:" + other.name(), secret).whenComplete((session, failure) -> {
            count(session == null ? "wrong secrets and names refused" : "wrong secrets and names taken");
        });
    }

    /** A session through an offer and an answer, which somebody carries. */
    private boolean signal(Machine machine, Machine other) {
        if (!machine.isUp() || !other.isUp() || !mayMeet(machine, other)) {
            return false;
        }
        var unused = machine.sync()
                .offer("memory-signal")
                .thenCompose(other.sync()::accept)
                .thenCompose(machine.sync()::connect);
        return true;
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
        if (machine.hasStopped() || machine.isDamaged()) {
            return;
        }
        assertThat(machine.problems()).as("%s after a start", machine.name()).isEmpty();
        checkPromises(machine);
        machine.checkContents();
    }

    private void checkPromises(Machine machine) {
        if (store != null && machine.isHub()) {
            store.checkPromises();
            return;
        }
        Set<Cid> lost = new HashSet<>(machine.promised());
        lost.removeAll(machine.witness().events().keySet());
        assertThat(lost).as("acknowledged at %s and gone", machine.name()).isEmpty();
    }

    private static void checkDocuments(Machine machine, Map<List<Cid>, SortedMap<String, Value>> known) {
        SortedMap<String, Value> expected = known.computeIfAbsent(
                machine.database().clock(),
                clock -> new NaiveReplicaMerge(machine.witness().events()).documents(clock));
        SortedMap<String, Value> documents = new TreeMap<>();
        machine.database().forEach(document -> documents.put(document.id(), document.value()));
        if (!documents.equals(expected)) {
            assertThat(documents).as("documents of %s", machine.name()).isEqualTo(expected);
        }
    }

    /** No more faults: all become equal within a time, and have whatever was promised. */
    void settle() {
        network.faults().acceptDials();
        delays = link -> {};
        network.faults().links().forEach(link -> {
            for (MemoryLink.Side side : MemoryLink.Side.values()) {
                link.resumeReading(side);
            }
        });
        for (Machine machine : machines) {
            machine.faults((operation, kind) -> SimulatedDisk.Fault.NONE, false);
            if (machine.isUp() && (machine.hasStopped() || machine.isDamaged())) {
                crash(machine);
            }
        }
        if (store != null) {
            store.calm();
        }
        for (Machine machine : machines) {
            if (!machine.isUp()) {
                assertThat(machine.start()).as("%s starts", machine.name()).isTrue();
            }
            checkAfterStart(machine);
        }
        if (alpha != null) {
            alpha.meet(machines.get(0).sync());
        }
        // All are connected: each keeps one with a smaller number, or is a clone of one.
        long start = clockwork.nanos();
        long end = start + EQUAL_WITHIN.toNanos();
        while (!areEqual() && clockwork.nanos() < end) {
            clockwork.pass(Duration.ofSeconds(5));
        }
        count("equal within " + Long.highestOneBit((clockwork.nanos() - start) / 5_000_000_000L) * 5 + " s");
        if (!areEqual()) {
            throw new AssertionError(
                    "not equal within " + EQUAL_WITHIN.toMinutes() + " minutes without faults:" + describe());
        }
        Map<List<Cid>, SortedMap<String, Value>> known = new HashMap<>();
        for (Machine machine : machines) {
            checkPromises(machine);
            checkDocuments(machine, known);
            assertThat(machine.problems()).as("%s in the end", machine.name()).isEmpty();
            machine.checkDeadlines();
            if (shape.attachments()) {
                machine.checkContents();
                machine.checkErasures(machines.stream()
                        .filter(other -> other.group().equals(machine.group()))
                        .findFirst()
                        .orElseThrow());
            }
        }
        if (alpha != null) {
            assertThat(alpha.unreadable()).as("what the alpha reads from").isNull();
        }
        if (store != null) {
            store.checkStored();
        }
        assertThat(reached).as("what must never be").doesNotContainKey("wrong secrets and names taken");
        machines.forEach(machine -> {
            if (machine.repairs() > 0) {
                reached.merge("repairs", machine.repairs(), Integer::sum);
            }
        });
    }

    private boolean areEqual() {
        Map<String, List<Cid>> clocks = new HashMap<>();
        for (Machine machine : machines) {
            List<Cid> clock = machine.database().clock();
            if (isGuest(machine)
                    ? !guestHasAll()
                    : !clocks.computeIfAbsent(machine.group(), group -> clock).equals(clock)) {
                return false;
            }
        }
        return alpha == null || alphaHasAll();
    }

    /** Whether everything has passed that may. */
    private boolean guestHasAll() {
        if (visitors == null || visitors.isRevoked()) {
            return true;
        }
        Set<Cid> there = visitors.guest().witness().events().keySet();
        Set<Cid> here = machines.get(0).witness().events().keySet();
        return (!visitors.rights().canRead() || there.containsAll(here))
                && (!visitors.rights().canWrite() || here.containsAll(there));
    }

    private boolean alphaHasAll() {
        Map<Cid, Event> here = machines.get(0).witness().events();
        return alpha != null
                && alpha.isComplete()
                && alpha.events().keySet().containsAll(here.keySet())
                && alpha.showsWhatHolds();
    }

    private String describe() {
        StringBuilder text = new StringBuilder(" of " + shape);
        if (alpha != null && !alphaHasAll()) {
            text.append("\n  an alpha with ")
                    .append(alpha.events().size())
                    .append(" events and clock ")
                    .append(alpha.clock())
                    .append(", ")
                    .append(alpha.connection())
                    .append(alpha.isComplete() ? ", complete " + alpha.unreadable() : ", incomplete");
        }
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
