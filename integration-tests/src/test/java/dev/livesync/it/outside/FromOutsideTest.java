package dev.livesync.it.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.replica.postgres.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hub and three hosts around it, each a process with a network namespace and a disk of its own, all of which store, sync and compact while they are
 * killed, stopped and cut off, and while disks fill up and lose their power. Nothing that was acknowledged is lost, every directory opens, verifies, and
 * in the end all are equal. Needs root on Linux; what can't be had is said, and left out. {@code -Dlivesync.outside.kill=N} and the like say how much. The seed gives the same faults in the
 * same order; the moments are the machine's.
 */
@Tag("soak")
class FromOutsideTest {
    private static final int SPOKES = 3;
    private static final int DISK_MEGABYTES = 160;
    /** So many faults, and then everybody has to be in step. */
    private static final int FAULTS = 25;
    /** So many times that, and then all end, are compared, and begin anew: the longer a history, the longer is each look at it. */
    private static final int STORMS = 8;

    /** So many faults are told if one was too many. */
    private static final int REMEMBERED = 30;

    private static final Pattern REMOTE = Pattern.compile(".*//10\\.98\\.(\\d+)\\.2:.*");

    private enum Fault {
        KILL(800),
        KILL_OF_IMPORT(200),
        STOP(100),
        CUT(1_000),
        FULL_DISK(100),
        POWER_CUT(100);

        final int wanted;

        Fault(int most) {
            this.wanted = Integer.getInteger("livesync.outside." + name().toLowerCase(Locale.ROOT), most);
        }
    }

    @TempDir
    private Path root;

    private final long seed = Long.getLong("livesync.outside.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final Acknowledged acknowledged = new Acknowledged();
    private final List<OutsideHost> hosts = new ArrayList<>();
    private final List<SmallDisk> disks = new ArrayList<>();
    private final List<Star> stars = new ArrayList<>();
    private final Map<Fault, Integer> done = new EnumMap<>(Fault.class);
    private final boolean[] cut = new boolean[SPOKES + 1];
    private final Deque<String> last = new ArrayDeque<>();
    private int generation;
    private int started;
    private int port;
    private OutsideCommands commands;
    private KilledImports imports;

    @AfterEach
    void takeDown() throws InterruptedException {
        for (OutsideHost host : hosts) {
            host.close();
        }
        for (SmallDisk disk : disks) {
            disk.close();
        }
        for (Star star : stars) {
            star.close();
        }
    }

    @Test
    void nothingAcknowledgedIsLost() throws Exception {
        System.out.println("-Dlivesync.outside.seed=" + seed);
        JavaStart java = JavaStart.rehearse(root);
        commands = new OutsideCommands(java, root);
        imports = new KilledImports(commands, Files.createDirectories(root.resolve("imports")));
        List<Fault> faults = setUp();
        try {
            while (!missing(faults).isEmpty()) {
                start(java);
                for (int storm = 0; storm < STORMS && !missing(faults).isEmpty(); storm++) {
                    for (int i = 0; i < FAULTS && !missing(faults).isEmpty(); i++) {
                        hosts.forEach(host -> host.put(1 + random.nextInt(12)));
                        next(missing(faults));
                    }
                    calm();
                    inspect(hosts.get(random.nextInt(hosts.size())));
                    acknowledged.tidy();
                    System.out.println(this);
                }
                finish();
            }
            imports.finish();
            System.out.println("at the end: " + this);
        } catch (Throwable e) {
            throw new AssertionError(
                    "seed " + seed + ", " + this + ": " + e.getMessage() + "\nThe last faults: " + last, e);
        }
    }

    @Override
    public String toString() {
        return done + "; generation " + generation + ": " + acknowledged + "; "
                + (started + hosts.stream().mapToInt(OutsideHost::checked).sum())
                + " starts checked, verified and exported by the command " + commands.looks() + " times";
    }

    // What there is here.

    private List<Fault> setUp() throws Exception {
        List<Fault> faults = new ArrayList<>(List.of(Fault.KILL, Fault.KILL_OF_IMPORT, Fault.STOP));
        boolean network = Star.possible();
        if (network) {
            stars.add(Star.make(SPOKES));
            faults.add(Fault.CUT);
        }
        System.out.println(
                !network
                        ? "NOT TESTED: cuts; network namespaces need root and ip. All hosts are this one"
                        : stars.get(0).isLossy()
                                ? "links lose packets by netem"
                                : "NOT TESTED: netem, which this kernel doesn't have; links have short queues instead");
        port = network ? 9_000 : FreePort.find();
        try {
            for (int i = 0; i <= SPOKES; i++) {
                disks.add(SmallDisk.make(root.resolve(name(i)), DISK_MEGABYTES));
            }
        } catch (AssertionError | IOException e) {
            String why =
                    String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
            System.out.println("NOT TESTED: full disks and power cuts; " + why);
        }
        if (disks.size() == SPOKES + 1) {
            faults.add(Fault.FULL_DISK);
            if (disks.get(0).canLosePower()) {
                faults.add(Fault.POWER_CUT);
            }
        }
        return faults;
    }

    private static String name(int i) {
        return i == 0 ? "hub" : "spoke" + i;
    }

    /** Starts all on empty directories. */
    private void start(JavaStart java) throws IOException {
        started += hosts.stream().mapToInt(OutsideHost::checked).sum();
        hosts.clear();
        acknowledged.forget();
        generation++;
        for (int i = 0; i <= SPOKES; i++) {
            boolean network = !stars.isEmpty();
            String address = "ws://" + (!network ? "127.0.0.1" : i == 0 ? "0.0.0.0" : Star.hub(i)) + ":" + port + "/";
            hosts.add(new OutsideHost(
                    name(i),
                    Files.createDirectories(root.resolve(name(i))).resolve("db-" + generation),
                    java,
                    network ? Star.on(i) : List.of(),
                    List.of(i == 0 ? OutsideProgram.LISTEN : OutsideProgram.DIAL, address, "from-outside-".repeat(3)),
                    i == 0 ? FromOutsideTest::spoke : remote -> "hub",
                    acknowledged));
        }
        for (OutsideHost host : hosts) {
            host.start();
        }
    }

    /** Whom a session of the hub's leads to. */
    private static String spoke(String remote) {
        Matcher address = REMOTE.matcher(remote);
        return address.matches() ? "spoke" + address.group(1) : "";
    }

    // Faults.

    private Map<Fault, Integer> missing(List<Fault> faults) {
        Map<Fault, Integer> missing = new EnumMap<>(Fault.class);
        for (Fault fault : faults) {
            int left = fault.wanted - done.getOrDefault(fault, 0);
            if (left > 0) {
                missing.put(fault, left);
            }
        }
        return missing;
    }

    private void count(Fault fault, String where) {
        done.merge(fault, 1, Integer::sum);
        last.add(fault + " " + where);
        while (last.size() > REMEMBERED) {
            last.remove();
        }
    }

    /** One more of those that are missing, each as likely as it is frequent. */
    private void next(Map<Fault, Integer> missing) throws Exception {
        int at = random.nextInt(missing.values().stream().mapToInt(n -> n).sum());
        for (Map.Entry<Fault, Integer> each : missing.entrySet()) {
            at -= each.getValue();
            if (at < 0) {
                int i = random.nextInt(hosts.size());
                switch (each.getKey()) {
                    case KILL -> kill(hosts.get(i));
                    case KILL_OF_IMPORT -> {
                        imports.kill(random);
                        count(Fault.KILL_OF_IMPORT, "an import");
                    }
                    case STOP -> stop(hosts.get(i));
                    case CUT -> cut(1 + random.nextInt(SPOKES));
                    case FULL_DISK -> fill(hosts.get(i), disks.get(i));
                    case POWER_CUT -> powerCut(hosts.get(i), disks.get(i));
                }
                return;
            }
        }
    }

    /** Keeps a host busy for a while, with all that it can do. */
    private void busy(OutsideHost host, int mostMillis) throws InterruptedException {
        if (random.nextInt(10) > 0) {
            host.awaitReady();
            host.put(5 + random.nextInt(40));
            if (random.nextInt(3) == 0) {
                host.compact();
            }
        } // or it has hardly begun
        host.work(random.nextInt(mostMillis));
    }

    private void kill(OutsideHost host) throws Exception {
        busy(host, 200);
        host.kill();
        count(Fault.KILL, host.name());
        host.start();
    }

    private void stop(OutsideHost host) throws Exception {
        busy(host, 100);
        host.signal("STOP");
        hosts.get(random.nextInt(hosts.size())).work(random.nextInt(random.nextInt(8) == 0 ? 6_000 : 500));
        count(Fault.STOP, host.name());
        if (random.nextBoolean()) {
            host.signal("CONT");
        } else {
            host.kill();
            host.start();
        }
    }

    private void cut(int spoke) throws Exception {
        Star star = stars.get(0);
        if (cut[spoke]) {
            star.mend(spoke);
            cut[spoke] = false;
        }
        busy(hosts.get(spoke), 50);
        switch (random.nextInt(6)) {
            case 0 -> star.oneWay(spoke);
            case 1 -> star.narrow(spoke);
            default -> star.down(spoke);
        }
        count(Fault.CUT, hosts.get(spoke).name());
        cut[spoke] = true;
        if (random.nextInt(8) > 0) { // or it stays for a while
            hosts.get(spoke).work(random.nextInt(random.nextInt(10) == 0 ? 4_000 : 150));
            star.mend(spoke);
            cut[spoke] = false;
        }
    }

    private void fill(OutsideHost host, SmallDisk disk) throws Exception {
        host.awaitReady();
        disk.fill();
        host.awaitRefused();
        count(Fault.FULL_DISK, host.name());
        if (random.nextInt(3) == 0) {
            host.forgiveRefusals();
            host.kill();
            host.start();
            host.awaitReady();
            host.awaitRefused();
        }
        host.awaitDone();
        disk.free();
        host.awaitStored();
        host.forgiveRefusals();
    }

    private void powerCut(OutsideHost host, SmallDisk disk) throws Exception {
        busy(host, 200);
        host.signal("STOP"); // nothing may be acknowledged any more: a process would not outlive it
        disk.powerOff();
        host.kill();
        count(Fault.POWER_CUT, host.name());
        disk.powerOn();
        host.start();
    }

    // Afterwards.

    /** No faults: everybody is up, has lost nothing, and what is stored now is acknowledged. */
    private void calm() throws Exception {
        for (int spoke = 1; spoke <= SPOKES; spoke++) {
            if (cut[spoke]) {
                stars.get(0).mend(spoke);
                cut[spoke] = false;
            }
        }
        for (OutsideHost host : hosts) {
            host.awaitReady();
            host.requireNoRefusals();
        }
        for (OutsideHost host : hosts.subList(1, hosts.size())) {
            host.awaitDelivered();
        }
    }

    private void inspect(OutsideHost host) throws Exception {
        host.kill();
        commands.look(host.directory(), acknowledged.at(host.name()));
        host.start();
    }

    /** All end in order, and are equal. */
    private void finish() throws Exception {
        for (OutsideHost host : hosts) {
            host.awaitReady();
        }
        List<Map<String, Integer>> all = new ArrayList<>();
        for (OutsideHost host : hosts.subList(1, hosts.size())) {
            host.awaitDelivered();
            host.awaitDone();
        }
        for (int polls = 1; ; polls++) {
            Set<String> clocks = new HashSet<>();
            for (OutsideHost host : hosts) {
                clocks.add(host.clock());
            }
            if (clocks.size() == 1) {
                break;
            }
            assertThat(polls).as("polls, and the clocks differ: %s", clocks).isLessThan(600);
            hosts.get(0).work(100);
        }
        for (OutsideHost host : hosts) {
            host.stop();
        }
        for (OutsideHost host : hosts) {
            all.add(commands.look(host.directory(), acknowledged.at(host.name())));
        }
        assertThat(all).allSatisfy(each -> assertThat(each).isEqualTo(all.get(0)));
        for (OutsideHost host : hosts) {
            RootShell.require("rm", "-r", host.directory().toString());
        }
    }
}
