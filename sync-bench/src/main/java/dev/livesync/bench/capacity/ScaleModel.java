package dev.livesync.bench.capacity;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How many hubs and how large a store a load takes, and which resource is used up first. Arithmetic over {@link MeasuredCost}: every hub follows each database that one of its
 * sessions has, and sends each event to each of its sessions.
 *
 * @param clients connected at a time
 * @param databases of equally many clients each
 * @param writesPerHour of one client
 * @param events in the history of a database
 */
public record ScaleModel(long clients, long databases, double writesPerHour, long events) {
    /** A hub's machine. */
    private static final int CORES = 8;

    private static final double HEAP = 24e9;
    /** What {@code LimitNOFILE} of the systemd unit leaves for sessions. */
    private static final double SOCKETS = 60_000;
    /** Connections to the store of one hub. */
    private static final int POOL = 10;

    private static final double EVENT_BYTES = 400;
    private static final double MICROS = 1e6;
    /** Beyond this nobody plans. */
    private static final double MOST_BUSY = 0.9;

    /** The load of the page. */
    public static final ScaleModel MILLION = new ScaleModel(1_000_000, 10_000, 6, 20_000);

    private double writes() {
        return clients * writesPerHour / 3_600;
    }

    private double clientsOfDatabase() {
        return (double) clients / databases;
    }

    private double deliveries() {
        return writes() * (clientsOfDatabase() - 1);
    }

    /** What one of some hubs needs. */
    private record Share(double sessions, double followed, double cores, double heap, double sockets) {
        /** How many times over the machine that is, in its scarcest part. */
        double load() {
            return Math.max(
                    cores / (CORES * MeasuredCost.UTILISATION.value()), Math.max(heap / HEAP, sockets / SOCKETS));
        }
    }

    /**
     * What one of some hubs needs.
     *
     * @param hubs how many there are
     * @param together whether a load balancer keeps the clients of a database at one hub
     */
    private Share share(int hubs, boolean together) {
        double sessions = (double) clients / hubs;
        // Of the clients of a database at least one is here, unless all of them happen to be elsewhere.
        double followed =
                together ? (double) databases / hubs : databases * (1 - Math.pow(1 - 1.0 / hubs, clientsOfDatabase()));
        double cores = (deliveries() / hubs * MeasuredCost.DELIVERY.value()
                        + writes() * followed / databases * MeasuredCost.FOLLOW.value())
                / MICROS;
        double heap = sessions * MeasuredCost.SESSION.value() + followed * events * MeasuredCost.HISTORY.value();
        return new Share(sessions, followed, cores, heap, sessions);
    }

    /**
     * The fewest hubs that do.
     *
     * @param together as a load balancer does
     * @return how many; 0 if no number does
     */
    int hubs(boolean together) {
        for (int hubs = 1; hubs <= 10_000; hubs++) {
            if (share(hubs, together).load() <= 1) {
                return hubs;
            }
        }
        return 0;
    }

    /**
     * How many times the sessions of one hub some hubs carry in one database, with the same p99 of a delivery. Waiting grows as 1/(1-u) with the utilisation u of a core. What was
     * written at another hub has the hop through the store before it, so these hubs may be less busy.
     *
     * @param hubs how many
     * @param putsPerSecond in the database, all together
     * @param millis the p99, behind the commit
     */
    static double gain(int hubs, double putsPerSecond, double millis) {
        return hubs
                * sessions(utilisation(millis - MeasuredCost.HOP.value()), putsPerSecond)
                / sessions(utilisation(millis), putsPerSecond);
    }

    /** How busy a core may be for a p99 in milliseconds. */
    private static double utilisation(double millis) {
        double idle = MeasuredCost.DELAY.value() * (1 - MeasuredCost.UTILISATION.value());
        return Math.min(MOST_BUSY, Math.max(0, 1 - idle / millis));
    }

    private static double sessions(double utilisation, double putsPerSecond) {
        double left = CORES * utilisation - putsPerSecond * MeasuredCost.FOLLOW.value() / MICROS;
        return left / (putsPerSecond * MeasuredCost.DELIVERY.value() / MICROS);
    }

    /**
     * The tables of the page.
     *
     * @return Markdown
     */
    public String page() {
        List<String> lines = new ArrayList<>(List.of("| measured | | where |", "|---|---:|---|"));
        for (MeasuredCost cost : MeasuredCost.values()) {
            lines.add(cost.row());
        }
        int apart = hubs(false);
        int together = hubs(true);
        Share a = share(apart, false);
        Share t = share(together, true);
        lines.addAll(List.of(
                "",
                format(
                        "%,d clients, %,d databases, %,.0f writes an hour of each client, %,d events in each database; hubs with %d cores, %.0f GB of heap, %,.0f sockets, as busy as when p99 was measured:",
                        clients, databases, writesPerHour, events, CORES, HEAP / 1e9, SOCKETS),
                "",
                "| | any hub | a database's clients together |",
                "|---|---:|---:|",
                format("| hubs | %,d | %,d |", apart, together),
                format("| sessions a hub | %,.0f | %,.0f |", a.sessions(), t.sessions()),
                format("| databases that a hub follows | %,.0f | %,.0f |", a.followed(), t.followed()),
                format("| heap a hub, GB | %.1f | %.1f |", a.heap() / 1e9, t.heap() / 1e9),
                format("| of it history, GB | %.1f | %.1f |", history(a), history(t)),
                format("| cores a hub | %.2f | %.2f |", a.cores(), t.cores()),
                format("| out of a hub, Mbit/s | %.0f | %.0f |", out() / apart, out() / together),
                format("| connections to the store | %,d | %,d |", apart * POOL, together * POOL),
                format("| events read from the store a second | %,.0f | %,.0f |", reads(a, apart), reads(t, together)),
                "",
                "| the store | |",
                "|---|---:|",
                format("| events a second | %,.0f |", writes()),
                format(
                        "| of what was measured on two cores, in batches | %.2f |",
                        writes() / MeasuredCost.EVENTS_IN_BATCHES.value()),
                format(
                        "| events a second of one database, of its serial commits | %.2f, %.4f |",
                        writes() / databases, writes() / databases / MeasuredCost.COMMITS.value()),
                format("| WAL, MB/s | %.1f |", writes() * MeasuredCost.WAL.value() / 1e6),
                format("| to two standbys, Mbit/s | %.0f |", 2 * 8 * writes() * MeasuredCost.WAL.value() / 1e6),
                format("| blocks a day, GB | %.0f |", writes() * 86_400 * EVENT_BYTES / 1e9),
                "",
                "| when something stops | |",
                "|---|---:|",
                format("| sessions that come back when a hub dies | %,.0f |", a.sessions()),
                format(
                        "| seconds of a core for their handshakes, at each of the others | %.1f |",
                        a.sessions() * MeasuredCost.HANDSHAKE.value() / MICROS / (apart - 1)),
                format("| writes that wait when the primary dies | %,.0f |", writes() * MeasuredCost.FAILOVER.value()),
                "",
                "| hubs in one database, 50 puts a second, against one with the same p99 behind the commit | 20 ms | 30 ms | 50 ms | 100 ms |",
                "|---|---:|---:|---:|---:|"));
        for (int hubs : new int[] {2, 3, 5, 10}) {
            lines.add(format(
                    "| %d | %.2f | %.2f | %.2f | %.2f |",
                    hubs, gain(hubs, 50, 20), gain(hubs, 50, 30), gain(hubs, 50, 50), gain(hubs, 50, 100)));
        }
        return String.join("\n", lines) + "\n";
    }

    private double history(Share share) {
        return share.followed() * events * MeasuredCost.HISTORY.value() / 1e9;
    }

    private double out() {
        return deliveries() * MeasuredCost.WIRE.value() * 8 / 1e6;
    }

    private double reads(Share share, int hubs) {
        return writes() * share.followed() / databases * hubs;
    }

    private static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }
}
