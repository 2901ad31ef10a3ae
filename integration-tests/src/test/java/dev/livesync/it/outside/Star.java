package dev.livesync.it.outside;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A hub and hosts around it, each with a network namespace of its own and one link to the hub. Needs root on Linux. */
final class Star implements AutoCloseable {
    private static final String ID = "lso" + ProcessHandle.current().pid();
    private static final String NET = "10.98.";

    private final int spokes;
    private final boolean lossy;

    private Star(int spokes, boolean lossy) {
        this.spokes = spokes;
        this.lossy = lossy;
    }

    /** Whether there can be one here. */
    static boolean possible() throws InterruptedException {
        boolean can = RootShell.run("ip", "netns", "add", ID + "probe") == 0;
        RootShell.run("ip", "netns", "del", ID + "probe");
        return can;
    }

    static Star make(int spokes) throws IOException, InterruptedException {
        for (int i = 0; i <= spokes; i++) {
            RootShell.require("ip", "netns", "add", name(i));
            RootShell.require("ip", "-n", name(i), "link", "set", "lo", "up");
        }
        for (int i = 1; i <= spokes; i++) {
            RootShell.require(
                    "ip", "link", "add", "to" + i, "netns", name(0), "type", "veth", "peer", "name", "eth0", "netns",
                    name(i));
            for (boolean atHub : new boolean[] {true, false}) {
                String where = atHub ? name(0) : name(i);
                String device = atHub ? "to" + i : "eth0";
                RootShell.require("ip", "-n", where, "addr", "add", (atHub ? hub(i) : host(i)) + "/24", "dev", device);
                RootShell.require("ip", "-n", where, "link", "set", device, "up");
            }
        }
        // Not every kernel has it; then links are cut, narrow and one-way, but don't lose single packets.
        boolean lossy = RootShell.run("tc", "-n", name(1), "qdisc", "add", "dev", "lo", "root", "netem") == 0;
        return new Star(spokes, lossy);
    }

    /** Whether single packets can be lost and held up, by netem. */
    boolean isLossy() {
        return lossy;
    }

    private static String name(int i) {
        return ID + i;
    }

    /** Where spoke i finds the hub. */
    static String hub(int i) {
        return NET + i + ".1";
    }

    /** Where spoke i is. */
    static String host(int i) {
        return NET + i + ".2";
    }

    /** What begins a command on a host; 0 is the hub. Unlike {@code ip netns exec} it leaves mounts where they can be unmounted. */
    static List<String> on(int i) {
        return List.of("nsenter", "--net=/run/netns/" + name(i));
    }

    /** Cuts a spoke's link. */
    void down(int i) throws IOException, InterruptedException {
        RootShell.require("ip", "-n", name(i), "link", "set", "eth0", "down");
    }

    /** What the hub sends to a spoke is lost; what it gets from there is not. */
    void oneWay(int i) throws IOException, InterruptedException {
        RootShell.require("ip", "-n", name(0), "route", "add", "blackhole", host(i) + "/32");
    }

    /** Little goes through, and much of it is lost: by netem, or by a queue that is too short. */
    void narrow(int i) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("tc", "-n", name(i), "qdisc", "replace", "dev", "eth0", "root"));
        command.addAll(
                lossy
                        ? List.of("netem", "loss", "10%", "delay", "20ms", "20ms")
                        : List.of("tbf", "rate", "2mbit", "burst", "4kb", "limit", "6kb"));
        RootShell.require(command.toArray(String[]::new));
    }

    /** Mends a spoke's link, whatever it was. */
    void mend(int i) throws IOException, InterruptedException {
        RootShell.require("ip", "-n", name(i), "link", "set", "eth0", "up");
        RootShell.run("ip", "-n", name(0), "route", "del", "blackhole", host(i) + "/32");
        RootShell.run("tc", "-n", name(i), "qdisc", "del", "dev", "eth0", "root");
    }

    @Override
    public void close() throws InterruptedException {
        for (int i = 0; i <= spokes; i++) {
            RootShell.run("ip", "netns", "del", name(i));
        }
    }
}
