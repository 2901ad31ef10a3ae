package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.it.outside.SmallDisk;
import dev.livesync.replica.postgres.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub under a supervisor, and twenty clients that come back by themselves, whatever happens to it. */
class SupervisedHubTest {
    private static final int CLIENTS = 20;
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    private final List<Client> clients = new ArrayList<>();
    private final Set<String> acknowledged = new TreeSet<>();
    private Path hub;
    private Path config;
    private String address;
    private Command serve;
    private int round;

    /** One that keeps in step with the hub. */
    private static final class Client implements AutoCloseable {
        private final Database database = Database.inMemory();
        private final Sync sync = new Sync(database);
        private KeptPeer peer;

        void dial(String address, String secret) {
            if (peer != null) {
                peer.close();
            }
            peer = sync.keep(address, secret);
        }

        Session session() {
            return peer.connected().join();
        }

        @Override
        public void close() {
            sync.close();
            database.close();
        }
    }

    @BeforeEach
    void configure() throws IOException {
        hub = directory.resolve("disk").resolve("hub");
        config = directory.resolve("hub.json");
        address = "ws://127.0.0.1:" + FreePort.find() + "/";
    }

    @AfterEach
    void end() {
        clients.forEach(Client::close);
        if (serve != null) {
            serve.close();
        }
    }

    /** One database, with these grants; and another one where that is wanted. */
    private void configure(boolean another, String... grants) throws IOException {
        List<String> entries = new ArrayList<>();
        for (String grant : grants) {
            entries.add("\"" + grant + "\": {\"secretFile\": \"" + grant + ".secret\"}");
        }
        Files.writeString(
                config,
                "{\"health\": \"127.0.0.1:0\", \"databases\": [{\"directory\": \"disk/hub\", \"listen\": [\"" + address
                        + "\"],\n\"grants\": {" + String.join(", ", entries) + "}}"
                        + (another ? ",\n{\"directory\": \"other\", \"listen\": [\"ws://127.0.0.1:0/\"]}" : "") + "]}");
    }

    private void supervise() {
        serve = Command.start("serve", "--config", config);
        serve.message(line -> line.equals("serving, stop with Ctrl-C"));
    }

    private String secret(String grant) throws IOException {
        return Files.readString(directory.resolve(grant + ".secret")).strip();
    }

    private void dial(String grant) throws IOException {
        for (Client client : clients) {
            client.dial(address, secret(grant));
        }
    }

    /** Something that each of some clients writes is with all of them, and with the hub. */
    private void inStep(String what) {
        round++;
        for (int n = 0; n < clients.size(); n += 5) {
            String id = "r" + round + "-" + n;
            clients.get(n).database.put(id, "{}");
            acknowledged.add(id);
        }
        for (Client client : clients) {
            await(what).atMost(LONG).until(() -> client.database.summary().documents() == acknowledged.size());
        }
    }

    private void started(int count) throws IOException {
        configure(false, "old");
        supervise();
        for (int n = 0; n < count; n++) {
            clients.add(new Client());
        }
        dial("old");
        inStep("at the beginning");
    }

    private int ready() throws Exception {
        String place = serve.message(line -> line.startsWith("health at ")).substring("health at ".length());
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(place)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.body())
                .contains("\"ready\":" + (answer.statusCode() == 200))
                .doesNotContain(secret("old"));
        return answer.statusCode();
    }

    @Test
    void clientsAreInStepAfterAReloadARotationAKillAndAStop() throws Exception {
        started(CLIENTS);
        assertThat(ready()).isEqualTo(200);

        // A reload that changes something else ends no session, and a broken file changes nothing.
        List<String> before =
                clients.stream().map(client -> client.session().id()).toList();
        Files.writeString(config, "{\"databases\": [{\"directory\": \"disk/hub\",\n\"listn\": []}]}");
        assertThat(Command.start("reload", hub).failed(1)).contains("hub.json, line 2, databases[0].listn");
        configure(true, "old", "new");
        assertThat(Command.run("reload", hub).line(1)).startsWith("serving 2 databases");
        Command.run("put", hub, "by-hand", "{}");
        acknowledged.add("by-hand");
        inStep("after a reload");
        assertThat(clients.stream().map(client -> client.session().id())).isEqualTo(before);

        // A secret is rotated: the new one is given out, the old one is taken away.
        dial("new");
        configure(false, "new");
        Command.run("reload", hub);
        inStep("after a rotation");
        Path stranger = directory.resolve("stranger");
        assertThat(Command.start("dial", stranger, address, "--secret-file", directory.resolve("old.secret"))
                        .failed(3))
                .contains("secret");

        serve.kill();
        supervise();
        inStep("after kill -9");

        serve.terminate();
        assertThat(serve.exitCode()).as(serve::toString).isZero();
        assertThat(serve.messages()).contains("stopping").noneMatch(line -> line.startsWith("livesync: "));
        assertThat(new TreeSet<>(ids())).isEqualTo(acknowledged);
        supervise();
        inStep("after a stop");
    }

    private List<String> ids() {
        return Stored.in(hub).stream().map(line -> line.replace(" {}", "")).toList();
    }

    @Test
    @Tag("soak")
    void clientsAreInStepAfterManyKillsStopsAndReloads() throws Exception {
        started(CLIENTS);
        for (int n = 0; n < 30; n++) {
            switch (n % 3) {
                case 0 -> serve.kill();
                case 1 -> {
                    serve.terminate();
                    assertThat(serve.exitCode()).isZero();
                }
                default -> {
                    configure(n % 2 == 0, "old");
                    Command.run("reload", hub);
                }
            }
            if (n % 3 != 2) {
                supervise();
            }
            inStep("after " + n);
        }
    }

    /** As root on Linux. Nothing that was acknowledged is lost, and when there is room again nobody has to do anything. */
    @Test
    @Tag("soak")
    void clientsAreInStepAgainWhenAFullDiskHasRoom() throws Exception {
        try (SmallDisk disk = SmallDisk.make(directory.resolve("disk"), 32)) {
            started(CLIENTS);
            disk.fill();
            assertThat(ready()).isEqualTo(503);
            // More than the disk has room for: whatever the sessions come to, the clients keep it.
            for (int n = 0; n < 5; n++) {
                for (int d = 0; d < 20; d++) {
                    String id = "full-" + n + "-" + d;
                    clients.get(n).database.put(id, "{\"t\":\"" + id.repeat(2_000) + "\"}");
                    acknowledged.add(id);
                }
            }
            assertThat(Command.start("put", hub, "x", "{\"t\":\"" + "x".repeat(100_000) + "\"}")
                            .exitCode())
                    .isEqualTo(1);
            disk.free();
            inStep("when there is room again");
            assertThat(ready()).isEqualTo(200);
            serve.terminate();
            assertThat(serve.exitCode()).isZero();
            assertThat(Stored.in(hub)).hasSize(acknowledged.size());
        }
    }
}
