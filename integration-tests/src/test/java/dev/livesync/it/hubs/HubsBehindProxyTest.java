package dev.livesync.it.hubs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.KeptPeer;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.it.cli.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two hubs on one PostgreSQL node, behind HAProxy: whoever writes through one is read through the other, and a hub that goes takes nothing along. */
class HubsBehindProxyTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int CLIENTS = 6;

    @TempDir
    private Path folder;

    private static final class Client implements AutoCloseable {
        private final Database database = Database.inMemory();
        private final Sync sync = new Sync(database);
        private final KeptPeer peer;

        Client(String address) {
            peer = sync.keep(address, HubCluster.SECRET);
        }

        @Override
        public void close() {
            sync.close();
            database.close();
        }
    }

    @Test
    void nothingIsLostWithAHubAndNobodyNoticesOneThatIsStopped() throws Exception {
        boolean there = Haproxy.program().isPresent() && Files.isDirectory(Path.of("/usr/lib/postgresql"));
        if (!there) {
            System.err.println("NOT TESTED with several hubs: needs postgresql and haproxy");
        }
        assumeTrue(there, "NOT TESTED with several hubs: needs postgresql and haproxy");
        List<Client> clients = new ArrayList<>();
        Set<String> written = new TreeSet<>();
        try (PostgresNodes nodes = PostgresNodes.start(1);
                HubCluster hubs = HubCluster.start(folder, nodes, 2)) {
            for (int n = 0; n < CLIENTS; n++) {
                clients.add(new Client(hubs.address()));
            }
            // One at each hub, so that something passes from hub to hub whatever the proxy does.
            clients.add(new Client(hubs.address(0)));
            clients.add(new Client(hubs.address(1)));
            try (Command put = Command.start("put", folder.resolve("hub0"), "by command", "{\"n\":1}")) {
                assertThat(put.exitCode()).as("%s", put).isZero();
            }
            written.add("by command");
            inStep(clients, written, "at the beginning", hubs);
            try (Command get = Command.start("get", folder.resolve("hub1"), "by command")) {
                assertThat(get.exitCode()).as("%s", get).isZero();
                assertThat(get.lines()).containsExactly("{\"_id\":\"by command\",\"n\":1}");
            }

            try (Client gone = new Client(hubs.address())) {
                gone.database.put("last-words", "{}");
                written.add("last-words");
                gone.peer.connected().join().delivered().join();
            }
            hubs.kill(0);
            inStep(clients.subList(0, CLIENTS), written, "with one hub", hubs);

            hubs.begin(0);
            hubs.awaitServing(0);
            Command stopping = hubs.terminate(1);
            await().atMost(LONG).until(() -> hubs.ready(1) == 503);
            written.add("while it stops");
            clients.get(0).database.put("while it stops", "{}");
            assertThat(stopping.exitCode()).as("%s", stopping).isZero();
            clients.remove(CLIENTS + 1).close();
            inStep(clients, written, "after one was stopped", hubs);

            try (Client fresh = new Client(hubs.address())) {
                await().atMost(LONG).until(() -> ids(fresh.database).equals(written));
            }
            assertThat(nodes.query(1, "select count(*) = max(position) and min(position) = 1 from livesync_events"))
                    .as("a feed without gaps")
                    .isEqualTo("t");
        } finally {
            clients.forEach(Client::close);
        }
    }

    private static Set<String> ids(Database database) {
        Set<String> ids = new TreeSet<>();
        database.forEach(document -> ids.add(document.id()));
        return ids;
    }

    private static void inStep(List<Client> clients, Set<String> written, String when, HubCluster hubs) {
        for (int n = 0; n < clients.size(); n++) {
            String id = when + " " + n;
            clients.get(n).database.put(id, "{}");
            written.add(id);
        }
        for (Client client : clients) {
            await(when + "; hub 0: " + hubs.said(0) + "; hub 1: " + hubs.said(1))
                    .atMost(LONG)
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> client.database.summary().documents() == written.size());
        }
    }
}
