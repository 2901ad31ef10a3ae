package dev.livesync.cli;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.cli.hub.HubHost;
import dev.livesync.cli.hub.HubRunner;
import dev.livesync.cli.hub.ServedEntry;
import dev.livesync.cli.web.StatusServer;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.group.SyncGroup;
import dev.livesync.replica.postgres.FreePort;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A day of a hub, as {@code serve} runs it, on a clock that is driven: some clients stay, others come, write, sync and go; wires are cut, strangers call,
 * grants are rotated, the file is read again, commands run on the open databases, somebody looks at the status page. Now and then all that must be in
 * step is, and the process says what it holds. A process of its own: what it counts belongs to the whole process.
 */
public final class HubDay {
    /** How busy each hour of the day is, of 10. */
    private static final int[] BUSY = {1, 0, 0, 0, 0, 1, 3, 6, 9, 10, 9, 8, 7, 8, 9, 9, 8, 8, 9, 10, 8, 6, 4, 2};

    /** Full before long, so that it doesn't hide what grows. */
    private static final DatabaseOptions SMALL_CACHE =
            DatabaseOptions.builder().cacheBytes(128 << 10).build();

    private static final String[] NAMES = {"alone", "todos", "photos"};
    private static final int DOCUMENTS = 100;
    private static final int DEVICES = 12;
    private static final long MINUTE = Duration.ofMinutes(1).toNanos();
    private static final long PATIENCE_NANOS = Duration.ofMinutes(5).toNanos();

    private final DayClock clock = new DayClock();
    private final Path directory;
    private Map<String, Integer> threads = Map.of();
    private final Random random;
    private final Shell shell = new Shell();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, Integer> ports = new LinkedHashMap<>();
    private final Map<String, Integer> grants = new TreeMap<>();
    private final List<Resident> residents = new ArrayList<>();
    private ServeHost host;
    private HubRunner hub;
    private StatusServer page;
    private boolean tight;
    private int sessions;
    private int writes;
    private int cuts;
    private int strangers;
    private int reloads;
    private int commands;

    private HubDay(Path directory, long seed) {
        this.directory = directory;
        this.random = new Random(seed);
    }

    /** Arguments: {@code DIRECTORY FIRST-HOUR MINUTES MINUTES-BETWEEN-SAMPLES SEED}. */
    public static void main(String[] arguments) throws Exception {
        java.util.logging.Logger.getLogger("dev.livesync")
                .setLevel(java.util.logging.Level.SEVERE); // sessions end as they are told to
        HubDay day = new HubDay(Path.of(arguments[0]), Long.parseLong(arguments[4]));
        int code = 1;
        try {
            day.run(Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
            code = 0;
        } catch (Throwable e) {
            e.printStackTrace(System.out);
        } finally {
            System.exit(code);
        }
    }

    /** Somebody who stays: it keeps one database, or all of the group over one connection. */
    private final class Resident {
        private final Map<String, Database> databases = new LinkedHashMap<>();
        private final Map<String, Sync> syncs = new LinkedHashMap<>();
        private final Map<String, KeptPeer> kept = new TreeMap<>();

        Resident(Path own, List<String> names) {
            SyncGroup group = names.size() == 1
                    ? null
                    : SyncGroup.builder().time(clock, clock::nanos).build();
            for (String name : names) {
                Database database = Database.open(own.resolve(name), SMALL_CACHE);
                databases.put(name, database);
                syncs.put(
                        name,
                        group == null
                                ? Sync.builder(database)
                                        .time(clock, clock::nanos)
                                        .clock(clock)
                                        .build()
                                : group.add(name, database, builder -> builder.clock(clock)));
            }
        }

        void keep(String name) throws IOException {
            KeptPeer before = kept.remove(name);
            if (before != null) {
                before.close();
            }
            kept.put(name, syncs.get(name).keep(address(name), secret(name)));
        }

        boolean connected(String name) {
            return kept.get(name).status().session().isPresent();
        }
    }

    private String address(String name) {
        return "ws://127.0.0.1:" + ports.get(name.equals("alone") ? "alone" : "group") + "/";
    }

    private String secret(String name) throws IOException {
        return Files.readString(directory.resolve(name + "-" + grants.get(name) + ".secret"))
                .strip();
    }

    private void configure(String rotated) throws IOException {
        List<String> members = new ArrayList<>();
        String alone = "";
        for (String name : NAMES) {
            List<String> entries = new ArrayList<>();
            for (int n = grants.get(name) - (name.equals(rotated) ? 1 : 0); n <= grants.get(name); n++) {
                entries.add("\"" + name + n + "\": {\"secretFile\": \"" + name + "-" + n + ".secret\"}");
            }
            String common = "\"directory\": \"hub/" + name + "\", \"grants\": {" + String.join(", ", entries)
                    + "}, \"limits\": {\"transitBytes\": " + (tight ? 16_000_000 : 32_000_000) + "}";
            if (name.equals("alone")) {
                alone = "{" + common + ", \"listen\": [\"" + address(name) + "\"]}";
            } else {
                members.add("\"" + name + "\": {" + common + "}");
            }
        }
        Files.writeString(
                directory.resolve("hub.json"),
                "{\"health\": \"" + ports.get("health") + "\", \"databases\": [" + alone
                        + "],\n\"group\": {\"listen\": [\"" + address("todos") + "\"], \"databases\": {"
                        + String.join(",\n", members) + "}}}");
    }

    private void start() throws Exception {
        for (String name : List.of("alone", "group", "health")) {
            ports.put(name, FreePort.find());
        }
        for (String name : NAMES) {
            grants.put(name, 1);
        }
        configure("");
        Console console = new Console(
                new ByteArrayInputStream(new byte[0]),
                new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                Map.of(),
                () -> false);
        host = new ServeHost(
                console, LiveSync::run, SMALL_CACHE, Optional.of(new HubHost.Time(clock, clock::nanos, clock)));
        hub = HubRunner.start(host, directory.resolve("hub.json"));
        page = StatusServer.start(0, host::monitored, clock, "the-page's-secret");
        for (int i = 0; i < 4; i++) {
            Resident resident = new Resident(
                    directory.resolve("resident-" + i), i % 2 == 0 ? List.of("alone") : List.of("todos", "photos"));
            residents.add(resident);
            for (String name : resident.syncs.keySet()) {
                resident.keep(name);
            }
        }
    }

    // Time

    /** Lets time pass while somebody waits: ten times as fast as on the wall, then as fast. */
    private void until(String what, BooleanSupplier reached) {
        long begun = System.nanoTime();
        while (!reached.getAsBoolean()) {
            long waited = System.nanoTime() - begun;
            if (waited > PATIENCE_NANOS) {
                throw new AssertionError("not so: " + what);
            }
            LockSupport.parkNanos(500_000);
            clock.passUntil(clock.nanos() + (waited < 1_000_000_000 ? 5_000_000 : 500_000));
        }
    }

    private <T> T get(String what, CompletableFuture<T> future) throws Exception {
        until(what, future::isDone);
        return future.get(1, TimeUnit.SECONDS);
    }

    /** Lets time pass timer by timer; what they send is answered before the next one. */
    private void pass(long until) {
        while (clock.nanos() < until) {
            if (clock.passUntil(Math.min(until, clock.next())) > 0) {
                long before = -1;
                for (long now = messages(); now != before; now = messages()) {
                    before = now;
                    LockSupport.parkNanos(300_000);
                }
            }
        }
    }

    private long messages() {
        return host.monitored().stream()
                .mapToLong(one -> one.sync() == null
                        ? 0
                        : one.sync().counts().messagesReceived()
                                + one.sync().counts().messagesSent())
                .sum();
    }

    // What happens

    private void run(int firstHour, int minutes, int every) throws Exception {
        long cpu = cpu();
        start();
        inStep();
        for (int i = 0; i < 40; i++) { // threads of servers, which come one by one and stay
            look();
        }
        System.out.println("sample minute heap threads descriptors files hub-sessions timers events sessions");
        Map<String, Long> before = null;
        Map<String, Integer> threadsBefore = null;
        int sessionsBefore = 0;
        for (int minute = 0; minute < minutes; minute++) {
            long end = (minute + 1) * MINUTE;
            minute(minute, BUSY[(firstHour + minute / 60) % 24]);
            pass(Math.max(end, clock.nanos()));
            if (minute % every == every - 1) {
                sample(minute + 1);
                if (before == null && minute >= minutes / 4) {
                    before = DayUsage.objects();
                    threadsBefore = DayUsage.threads();
                    sessionsBefore = sessions;
                }
            }
        }
        inStep();
        System.out.println("more-since " + (sessions - sessionsBefore));
        System.out.println("threads " + threadsBefore + " then " + DayUsage.threads());
        for (Map.Entry<String, Long> now : DayUsage.objects().entrySet()) {
            long more = now.getValue() - before.getOrDefault(now.getKey(), 0L);
            if (more > 50 || more > 0 && now.getKey().startsWith("dev.livesync")) {
                System.out.println("more " + now.getKey() + " " + more);
            }
        }
        System.out.println("did " + sessions + " sessions, " + writes + " writes, " + cuts + " cuts, " + strangers
                + " strangers, " + reloads + " reloads, " + commands + " commands in " + (cpu() - cpu) / 1_000_000_000
                + " s of a processor");
        hub.close();
    }

    private static long cpu() {
        return ((com.sun.management.OperatingSystemMXBean)
                        java.lang.management.ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private boolean happens(int busy, int ofHundredWhenBusiest) {
        return random.nextInt(1_000) < ofHundredWhenBusiest * busy;
    }

    private void minute(int minute, int busy) throws Exception {
        for (int i = 0; i < 8; i++) {
            if (happens(busy, 50)) {
                Resident resident = residents.get(random.nextInt(residents.size()));
                resident.databases.values().forEach(this::write);
            }
        }
        if (minute % 2 == 0) { // somebody always comes, at night as well, and mostly to read
            visit(busy);
        }
        for (int i = 0; i < 2; i++) {
            if (happens(busy, 35)) {
                visit(busy);
            }
        }
        if (random.nextInt(100) < 10) {
            cut();
        }
        if (random.nextInt(100) < 10) {
            stranger();
        }
        if (minute % 5 == 0) {
            look();
        }
        if (minute % 10 == 3) {
            command("put", directory.resolve("hub").resolve(NAMES[random.nextInt(3)]), id(), content());
            command("status", directory.resolve("hub/todos"));
            command("top", directory.resolve("hub/alone"), "--once");
        }
        if (minute % 60 == 17) {
            Path copy = directory.resolve("backup.car");
            command("backup", directory.resolve("hub/photos"), copy);
            Files.delete(copy);
        }
        if (minute % 20 == 11) {
            rotate(NAMES[minute / 20 % 3]);
        }
        if (minute % 60 == 41) {
            tight = !tight;
            configure("");
            reload();
        }
    }

    private String id() {
        return "document-" + random.nextInt(DOCUMENTS);
    }

    private String content() {
        return "{\"n\":" + random.nextInt() + ",\"text\":\"" + "x".repeat(random.nextInt(200)) + "\"}";
    }

    private void write(Database database) {
        database.put(id(), content());
        writes++;
    }

    /** A device comes, perhaps with something new, until it has everything, and goes: in order, at once, or by closing all. */
    private void visit(int busy) throws Exception {
        int device = random.nextInt(DEVICES);
        String name = NAMES[device % NAMES.length];
        try (Database database = Database.open(directory.resolve("device-" + device), SMALL_CACHE)) {
            if (happens(busy, 70)) {
                write(database);
            }
            try (SyncGroup group = name.equals("alone")
                            ? null
                            : SyncGroup.builder().time(clock, clock::nanos).build();
                    Sync sync = group == null
                            ? Sync.builder(database)
                                    .time(clock, clock::nanos)
                                    .clock(clock)
                                    .build()
                            : group.add(name, database, builder -> builder.clock(clock))) {
                Session session = get("a visit", sync.dial(address(name), secret(name)));
                sessions++;
                get("a visitor has all", session.backlog());
                get("the hub has what a visitor wrote", session.delivered());
                switch (random.nextInt(3)) {
                    case 0 -> {
                        session.close();
                        get("an end", session.closed());
                    }
                    case 1 -> session.abort();
                    default -> {
                        // The Sync closes it.
                    }
                }
            }
        }
    }

    /** A wire breaks. Who keeps the peer comes back. */
    private void cut() {
        Resident resident = residents.get(random.nextInt(residents.size()));
        resident.kept.forEach((name, kept) -> kept.status().session().ifPresent(Session::abort));
        cuts++;
        sessions += resident.kept.size();
        until("back after a cut", () -> resident.kept.keySet().stream().allMatch(resident::connected));
    }

    private void stranger() throws Exception {
        strangers++;
        int port = ports.get(random.nextBoolean() ? "alone" : "group");
        try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), port);
                Database database = Database.inMemory();
                Sync sync = Sync.builder(database).time(clock, clock::nanos).build()) {
            silent.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
            AtomicReference<Throwable> failure = new AtomicReference<>();
            var dial = sync.dial("ws://127.0.0.1:" + port + "/", "w".repeat(43)).handle((session, thrown) -> {
                failure.set(thrown);
                return session;
            });
            get("an answer to a stranger", dial);
            if (failure.get() == null) {
                throw new AssertionError("a stranger was let in");
            }
        }
    }

    private void look() throws Exception {
        String at = page.address().substring(0, page.address().indexOf('#'));
        ask(at + "livesync/status");
        ask(at + "livesync/clock?database=alone");
        ask("http://127.0.0.1:" + ports.get("health") + "/ready");
    }

    private void ask(String place) throws Exception {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create(place))
                        .header("LiveSync-Token", "the-page's-secret")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new AssertionError(place + ": " + answer.statusCode() + " " + answer.body());
        }
    }

    private void command(Object... arguments) {
        commands++;
        shell.lines(arguments);
    }

    private void reload() {
        reloads++;
        command("reload", directory.resolve("hub/todos"));
        until("back after a reload", this::allConnected);
    }

    private boolean allConnected() {
        return residents.stream()
                .allMatch(resident -> resident.kept.keySet().stream().allMatch(resident::connected));
    }

    /** The new secret is given out before the old one is taken away. */
    private void rotate(String name) throws Exception {
        Path old = directory.resolve(name + "-" + grants.get(name) + ".secret");
        grants.merge(name, 1, Integer::sum);
        configure(name);
        reload();
        for (Resident resident : residents) {
            if (resident.kept.containsKey(name)) {
                resident.keep(name);
                sessions++;
            }
        }
        until("back with a new secret", this::allConnected);
        configure("");
        reload();
        Files.delete(old);
    }

    // What is left

    private void inStep() throws Exception {
        until("all are connected", this::allConnected);
        for (Resident resident : residents) {
            for (KeptPeer kept : resident.kept.values()) {
                until(
                        "all are equal",
                        () -> kept.status().session().map(Session::equal).orElse(false));
            }
        }
        int expected =
                residents.stream().mapToInt(resident -> resident.kept.size()).sum();
        until(
                "nobody else is there",
                () -> hub.served().stream().mapToInt(ServedEntry::sessions).sum() == expected);
    }

    /** Says which threads there are whenever that has changed. */
    private void sample(int minute) throws Exception {
        inStep();
        pass(clock.nanos() + 2 * MINUTE); // what ends a while after it isn't used any more
        inStep();
        long events = host.monitored().stream()
                .mapToLong(one -> one.database().summary().events())
                .sum();
        Map<String, Integer> now = DayUsage.threads();
        if (!now.equals(threads)) {
            System.out.println("threads of minute " + minute + " " + now);
            threads = now;
        }
        System.out.println("sample " + minute + " " + DayUsage.heap() + " "
                + now.values().stream().mapToInt(Integer::intValue).sum() + " " + DayUsage.descriptors()
                + " " + DayUsage.files(directory.resolve("hub")) + " "
                + hub.served().stream().mapToInt(ServedEntry::sessions).sum() + " " + clock.waiting() + " " + events
                + " " + sessions);
    }
}
