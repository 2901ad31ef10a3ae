package dev.livesync.it.hubs;

import static dev.livesync.it.hubs.KeptClient.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.it.outside.SmallDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the table of {@code docs/hubs.md} says of nodes, disks and networks that fail, with real ones, hubs in processes of their own, and clients that do nothing about it. */
@Tag("soak")
class HubsFailureTest {
    @TempDir
    private Path folder;

    private final List<KeptClient> clients = new ArrayList<>();
    private final Set<String> written = new TreeSet<>();

    @AfterEach
    void close() {
        clients.forEach(KeptClient::close);
    }

    /** Two at each hub. */
    private void begin(HubCluster hubs, int count) throws Exception {
        for (int n = 0; n < 2 * count; n++) {
            clients.add(new KeptClient(hubs.address(n % count)));
        }
        storeAt("at first");
        inStep("at first");
    }

    private void storeAt(String when) throws Exception {
        for (int n = 0; n < clients.size(); n++) {
            written.add(when + " " + n);
            clients.get(n).store(when + " " + n);
        }
    }

    private void inStep(String when) {
        KeptClient.inStep(clients, written, when);
    }

    private void requireFeed(PostgresNodes nodes, int node) throws Exception {
        assertThat(
                        nodes.query(
                                node,
                                "select max(position) - count(*), min(position), count(*) - count(distinct cid) from livesync_events"))
                .as("gaps, the first, repeats")
                .isEqualTo("0|1|0");
        assertThat(Integer.parseInt(nodes.query(node, "select count(*) from livesync_events")))
                .as("events in the store")
                .isEqualTo((int) clients.get(0).database.summary().events());
    }

    /** One is promoted that lacks what was acknowledged, though the other one has it: an operator's mistake. */
    @Test
    void peersBringWhatAPromotedNodeLacks() throws Exception {
        try (PostgresNodes nodes = PostgresNodes.start(3);
                HubCluster hubs = HubCluster.start(folder, nodes, 2)) {
            begin(hubs, 2);
            nodes.shell("query 2 \"alter system set primary_conninfo = ''\" && query 2 'select pg_reload_conf()'");
            await().atMost(LONG).until(() -> nodes.shell("streaming 1").equals("1"));
            storeAt("lost");
            inStep("what will be lost");
            String had = nodes.query(1, "select position from livesync_feed");

            nodes.shell("fence 1; fence 3\n[ \"$(query 2 'select pg_promote(true, 60)')\" = t ] && echo 2 >primary");
            String has = nodes.query(2, "select position from livesync_feed");
            assertThat(Integer.parseInt(has))
                    .as("the promoted node lacks something")
                    .isLessThan(Integer.parseInt(had));
            for (int n = 0; n < clients.size(); n++) { // nobody waits for it: both standbys are dead
                written.add("meanwhile " + n);
                clients.get(n).put("meanwhile " + n);
            }
            nodes.shell("rejoin 3 2 && rejoin 1 2 && await_streaming 2");

            storeAt("afterwards");
            inStep("after the failover");
            requireFeed(nodes, 2);
            try (KeptClient fresh = new KeptClient(hubs.address(0))) {
                KeptClient.inStep(List.of(clients.get(0), fresh), written, "a fresh one");
            }
        }
    }

    @Test
    void nothingIsAcknowledgedThatIsOnOneDiskAlone() throws Exception {
        try (PostgresNodes nodes = PostgresNodes.start(3);
                HubCluster hubs = HubCluster.start(folder, nodes, 2)) {
            begin(hubs, 2);
            nodes.shell("fence 2; fence 3");

            List<CompletableFuture<Void>> delivered = new ArrayList<>();
            for (int n = 0; n < clients.size(); n++) {
                written.add("alone " + n);
                clients.get(n).put("alone " + n);
                delivered.add(clients.get(n).delivered());
            }
            String waiting = "select count(*) from pg_stat_activity where wait_event = 'SyncRep'";
            await().atMost(LONG).until(() -> Integer.parseInt(nodes.query(1, waiting)) > 0);
            // Longer than a hub waits for an answer.
            await().atMost(LONG)
                    .until(() -> hubs.said(0).contains("STORAGE")
                            || hubs.said(1).contains("STORAGE")
                            || delivered.stream().anyMatch(CompletableFuture::isCompletedExceptionally));
            assertThat(delivered).noneMatch(d -> d.isDone() && !d.isCompletedExceptionally());
            try (KeptClient reader = new KeptClient(hubs.address(1))) {
                await("what was before is still read")
                        .atMost(LONG)
                        .until(() -> reader.ids()
                                .containsAll(List.of("at first 0", "at first 1", "at first 2", "at first 3")));
                assertThat(reader.ids()).as("what waits is seen by nobody").noneMatch(id -> id.startsWith("alone"));
            }

            nodes.shell("begin 2");
            for (KeptClient client : clients) {
                client.stored();
            }
            storeAt("afterwards");
            inStep("with one standby");
            requireFeed(nodes, 1);
            String primary = nodes.query(1, "select position from livesync_feed");
            await().atMost(LONG)
                    .until(() ->
                            nodes.query(2, "select position from livesync_feed").equals(primary));
        }
    }

    @Test
    void aStandbyThatDoesNothingHoldsNobodyUp() throws Exception {
        try (PostgresNodes nodes = PostgresNodes.start(3);
                HubCluster hubs = HubCluster.start(folder, nodes, 1)) {
            begin(hubs, 1);
            nodes.query(2, "select pg_wal_replay_pause()"); // has all, and shows nothing of it
            nodes.shell("kill -STOP $(processes 3)");
            try {
                storeAt("one is slow");
                inStep("one is slow");
                assertThat(nodes.query(2, "select position from livesync_feed"))
                        .as("what a paused standby shows")
                        .isNotEqualTo(nodes.query(1, "select position from livesync_feed"));
            } finally {
                nodes.shell("kill -CONT $(processes 3)");
            }
            nodes.query(2, "select pg_wal_replay_resume()");
            String primary = nodes.query(1, "select position from livesync_feed");
            for (int node : new int[] {2, 3}) {
                await("n" + node + " catches up")
                        .atMost(LONG)
                        .until(() -> nodes.query(node, "select position from livesync_feed")
                                .equals(primary));
            }
            storeAt("afterwards");
            inStep("afterwards");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aHubThatIsCutOffTakesNobodyNew(StoreRelay.Cut cut) throws Exception {
        try (PostgresNodes nodes = PostgresNodes.start(1);
                StoreRelay relay = new StoreRelay(nodes.port(1));
                HubCluster hubs = HubCluster.start(folder, List.of(relay.url(), nodes.url()), List.of())) {
            begin(hubs, 2);
            relay.cut(cut);
            await().atMost(LONG).until(() -> hubs.ready(0) == 503);
            assertThat(hubs.ready(1)).isEqualTo(200);

            List<CompletableFuture<Void>> delivered = new ArrayList<>();
            for (int n = 0; n < clients.size(); n += 2) { // those of the hub that is cut off
                written.add("cut off " + n);
                clients.get(n).put("cut off " + n);
                delivered.add(clients.get(n).delivered());
            }
            try (KeptClient anybody = new KeptClient(hubs.address())) { // whom HAProxy sends to the other one
                anybody.store("of the other side");
                written.add("of the other side");
                await().atMost(LONG).until(() -> clients.get(1).ids().contains("of the other side"));
            }
            await("commits fail")
                    .atMost(LONG)
                    .until(() -> delivered.stream().allMatch(CompletableFuture::isCompletedExceptionally));
            assertThat(clients.get(0).ids()).doesNotContain("of the other side");

            relay.mend();
            await().atMost(LONG).until(() -> hubs.ready(0) == 200);
            for (KeptClient client : clients) {
                client.stored();
            }
            storeAt("afterwards");
            inStep("afterwards");
            requireFeed(nodes, 1);
        }
    }

    /** Where blocks are, then where WAL is: without that the server stops, and has to be started again. */
    @Test
    void aFullDiskTakesNothingHalf() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x")); // the server isn't root
        try (SmallDisk disk = SmallDisk.make(folder.resolve("blocks"), 64);
                SmallDisk wal = SmallDisk.make(folder.resolve("wal"), 256);
                PostgresNodes nodes = PostgresNodes.start(
                        Map.of("NODES", "1", "TMPDIR", folder.resolve("wal").toString()));
                HubCluster hubs = HubCluster.start(folder, Collections.nCopies(2, nodes.url()), List.of())) {
            Path space = folder.resolve("blocks").resolve("space");
            nodes.shell("mkdir '" + space + "' && chown nobody:nogroup '" + space + "'");
            nodes.query(1, "create tablespace small location '" + space + "'");
            nodes.query(1, "alter table livesync_blocks set tablespace small");
            begin(hubs, 2);

            disk.fill();
            awaitRefusal("disk full", hubs);
            String stored = nodes.query(1, "select position from livesync_feed");
            assertThat(nodes.query(
                            1,
                            "select count(*) from livesync_blocks b where not exists (select 1 from livesync_commits c"
                                    + " where c.db = b.db and c.attempt = b.attempt)"))
                    .as("blocks of no commit")
                    .isEqualTo("0");
            assertThat(nodes.query(1, "select count(*) from livesync_events")).isEqualTo(stored);
            assertThat(hubs.ready(0)).as("it serves what it has").isEqualTo(200);
            disk.free();
            for (KeptClient client : clients) {
                client.stored();
            }
            inStep("there is room for blocks");
            requireFeed(nodes, 1);

            wal.fill();
            awaitRefusal("no WAL", hubs);
            wal.free();
            nodes.shell("answers 1 || { fence 1; begin 1; }");
            for (KeptClient client : clients) {
                client.stored();
            }
            storeAt("afterwards");
            inStep("there is room for WAL");
            requireFeed(nodes, 1);
        }
    }

    /** Writes until something isn't stored any more. */
    private void awaitRefusal(String what, HubCluster hubs) throws Exception {
        KeptClient client = clients.get(0);
        CompletableFuture<Void> delivered = CompletableFuture.completedFuture(null);
        for (int n = 0; n < 2_000 && !delivered.isCompletedExceptionally(); n++) {
            String id = what + " " + n;
            written.add(id);
            client.database.put(id, "{\"text\":\"" + "y".repeat(60_000) + "\"}");
            delivered = client.delivered();
            CompletableFuture<Void> last = delivered;
            await(what + "; hub 0: " + hubs.said(0))
                    .atMost(LONG)
                    .pollInterval(Duration.ofMillis(5))
                    .until(last::isDone);
        }
        assertThat(delivered).as("%s; hub 0: %s", what, hubs.said(0)).isCompletedExceptionally();
    }
}
