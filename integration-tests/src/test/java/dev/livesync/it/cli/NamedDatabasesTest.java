package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.KeptPeer;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.group.SyncGroup;
import dev.livesync.it.TcpRelay;
import dev.livesync.replica.postgres.FreePort;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A hub in a process of its own that serves several databases at one address, and those who dial it. */
class NamedDatabasesTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    private Command serve;
    private String shared;
    private String alone;

    /** Counts the connections that pass. */
    private static final class Counting extends TcpRelay {
        private final Set<Socket> diallers = ConcurrentHashMap.newKeySet();

        Counting(URI hub) throws IOException {
            super(hub.getHost(), hub.getPort());
            begin();
        }

        @Override
        protected void pump(Socket from, Socket to, boolean fromDialler) throws IOException {
            if (fromDialler) {
                diallers.add(from);
            }
            from.getInputStream().transferTo(to.getOutputStream());
        }

        String address() {
            return "ws://127.0.0.1:" + localPort() + "/";
        }
    }

    @BeforeEach
    void serve() throws IOException {
        shared = "ws://127.0.0.1:" + FreePort.find() + "/";
        configure("");
    }

    private void configure(String more) throws IOException {
        Files.writeString(
                directory.resolve("hub.json"), """
                {
                  "group": {
                    "listen": ["SHARED"],
                    "databases": {
                      "todos": {"directory": "todos", "grants": {"phone": {"secretFile": "todos.secret"}}}, MORE
                      "photos": {"directory": "photos", "grants": {"phone": {"secretFile": "photos.secret"}}},
                    },
                  },
                  "databases": [{"directory": "notes", "listen": ["ws://127.0.0.1:0/"],
                                 "grants": {"phone": {"secretFile": "notes.secret"}}}],
                }
                """.replace("SHARED", shared).replace("MORE", more));
    }

    private void start(int databases) {
        serve = Command.start("serve", "--config", directory.resolve("hub.json"));
        serve.message(line -> line.equals("serving, stop with Ctrl-C"));
        serve.line(databases); // the two streams are read side by side
        List<String> lines = serve.lines();
        assertThat(lines).hasSize(databases);
        assertThat(address(lines, "todos todos")).isEqualTo(shared);
        assertThat(address(lines, "photos photos")).as("one address").isEqualTo(shared);
        alone = address(lines, "notes");
        assertThat(alone).isNotEqualTo(shared);
    }

    private String address(List<String> lines, String place) {
        return lines.stream()
                .filter(line -> line.endsWith(" " + directory.resolve(place)))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .findFirst()
                .orElseThrow();
    }

    @AfterEach
    void end() {
        if (serve != null) {
            serve.close();
        }
    }

    private Path secret(String name) {
        return directory.resolve(name + ".secret");
    }

    private Command dial(String to, String address, String secret, String... more) {
        Object[] line = new Object[6 + more.length];
        System.arraycopy(
                new Object[] {"dial", directory.resolve(to), address, "--secret-file", secret(secret), "--once"},
                0,
                line,
                0,
                6);
        System.arraycopy(more, 0, line, 6, more.length);
        return Command.start(line);
    }

    @Test
    void eachIsForItsOwnGrantsAndWhoKnowsOneDatabaseFindsItAsBefore() {
        for (String name : List.of("todos", "photos", "notes")) {
            Stored.put(directory.resolve(name), "at-the-hub-" + name, "{}");
            Stored.put(directory.resolve("my-" + name), "mine-" + name, "{}");
        }
        start(3);
        try (Command todos = dial("my-todos", shared, "todos", "--database", "todos");
                Command photos = dial("my-photos", shared, "photos", "--database", "photos");
                Command notes = dial("my-notes", alone, "notes")) {
            for (Command each : List.of(todos, photos, notes)) {
                assertThat(each.succeeded().line(1)).startsWith("equal: received 1 events");
            }
        }
        for (String name : List.of("todos", "photos", "notes")) {
            assertThat(Stored.in(directory.resolve("my-" + name)))
                    .containsExactly("at-the-hub-" + name + " {}", "mine-" + name + " {}");
        }
        // A grant for one opens no other, by whatever name, and nothing is told of which there are.
        try (Command other = dial("stranger", shared, "todos", "--database", "photos");
                Command none = dial("stranger-2", shared, "todos", "--database", "letters");
                Command unnamed = dial("stranger-3", shared, "todos");
                Command named = dial("stranger-4", alone, "notes", "--database", "notes")) {
            String refused = other.failed(1);
            assertThat(refused).contains("secret");
            assertThat(none.failed(1)).isEqualTo(refused);
            String names = "it has several databases at this address and was told no name, or one and was told a name";
            assertThat(unnamed.failed(1)).contains(names);
            assertThat(named.failed(1)).contains(names);
        }
        serve.terminate();
        assertThat(serve.exitCode()).isZero();
        for (String name : List.of("todos", "photos", "notes")) {
            Stored.equal(directory.resolve(name), directory.resolve("my-" + name), name);
        }
    }

    @Test
    void severalAreKeptOverOneConnectionThroughAReloadAndAKill() throws Exception {
        start(3);
        try (Counting relay = new Counting(URI.create(shared));
                SyncGroup group = new SyncGroup();
                Database todos = Database.inMemory();
                Database photos = Database.inMemory()) {
            Sync todosSync = group.add("todos", todos);
            Sync photosSync = group.add("photos", photos);
            KeptPeer keptTodos = todosSync.keep(relay.address(), key("todos"));
            KeptPeer keptPhotos = photosSync.keep(relay.address(), key("photos"));
            String first = keptTodos.connected().get().id();
            todos.put("todo", "{}");
            photos.put("photo", "{}");
            keptTodos.connected().get().awaitEqual().get();
            keptPhotos.connected().get().awaitEqual().get();
            assertThat(relay.diallers).as("connections").hasSize(1);

            // A third one at the same address; the others' sessions go on.
            configure(
                    "\"letters\": {\"directory\": \"letters\", \"grants\": {\"phone\": {\"secretFile\": \"letters.secret\"}}},");
            assertThat(Command.run("reload", directory.resolve("todos")).line(1))
                    .startsWith("serving 4 databases");
            try (Command letters = dial("my-letters", shared, "letters", "--database", "letters")) {
                letters.succeeded();
            }
            assertThat(keptTodos.connected().get().id()).isEqualTo(first);

            // They come back by themselves.
            keptTodos.close();
            keptPhotos.close();
            keptTodos = todosSync.keep(shared, key("todos"));
            keptPhotos = photosSync.keep(shared, key("photos"));
            keptTodos.connected().get();
            keptPhotos.connected().get();
            serve.kill();
            start(4);
            for (Database database : List.of(todos, photos)) {
                database.put("after", "{}");
            }
            for (KeptPeer kept : List.of(keptTodos, keptPhotos)) {
                await().atMost(LONG).until(() -> kept.connected().isDone());
                kept.connected().get().awaitEqual().get();
            }
            serve.terminate();
            assertThat(serve.exitCode()).isZero();
            assertThat(Stored.in(directory.resolve("todos"))).containsExactly("after {}", "todo {}");
            assertThat(Stored.in(directory.resolve("photos"))).containsExactly("after {}", "photo {}");
        }
    }

    private String key(String name) throws IOException {
        return Files.readString(secret(name)).strip();
    }
}
