package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.discovery.mdns.MdnsDiscovery;
import dev.livesync.mesh.Mesh;
import dev.livesync.mesh.MeshOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code join mdns:}: this process and others find each other by real multicast, at 127.0.0.1. */
class JoinNetworkTest {
    private static final Duration SOON = Duration.ofSeconds(100);
    private static final String SECRET = "N".repeat(43);
    private static final String HERE = "libp2p:/ip4/127.0.0.1/tcp/0";

    @TempDir
    private Path directory;

    /** Of no other test that runs on this machine. */
    private final String group = UUID.randomUUID().toString();

    private Command join(Path database) {
        return Command.start("join", database, "mdns:" + group + "#" + SECRET, "--listen", HERE);
    }

    private static void has(Database database, String id) {
        await().atMost(SOON).until(() -> database.get(id).isPresent());
    }

    private static void isHeldByAll(Mesh mesh) throws Exception {
        await().atMost(SOON).until(() -> !mesh.sessions().isEmpty());
        for (Session session : mesh.sessions()) {
            session.delivered().get(SOON.toSeconds(), TimeUnit.SECONDS);
        }
    }

    @Test
    void anotherProcessIsFoundAndSyncedWithLive() throws Exception {
        if (!LoopbackMulticast.works()) {
            itIsStartedOrSaysThatTheNetworkDoesntWork();
            return;
        }
        Path other = directory.resolve("other");
        Stored.put(other, "theirs", "{}");
        try (Command joined = join(other);
                Database database = Database.inMemory();
                Sync sync = Sync.builder(database).build()) {
            database.put("ours", "{}");
            assertThat(joined.line(1)).isEqualTo("mdns:" + group + "#" + SECRET);
            Mesh mesh = sync.mesh(new MdnsDiscovery(group), MeshOptions.at(HERE).withSecret(SECRET))
                    .get(60, TimeUnit.SECONDS);
            has(database, "theirs");
            database.put("live", "{}");
            isHeldByAll(mesh);
            joined.killNow();
            joined.exitCode();
            assertThat(Stored.in(other)).containsExactly("live {}", "ours {}", "theirs {}");
        }
    }

    /** Where multicast doesn't work, nobody is found; the command has to behave all the same. */
    private void itIsStartedOrSaysThatTheNetworkDoesntWork() throws Exception {
        System.out.println("JoinNetworkTest: multicast doesn't work at 127.0.0.1 here, so nobody is found by it");
        try (Command joined = join(directory.resolve("alone"))) {
            List<String> said = List.of(joined.message(
                    line -> line.contains("on the network as") || line.startsWith("livesync: multicast DNS")));
            if (said.get(0).contains("on the network as")) {
                joined.interrupt();
                assertThat(joined.exitCode()).as(joined::toString).isZero();
            } else {
                assertThat(joined.exitCode()).as(joined::toString).isEqualTo(1);
            }
        }
    }

    @Tag("soak")
    @RepeatedTest(5)
    void threeProcessesAreEqualAndOneThatIsKilledIsFoundAgain() throws Exception {
        assertThat(LoopbackMulticast.works()).as("multicast at 127.0.0.1").isTrue();
        Path a = directory.resolve("a");
        Path b = directory.resolve("b");
        Stored.put(a, "of-a", "{}");
        Stored.put(b, "of-b", "{}");
        try (Database database = Database.inMemory();
                Sync sync = Sync.builder(database).build();
                Command first = join(a)) {
            sync.mesh(new MdnsDiscovery(group), MeshOptions.at(HERE).withSecret(SECRET))
                    .get(60, TimeUnit.SECONDS);
            try (Command second = join(b)) {
                has(database, "of-a");
                has(database, "of-b");
                second.kill();
            }
            Stored.put(b, "while-away", "{}");
            database.put("meanwhile", Map.of());
            try (Command again = join(b)) {
                has(database, "while-away");
                again.message(line -> line.startsWith("in step with "), 2);
                again.interrupt();
                assertThat(again.exitCode()).as(again::toString).isZero();
            }
            assertThat(Command.run(
                                    "join",
                                    directory.resolve("c"),
                                    "mdns:" + group + "#" + SECRET,
                                    "--once",
                                    "--listen",
                                    HERE)
                            .lines())
                    .singleElement()
                    .asString()
                    .startsWith("equal: ");
            first.interrupt();
            assertThat(first.exitCode()).as(first::toString).isZero();
            assertThat(first.messages()).noneMatch(line -> line.contains(SECRET));
        }
        Stored.equal(a, b, "heads and documents");
        assertThat(Stored.in(directory.resolve("c"))).hasSize(4);
    }
}
