package dev.livesync.cli.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.cli.hub.HubConfiguration.DrainSettings;
import dev.livesync.cli.hub.HubConfiguration.Entry;
import dev.livesync.grant.Rights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HubReaderTest {
    @TempDir
    private Path directory;

    private HubConfiguration read(String text) throws IOException {
        return HubReader.read(Files.writeString(directory.resolve("hub.json"), text));
    }

    @Test
    void everythingThatCanBeSaidIsHeard() throws IOException {
        HubConfiguration hub = read("""
                // our hub
                {
                  "databases": [
                    {
                      "directory": "notes",
                      "listen": ["ws://0.0.0.0:9000/", "/ip4/0.0.0.0/tcp/9001"],
                      "secretFile": "/etc/secret",
                      "grants": {
                        "phone": {"secretFile": "phone.secret"},
                        "board": {"rights": "read-only", "peers": ["libp2p:12D3"], "expires": "2030-12-31T00:00:00Z"},
                      },
                      "alphas": true,
                      "attachments": true,
                      "websocket": {"plaintext": true, "origins": ["https://app.example"], "keystore": "k", "keystorePasswordFile": "p", "maxConnections": 9},
                      "libp2p": {"identityFile": "id"},
                      "limits": {"sessionsPerGrant": 3, "maxDocumentBytes": 1000000, "transitBytes": 8000000, "heartbeatSeconds": 5},
                    },
                    {"directory": "/var/logs", "listen": ["ws://127.0.0.1:9002/"]},
                  ],
                  "blocks": "127.0.0.1:9190",
                  "drain": {"noticeSeconds": 5, "leaveSeconds": 20},
                  "health": 9180 /* no: see below */
                }
                """.replace("9180 /* no: see below */", "\"9180\" /* on this machine */"));
        Entry notes = hub.databases().get(0);
        assertThat(notes.directory()).isEqualTo(directory.resolve("notes").toAbsolutePath());
        assertThat(notes.listen()).containsExactly("ws://0.0.0.0:9000/", "libp2p:/ip4/0.0.0.0/tcp/9001");
        assertThat(notes.secretFile()).contains(Path.of("/etc/secret"));
        assertThat(notes.grants().orElseThrow())
                .satisfiesExactly(
                        board -> {
                            assertThat(board.name()).isEqualTo("board");
                            assertThat(board.rights()).isEqualTo(Rights.READ);
                            assertThat(board.expires()).contains(Instant.parse("2030-12-31T00:00:00Z"));
                            assertThat(board.peers()).hasSize(1);
                        },
                        phone -> {
                            assertThat(phone.rights()).isEqualTo(Rights.READ_WRITE);
                            assertThat(phone.secretFile())
                                    .contains(directory.resolve("phone.secret").toAbsolutePath());
                        });
        assertThat(notes.sessions().alphas()).isTrue();
        assertThat(notes.sessions().transports().origins()).containsExactly("https://app.example");
        assertThat(notes.sessions().transports().maxConnections()).contains(9);
        assertThat(notes.sessions().sessionsPerGrant()).contains(3);
        assertThat(hub.databases().get(1).directory()).isEqualTo(Path.of("/var/logs"));
        assertThat(hub.databases().get(1).grants()).as("managed by commands").isEmpty();
        assertThat(hub.databases().get(1).sessions().alphas()).isFalse();
        assertThat(hub.health().orElseThrow().getAddress().isLoopbackAddress()).isTrue();
        assertThat(hub.health().orElseThrow().getPort()).isEqualTo(9_180);
        assertThat(hub.blocks().orElseThrow().getPort()).isEqualTo(9_190);
        assertThat(hub.drain().notice()).hasSeconds(5);
        assertThat(hub.drain().leave()).hasSeconds(20);
    }

    @Test
    void aStoreIsNamedWithoutItsPassword() throws IOException {
        String entry = "{\"databases\": [{\"directory\": \"notes\", \"listen\": [\"ws://127.0.0.1:1/\"],\n";
        Entry named = read(entry + "\"store\": \"postgresql://n1,n2/live?user=a\"}]}")
                .databases()
                .get(0);
        assertThat(named.store().orElseThrow().url()).isEqualTo("postgresql://n1,n2/live?user=a");
        assertThat(named.store().orElseThrow().database()).isEqualTo("notes");
        assertThat(named.store().orElseThrow().reads()).isEmpty();
        assertThat(read(entry + "\"store\": \"postgresql://n1,n2/live\", \"reads\": \"postgresql://n2/live\"}]}")
                        .databases()
                        .get(0)
                        .store()
                        .orElseThrow()
                        .reads())
                .hasValue("postgresql://n2/live");
        assertThat(read(entry + "\"store\": \"jdbc:postgresql://n1/live\", \"database\": \"b\"}]}")
                        .databases()
                        .get(0)
                        .store()
                        .orElseThrow()
                        .database())
                .isEqualTo("b");
        assertThat(read("""
                        {"group": {"listen": ["ws://127.0.0.1:1/"], "databases": {
                          "todos": {"directory": "t", "store": "postgresql://n1/live"}}}}""").all().get(0).store().orElseThrow().place())
                .isEqualTo("database t of postgresql://n1/live");
        assertThat(read(entry + "\"store\": \"postgresql://n1/live\", \"attachments\": true}]}")
                        .databases()
                        .get(0)
                        .sessions()
                        .attachments())
                .isTrue();
        for (String[] bad : new String[][] {
            {"\"store\": \"mysql://n1/live\"", "databases[0].store: an address such as postgresql://"},
            {"\"store\": \"postgresql://n1/live?user=a&password=x\"", "databases[0].store: no secrets in here"},
            {"\"store\": \"postgresql://a:x@n1/live\"", "databases[0].store: an address such as"},
            {"\"reads\": \"postgresql://n1/live\"", "databases[0].reads: where a store's standbys are"},
            {
                "\"store\": \"postgresql://n1/live\", \"reads\": \"postgresql://n1/live?password=x\"",
                "databases[0].reads: no secrets in here"
            },
            {"\"database\": \"b\"", "databases[0].database: the name of a database in a store"},
        }) {
            assertThatThrownBy(() -> read(entry + bad[0] + "}]}")).hasMessageContaining("line 2, " + bad[1]);
        }
    }

    @Test
    void nobodyWaitsUnlessItIsSaid() throws IOException {
        String database = "{\"databases\": [{\"directory\": \"a\", \"listen\": [\"ws://127.0.0.1:1/\"]}]";
        assertThat(read(database + "}").drain()).isEqualTo(DrainSettings.NONE);
        assertThat(read(database + ", \"drain\": {\"leaveSeconds\": 3}}")
                        .drain()
                        .notice())
                .isZero();
        assertThatThrownBy(() -> read(database + ",\n\"drain\": {\"leaveSeconds\": 601}}"))
                .hasMessageContaining("line 2, drain.leaveSeconds: a number from 0 to 600");
        assertThatThrownBy(() -> read(database + ",\n\"drain\": {\"noticeSeconds\": -1}}"))
                .hasMessageContaining("line 2, drain.noticeSeconds: a number from 0 to 600");
    }

    /** Line 4 of the file is what is wrong; the first column is what stands there. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    "listn": []                                             | line 4 | databases[0].listn                   | there are alphas, attachments, database, directory
                    "alphas": "yes"                                         | line 4 | databases[0].alphas                  | true or false
                    "listen": "ws://127.0.0.1:1/"                           | line 4 | databases[0].listen                  | a list
                    "limits": {"heartbeatSeconds": "5"}                     | line 4 | databases[0].limits.heartbeatSeconds | a whole number
                    "limits": {"heartbeatSeconds": 0}                       | line 4 | databases[0].limits.heartbeatSeconds | at least 1
                    "limits": []                                            | line 4 | databases[0].limits                  | an object
                    "listen": ["127.0.0.1:9000"]                            | line 4 | databases[0].listen[0]               | such as ws://
                    "listen": ["ws://127.0.0.1:1/", "ws://127.0.0.1:2/#x"]  | line 4 | databases[0].listen[1]               | no secrets
                    "listen": ["ws://127.0.0.1:1/", "ws://127.0.0.1:1/"]    | line 4 | databases[0].listen[1]               | twice
                    "listen": [null]                                        | line 4 | databases[0].listen[0]               | missing
                    "grants": {"a": {}}                                     | line 4 | databases[0].grants.a                | secretFile
                    "grants": {"a": {"secretFile": "x", "rights": "all"}}   | line 4 | databases[0].grants.a.rights         | read-only
                    "grants": {"a": {"secretFile": "x", "expires": "30d"}}  | line 4 | databases[0].grants.a.expires        | 2030-12-31T00:00:00Z
                    "grants": {"a": {"secretFile": ""}}                     | line 4 | databases[0].grants.a.secretFile     | empty
                    "websocket": {"origins": ["*"]}                         | line 4 | databases[0].websocket.origins[0]    | https://app.example
                    "websocket": {"keystore": "k"}                          | line 4 | databases[0].websocket               | go together
                    "directory": "b"                                        | line 4 | directory                            | Duplicate
                    "listen": [                                             | line 5 |                                      | begins in line 4
                    """)
    void whatIsWrongIsNamedWithItsLine(String wrong, String line, String field, String what) {
        String text = "{ \"databases\": [ {\n  \"directory\": \"a\",\n  "
                + (wrong.contains("\"listen\"") || wrong.contains("directory")
                        ? ""
                        : "\"listen\": [\"ws://127.0.0.1:1/\"],")
                + "\n  " + wrong + "\n} ] }\n";
        assertThatThrownBy(() -> read(text))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
                .hasMessageContaining("hub.json, " + line)
                .hasMessageContaining(field == null ? "" : field)
                .hasMessageContaining(what);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    {}                          | databases
                    null                        | null
                    []                          | an object
                    {"databases": []}           | at least one
                    {"databases": [null]}       | missing
                    {"databases": [{}]}         | listen
                    {} {}                       | follows the end
                    {"health": "here"}          | databases
                    """)
    void whatIsNoConfigurationIsRefused(String text, String what) {
        assertThatThrownBy(() -> read(text)).hasMessageContaining("hub.json").hasMessageContaining(what);
    }

    @Test
    void aGroupIsHeardWithWhatIsItsOwnAndItsMembers() throws IOException {
        Files.createDirectory(directory.resolve("app"));
        Files.writeString(directory.resolve("app/index.html"), "<p>");
        HubConfiguration hub = read("""
                {"group": {
                    "listen": ["ws://0.0.0.0:9000/"],
                    "websocket": {"plaintext": true},
                    "databases": {
                      "todos": {"directory": "a", "grants": {"phone": {"secretFile": "s"}}, "limits": {"sessionsPerGrant": 3},
                                "page": {"directory": "app", "port": 9003, "secretFile": "page.secret"}},
                      "photos": {"directory": "b", "attachments": true}}}}
                """);
        assertThat(hub.databases()).isEmpty();
        assertThat(hub.all()).hasSize(2);
        HubConfiguration.Group group = hub.group().orElseThrow();
        assertThat(group.listen()).containsExactly("ws://0.0.0.0:9000/");
        assertThat(group.transports().plaintext()).isTrue();
        assertThat(group.members()).containsOnlyKeys("todos", "photos");
        Entry todos = group.members().get("todos");
        assertThat(todos.listen()).isEqualTo(group.listen());
        assertThat(todos.grants().orElseThrow()).hasSize(1);
        assertThat(todos.sessions().sessionsPerGrant()).contains(3);
        assertThat(todos.page().orElseThrow().port()).contains(9_003);
        assertThat(todos.page().orElseThrow().directory())
                .isEqualTo(directory.resolve("app").toAbsolutePath());
        assertThat(group.members().get("photos").sessions().attachments()).isTrue();
        assertThat(group.members().get("photos").grants()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    "listen": ["ws://h:1/"]                                                                  | group.databases                 | at least one
                    "listen": ["ws://h:1/"], "databases": {"": {"directory": "b"}}                           | group.databases.                | characters
                    "listen": ["ws://h:1/"], "databases": {"a": {"directory": "b", "listen": []}}            | group.databases.a.listen        | no such field
                    "listen": ["ws://h:1/"], "databases": {"a": {"directory": "b", "secretFile": "s"}}       | group.databases.a.secretFile    | no such field
                    "listen": ["ws://h:1/"], "databases": {"a": {"directory": "alone"}}                      | group.databases.a.directory     | twice
                    "listen": ["ws://h:1/"], "databases": {"a": {"directory": "b"}, "c": {"directory": "b"}} | group.databases.c.directory     | twice
                    "listen": ["ws://h:1/"], "databases": {"a": {}}                                          | group.databases.a.directory     | missing
                    "listen": ["ws://h:1/"], "databases": {"a": {"directory": "b", "page": {"directory": "none", "secretFile": "s"}}} | page.directory | index.html
                    "databases": {"a": {"directory": "b"}}                                                   | group.listen                    | say where
                    """)
    void whatIsWrongWithAGroupIsNamed(String wrong, String field, String what) {
        String alone = "{\"directory\": \"alone\", \"listen\": [\"ws://127.0.0.1:1/\"]}";
        assertThatThrownBy(() -> read("{\"databases\": [" + alone + "],\n\"group\": {" + wrong + "}}"))
                .hasMessageContaining("line 2, ")
                .hasMessageContaining(field)
                .hasMessageContaining(what);
    }

    @Test
    void twoEntriesForOneDirectoryAreRefused() {
        String entry = "{\"directory\": \"a\", \"listen\": [\"ws://127.0.0.1:1/\"]}";
        assertThatThrownBy(
                        () -> read("{\"databases\": [" + entry + ",\n" + entry.replace("\"a\"", "\"x/../a\"") + "]}"))
                .hasMessageContaining("line 2, databases[1].directory")
                .hasMessageContaining("twice");
    }

    @Test
    void twoEntriesForOneDatabaseOfAStoreAreRefused() throws IOException {
        String entry =
                "{\"directory\": \"a\", \"listen\": [\"ws://h:1/\"], \"store\": \"postgresql://n1/live?user=u\"}";
        String other = entry.replace("\"a\"", "\"b/a\"");
        assertThatThrownBy(() -> read("{\"databases\": [" + entry + ",\n" + other.replace("?user=u", "") + "]}"))
                .hasMessageContaining("line 2, databases[1].store")
                .hasMessageContaining("database a of this store is there twice");
        String named = other.replace("}", ", \"database\": \"b\"}");
        assertThat(read("{\"databases\": [" + entry + ",\n" + named + "]}").all())
                .hasSize(2);
    }

    @Test
    void healthIsAPortOrAnAddressWithOne() throws IOException {
        String rest = ", \"databases\": [{\"directory\": \"a\", \"listen\": [\"ws://127.0.0.1:1/\"]}]}";
        assertThat(read("{\"health\": \"[::1]:80\"" + rest)
                        .health()
                        .orElseThrow()
                        .getPort())
                .isEqualTo(80);
        for (String wrong : new String[] {"here", "70000", "1.2.3.4:", "::1:80"}) {
            assertThatThrownBy(() -> read("{\"health\": \"" + wrong + "\"" + rest))
                    .hasMessageContaining("line 1, health");
        }
    }
}
