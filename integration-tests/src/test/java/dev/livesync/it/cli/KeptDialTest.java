package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.database.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dial} stays connected: its hub is killed and restarted, and the machine sleeps. */
class KeptDialTest {
    private static final int RESTARTS = Integer.getInteger("livesync.restarts", 50);
    private static final int SLEEPERS = Integer.getInteger("livesync.sleepers", 50);

    @TempDir
    private Path directory;

    @Test
    void aHubThatIsKilledOrStoppedAndComesBackIsFoundAgain() throws Exception {
        restarts(2);
    }

    @Test
    @Tag("soak")
    void aHubThatIsRestartedManyTimesIsFoundAgain() throws Exception {
        restarts(RESTARTS);
    }

    /** Nobody listens when it begins; then the hub is killed and stopped in turn, and has something new each time. */
    private void restarts(int times) throws Exception {
        Path hub = directory.resolve("hub");
        Path peer = directory.resolve("peer");
        Path secret = directory.resolve("secret");
        String address;
        try (Command listen = Command.start("listen", hub, "ws://127.0.0.1:0/", "--secret-file", secret)) {
            address = listen.line(1).replaceAll("#.*", "");
        }
        try (Command dial = Command.start("dial", peer, address, "--secret-file", secret)) {
            dial.message(line -> line.startsWith("dialling " + address + " again in "));
            for (int i = 0; i < times; i++) {
                Stored.put(hub, "round-" + i, "{}");
                try (Command listen = Command.start("listen", hub, address, "--secret-file", secret)) {
                    dial.message(line -> line.startsWith("in step with "), i + 1);
                    if (i % 2 == 0) {
                        listen.kill();
                    } else {
                        listen.terminate();
                        listen.succeeded();
                    }
                }
            }
            dial.interrupt();
            assertThat(dial.exitCode()).as(dial::toString).isZero();
            assertThat(dial.messages()).noneMatch(line -> line.startsWith("livesync: "));
        }
        Stored.equal(hub, peer, "after " + times + " restarts");
        assertThat(Stored.in(peer)).hasSize(times);
    }

    @Test
    void aSecretThatIsWrongEndsIt() {
        try (Command listen = Command.start("listen", directory.resolve("hub"), "ws://127.0.0.1:0/")) {
            String address = listen.line(1).replaceAll("#.*", "#" + "W".repeat(43));
            assertThat(Command.start("dial", directory.resolve("peer"), address).failed(3))
                    .contains("secret");
        }
    }

    /** A hub with little patience, so that a short sleep is too long for it. */
    @Test
    void aMachineThatSleptIsInStepAgain() throws Exception {
        sleep(1, Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofSeconds(20));
    }

    @Test
    @Tag("soak")
    void machinesThatSleptForTwoMinutesAreInStepAgain() throws Exception {
        sleep(SLEEPERS, SyncLimits.defaults().heartbeat(), Duration.ofSeconds(130), Duration.ofMinutes(2));
    }

    private void sleep(int count, Duration heartbeat, Duration time, Duration patience) throws Exception {
        List<Command> dials = new ArrayList<>();
        try (Database database = Database.inMemory();
                Sync hub = Sync.builder(database)
                        .limits(SyncLimits.builder().heartbeat(heartbeat).build())
                        .build()) {
            String address =
                    hub.listen("ws://127.0.0.1:0/").get(1, TimeUnit.MINUTES).address();
            for (int i = 0; i < count; i++) {
                dials.add(Command.start(List.of("-Xmx64m"), "dial", directory.resolve("peer" + i), address));
            }
            database.put("before", "{}");
            await().atMost(Duration.ofMinutes(5)).until(() -> allEqual(hub, count));
            List<Session> before = hub.sessions();
            for (Command dial : dials) {
                dial.signal("STOP");
            }
            long asleep = System.nanoTime();
            await().atMost(time.multipliedBy(2).plusSeconds(20))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> hub.sessions().isEmpty() && System.nanoTime() - asleep >= time.toNanos());
            assertThat(before).allSatisfy(each -> assertThat(each.closed()).isCompletedExceptionally());
            database.put("meanwhile", "{}");
            for (Command dial : dials) {
                dial.signal("CONT");
            }
            long awake = System.nanoTime();
            await().atMost(patience).pollInterval(Duration.ofMillis(20)).until(() -> allEqual(hub, count));
            System.out.println(count + " of " + count + " in step " + (System.nanoTime() - awake) / 1_000_000
                    + " ms after they slept for " + time);
            for (Command dial : dials) {
                dial.interrupt();
                assertThat(dial.exitCode()).as(dial::toString).isZero();
                assertThat(dial.messages()).anyMatch(line -> line.matches("dialling .* again.*"));
            }
        } finally {
            dials.forEach(Command::close);
        }
        for (int i = 0; i < count; i++) {
            assertThat(Stored.in(directory.resolve("peer" + i))).containsExactly("before {}", "meanwhile {}");
        }
    }

    private static boolean allEqual(Sync hub, int count) {
        return hub.sessions().size() == count && hub.sessions().stream().allMatch(Session::equal);
    }
}
