package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.database.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two terminals on each of two directories: one syncs, the other reads and writes. Each command is a process. */
class TwoTerminalsTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    @Test
    void bothSidesAreWrittenReadWatchedAndBackedUpWhileTheySync() throws Exception {
        Path hub = directory.resolve("hub");
        Path peer = directory.resolve("peer");
        Path backup = directory.resolve("backup.car");
        try (Command listen = Command.start("listen", hub, "ws://127.0.0.1:0/");
                Command dial = Command.start("dial", peer, listen.line(1))) {
            dial.message(line -> line.startsWith("connected with "));
            try (Command watch = Command.start("watch", peer, "--every", "50")) {
                watch.message(line -> line.startsWith("watching "));
                assertThat(Command.run("put", hub, "a", "{\"n\":1}").lines()).containsExactly("stored a");
                assertThat(watch.line(1)).isEqualTo("put \"a\" elsewhere {\"n\":1}");
                assertThat(Command.run("get", peer, "a").lines()).containsExactly("{\"_id\":\"a\",\"n\":1}");
                watch.terminate();
                assertThat(watch.exitCode()).as("being stopped is its end").isZero();
            }
            // An import is killed half way, and nobody minds.
            try (Command importing = Command.start("import", hub, "-", "--ack")) {
                for (int n = 0; n < 2_000; n++) {
                    importing.type("{\"_id\":\"i-" + n + "\"}");
                }
                importing.line(1);
                importing.kill();
            }
            Command.run("backup", hub, backup);
            listen.kill();
            dial.message(line -> line.startsWith("dialling "));
            // The socket that was left behind is passed by.
            assertThat(Command.run("put", hub, "b", "{}").lines()).containsExactly("stored b");
            dial.interrupt();
            assertThat(dial.exitCode()).isZero();
        }
        Stored.intact(hub, "after kill -9");
        assertThat(Stored.in(hub)).contains("b {}", "i-0 {}");
        try (Database restored = restored(backup)) {
            assertThat(restored.get("i-0")).isPresent();
        }
    }

    private Database restored(Path backup) {
        Path target = directory.resolve("restored");
        Database.restore(backup, target);
        return Database.open(target);
    }

    /** Who is killed in the middle of somebody's command: that one says so, and what it had been told holds. */
    @Test
    void aHolderThatIsKilledInTheMiddleOfACommandIsReported() throws Exception {
        Path hub = directory.resolve("hub");
        try (Command listen = Command.start("listen", hub, "ws://127.0.0.1:0/")) {
            listen.line(1);
            try (Command importing = Command.start("import", hub, "-", "--ack")) {
                for (int n = 0; n < 2_000; n++) {
                    importing.type("{\"_id\":\"i-" + n + "\"}");
                }
                String first = importing.line(1);
                listen.kill();
                importing.closeInput();
                assertThat(importing.exitCode()).isEqualTo(1);
                assertThat(importing.messages()).anyMatch(line -> line.contains("ended before the command did"));
                List<String> stored = Stored.in(hub);
                assertThat(stored).contains(first.replace("stored ", "") + " {}");
                for (String acknowledged : importing.lines()) {
                    assertThat(stored).contains(acknowledged.replace("stored ", "") + " {}");
                }
            }
        }
    }

    @Test
    @Tag("soak")
    void twentyTerminalsAtOnceLoseNothing() {
        Path hub = directory.resolve("hub");
        try (Command listen = Command.start("listen", hub, "ws://127.0.0.1:0/")) {
            listen.line(1);
            List<Command> puts = new ArrayList<>();
            for (int n = 0; n < 20; n++) {
                puts.add(Command.start("put", hub, "doc-" + n, "{\"n\":" + n + "}"));
            }
            puts.forEach(Command::succeeded);
            listen.terminate();
            listen.succeeded();
        }
        assertThat(Stored.in(hub)).hasSize(20);
    }

    /** Even where everybody may write to the directory itself. Only root can try to be somebody else; for others the permissions are looked at. */
    @Test
    void anotherUserDoesNotGetThrough() throws Exception {
        boolean root = "root".equals(System.getProperty("user.name"));
        Path hub = Files.createTempDirectory(Path.of("/tmp"), "hub");
        Path db = hub.resolve("db");
        try (Command listen = Command.start("listen", db, "ws://127.0.0.1:0/")) {
            listen.line(1);
            Files.setPosixFilePermissions(hub, PosixFilePermissions.fromString("rwxrwxrwx"));
            Files.setPosixFilePermissions(db, PosixFilePermissions.fromString("rwxrwxrwx"));
            Path socket = db.resolve("livesync.control").resolve("socket");
            await().atMost(LONG).until(() -> Files.exists(socket));
            assertThat(connects(List.of("perl"), socket)).isTrue();
            List<String> nobody = List.of("setpriv", "--reuid=65534", "--clear-groups", "perl");
            assertThat(Files.getPosixFilePermissions(socket.getParent()))
                    .isEqualTo(PosixFilePermissions.fromString("rwx------"));
            assertThat(root && connects(nobody, socket)).isFalse();
            // And with the folder open to all, by mistake: the holder looks who it is.
            Files.setPosixFilePermissions(socket.getParent(), PosixFilePermissions.fromString("rwxrwxrwx"));
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rwxrwxrwx"));
            assertThat(root && connects(nobody, socket)).isFalse();
            assertThat(connects(List.of("perl"), socket)).isTrue();
            listen.terminate();
            listen.succeeded();
        } finally {
            try (var files = Files.walk(hub)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Whether the holder answers somebody's greeting. */
    private static boolean connects(List<String> perl, Path socket) throws Exception {
        String script = "use Socket; socket(S,AF_UNIX,SOCK_STREAM,0); connect(S,pack_sockaddr_un($ARGV[0])) or exit 1;"
                + " syswrite(S,pack('C N N N a1',1,9,1,1,'1')); exit(sysread(S,$b,1)==1 ? 0 : 1)";
        List<String> line = new ArrayList<>(perl);
        line.addAll(List.of("-e", script, socket.toString()));
        return new ProcessBuilder(line).redirectErrorStream(true).start().waitFor() == 0;
    }
}
