package dev.livesync.it.hubs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.replica.Subscription;
import dev.livesync.database.Database;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long it takes from a put at a client of one hub until a client of another hub has it, with three PostgreSQL nodes; and the WAL of a put. Prints both. */
@Tag("soak")
class HubDelayTest {
    private static final int HUBS = 3;
    private static final int WARM_UP = Integer.getInteger("livesync.hubs.warmup", 2_000);
    private static final int ROUNDS = 1_000;

    /** Hubs as the launcher starts them. */
    private static final List<String> JVM = List.of("-XX:TieredStopAtLevel=4", "-XX:-UseSerialGC", "-XX:+UseG1GC");

    @TempDir
    private Path folder;

    @Test
    void fromOneHubToAnother() throws Exception {
        try (PostgresNodes nodes = PostgresNodes.start(3);
                HubCluster hubs = HubCluster.start(folder, Collections.nCopies(HUBS, nodes.url()), JVM);
                KeptClient here = new KeptClient(hubs.address(0));
                KeptClient beside = new KeptClient(hubs.address(0));
                KeptClient there = new KeptClient(hubs.address(1))) {
            here.peer.connected().get(1, TimeUnit.MINUTES);
            beside.peer.connected().get(1, TimeUnit.MINUTES);
            there.peer.connected().get(1, TimeUnit.MINUTES);
            say("of another hub, the first", rounds(here.database, there.database, "a", 300));
            rounds(here.database, there.database, "b", WARM_UP);
            long before = Long.parseLong(nodes.query(nodes.primary(), "select pg_current_wal_lsn() - '0/0'::pg_lsn"));
            double[] other = rounds(here.database, there.database, "c", ROUNDS);
            long wal = Long.parseLong(nodes.query(nodes.primary(), "select pg_current_wal_lsn() - '0/0'::pg_lsn"))
                    - before;
            say("of another hub, after " + WARM_UP, other);
            double[] same = rounds(here.database, beside.database, "d", ROUNDS);
            say("after these, of the same hub", same);
            System.err.printf(
                    Locale.ROOT, "hubs: another hub : the same one, p50 %.2f%n", other[ROUNDS / 2] / same[ROUNDS / 2]);
            System.err.printf(Locale.ROOT, "hubs: WAL for each put %.0f bytes%n", (double) wal / ROUNDS);
        }
    }

    private static void say(String which, double[] millis) {
        assertThat(millis).isNotEmpty();
        System.err.printf(
                Locale.ROOT,
                "hubs: put at one client until another has it, %s: p50 %.1f ms, p90 %.1f ms, p99 %.1f ms, of %d%n",
                which,
                millis[millis.length / 2],
                millis[millis.length * 9 / 10],
                millis[millis.length * 99 / 100],
                millis.length);
    }

    private static double[] rounds(Database here, Database there, String name, int count) throws Exception {
        double[] millis = new double[count];
        for (int n = 0; n < count; n++) {
            String id = name + n;
            CompletableFuture<Long> arrived = new CompletableFuture<>();
            Subscription subscription = there.subscribe(ids -> {
                if (ids.contains(id)) {
                    arrived.complete(System.nanoTime());
                }
            });
            long begun = System.nanoTime();
            here.put(id, "{\"text\":\"" + "x".repeat(100) + "\"}");
            millis[n] = (arrived.get(1, TimeUnit.MINUTES) - begun) / 1e6;
            subscription.close();
        }
        Arrays.sort(millis);
        return millis;
    }
}
