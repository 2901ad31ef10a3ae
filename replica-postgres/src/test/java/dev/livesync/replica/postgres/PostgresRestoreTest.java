package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.KeptPeer;
import dev.livesync.Sync;
import dev.livesync.api.Cid;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.Database;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An old dump is restored under two hubs while clients are connected: nobody does anything about it, and all are in step again with all that any client has. */
@ExtendWith(OnePostgres.class)
class PostgresRestoreTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    /** Documents of before the dump, and their characters: so much that what is sent for the restore is told from all of it. */
    private static final int BEFORE = 400;

    private static final int LENGTH = 500;

    private static final int LOST = 20;

    /** How the dump gets there. */
    enum Way {
        /** The tables are replaced, in one transaction. */
        REPLACED_TABLES,
        /** The database is dropped and made anew: hubs are cut off, and find nothing for a while. */
        DROPPED_DATABASE
    }

    @TempDir
    private Path folder;

    private static final class Client implements AutoCloseable {
        private final Database database = Database.inMemory();
        private final Sync sync = Sync.builder(database).transport("memory").build();
        private final KeptPeer peer;

        Client(String address) {
            peer = sync.keep(address);
        }

        /** Writes, and waits until it is acknowledged. */
        void store(String id) {
            database.put(id, "{}");
            peer.connected().join().delivered().join();
        }

        Set<String> ids() {
            Set<String> ids = new TreeSet<>();
            database.forEach(document -> ids.add(document.id()));
            return ids;
        }

        @Override
        public void close() {
            sync.close();
            database.close();
        }
    }

    private static PostgresStore store(String server) {
        PostgresOptions options = PostgresOptions.DEFAULT.toBuilder()
                .pollInterval(Duration.ofMillis(50))
                .poolSize(4)
                .build();
        return PostgresStore.connect(PostgresServer.url(OnePostgres.server().port(), server), options);
    }

    private static List<Cid> heads(PostgresReplica replica) {
        try (Snapshot snapshot = replica.snapshot()) {
            return snapshot.heads();
        }
    }

    private static void run(String program, String... arguments) throws Exception {
        PostgresServer server = OnePostgres.server();
        List<String> command = new ArrayList<>(List.of(
                server.bin().resolve(program).toString(),
                "-h",
                "127.0.0.1",
                "-p",
                Integer.toString(server.port()),
                "-U",
                "livesync"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, said).isZero();
    }

    private void restore(Way way, String server, Path dump) throws Exception {
        if (way == Way.DROPPED_DATABASE) {
            OnePostgres.server().execute("drop database " + server + " with (force)");
            OnePostgres.server().execute("create database " + server);
        }
        run("psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", server, "-f", dump.toString());
    }

    @ParameterizedTest
    @EnumSource
    void nothingThatAClientHasIsLost(Way way) throws Exception {
        String server = way.name().toLowerCase(Locale.ROOT);
        OnePostgres.server().execute("create database " + server);
        Path dump = folder.resolve("dump.sql");
        List<Client> clients = new ArrayList<>();
        try (PostgresStore here = store(server);
                PostgresStore there = store(server);
                Sync one = Sync.builder(here.open("notes")).transport("memory").build();
                Sync other =
                        Sync.builder(there.open("notes")).transport("memory").build()) {
            List<String> addresses = List.of(
                    one.listen("memory:" + server + "-one").join().address(),
                    other.listen("memory:" + server + "-other").join().address());
            for (int n = 0; n < 4; n++) {
                clients.add(new Client(addresses.get(n % 2)));
            }
            Set<String> written = new TreeSet<>();
            clients.get(0).database.write(batch -> {
                Random random = new Random(21);
                for (int n = 0; n < BEFORE; n++) {
                    byte[] text = new byte[LENGTH / 2];
                    random.nextBytes(text);
                    batch.put("before " + n, "{\"text\":\"" + HexFormat.of().formatHex(text) + "\"}");
                    written.add("before " + n);
                }
            });
            for (Client client : clients) {
                await().atMost(LONG).until(() -> client.ids().equals(written));
            }
            run(
                    "pg_dump",
                    "--clean",
                    "--if-exists",
                    "-d",
                    server,
                    "-f",
                    way == Way.REPLACED_TABLES
                            ? dump.toString()
                            : folder.resolve("unused").toString());
            run("pg_dump", "-d", server, "-f", way == Way.DROPPED_DATABASE ? dump.toString() : "/dev/null");
            for (int n = 0; n < LOST; n++) {
                written.add("lost " + n);
                clients.get(n % clients.size()).store("lost " + n);
            }
            // Who wrote this is gone when it is lost; others have it.
            try (Client gone = new Client(addresses.get(0))) {
                gone.store("of one who is gone");
                written.add("of one who is gone");
            }
            for (Client client : clients) {
                await().atMost(LONG).until(() -> client.ids().equals(written));
            }
            long sent = sent(one) + sent(other);

            restore(way, server, dump);

            for (int n = 0; n < clients.size(); n++) {
                written.add("after " + n);
                clients.get(n).database.put("after " + n, "{}");
            }
            for (Client client : clients) {
                await().atMost(LONG)
                        .untilAsserted(() -> assertThat(client.ids()).isEqualTo(written));
            }
            for (PostgresReplica replica : List.of(here.open("notes"), there.open("notes"))) {
                await().atMost(LONG)
                        .untilAsserted(() -> assertThat(heads(replica))
                                .isEqualTo(clients.get(0).database.clock()));
            }
            assertThat(sent(one) + sent(other) - sent)
                    .as("bytes that hubs have sent for it, though their clients lacked a few documents")
                    .isLessThan(BEFORE * LENGTH / 2L);
            try (Client fresh = new Client(addresses.get(0))) {
                await().atMost(LONG).untilAsserted(() -> assertThat(fresh.ids()).isEqualTo(written));
            }
        } finally {
            clients.forEach(Client::close);
        }
    }

    private static long sent(Sync hub) {
        return hub.counts().bytesSent();
    }
}
