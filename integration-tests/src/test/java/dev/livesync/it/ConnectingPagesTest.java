package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.Endpoint;
import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.Advertisement;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.discovery.DiscoveryListener;
import dev.livesync.database.Database;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Java of the pages about connecting compiles, and runs where it needs no network but this machine's. */
@Timeout(60)
class ConnectingPagesTest {
    private static final String IMPORTS = """
            import dev.livesync.*;
            import dev.livesync.api.*;
            import dev.livesync.database.Database;
            import dev.livesync.grant.*;
            import dev.livesync.mesh.*;
            import dev.livesync.api.discovery.*;
            import dev.livesync.discovery.mdns.*;
            import dev.livesync.api.transport.*;
            import dev.livesync.transport.libp2p.*;
            import dev.livesync.transport.memory.*;
            import dev.livesync.transport.partykit.*;
            import dev.livesync.transport.servlet.*;
            import dev.livesync.transport.webrtc.*;
            import dev.livesync.transport.webrtc.WebRtcConfiguration.IceServer;
            import dev.livesync.transport.websocket.*;
            import java.nio.file.Path;
            import java.security.SecureRandom;
            import java.time.Instant;
            import java.util.*;

            """;

    @TempDir
    private Path scratch;

    @Test
    void theProgramOfTheFrontPageWrites() throws Exception {
        Class<?> page = PageBlocks.of("README.md")
                .with("Path.of(\"notes\")", "directory")
                .compile(scratch, "FrontPage", IMPORTS + """
                        public class FrontPage {
                            public static void run(Path directory, String address) {
                                %s
                            }
                        }
                        """);
        Path directory = scratch.resolve("notes");
        try (Database hub = Database.inMemory();
                Sync sync = new Sync(hub)) {
            page.getMethod("run", Path.class, String.class)
                    .invoke(
                            null,
                            directory,
                            sync.listen("ws://127.0.0.1:0/").join().address());
        }
        try (Database written = Database.open(directory)) {
            assertThat(written.get("todo-1").orElseThrow().json()).isEqualTo("{\"text\":\"Buy milk\"}");
        }
    }

    @Test
    void grantsOpenAndRefuse() throws Exception {
        Class<?> page = PageBlocks.of("grants.md")
                .with("wss://0.0.0.0:9000/", "ws://127.0.0.1:0/")
                .with("\"wss://hub.example:9000/\"", "address")
                .with("\"webrtc\"", "\"memory\"")
                .compile(scratch, "GrantsPage", IMPORTS + """
                        public class GrantsPage {
                            public static Endpoint listen(Sync sync, Path directory, Instant end) {
                                %s
                                return endpoint;
                            }
                            public static Session dial(Sync sync, String address, String secret) {
                                %s
                                return session;
                            }
                            public static Sync authorizer(Database database) {
                                %s
                                return sync;
                            }
                            public static OpenOffer offer(Sync sync, Grants grants) {
                                %s
                                return offer;
                            }
                        }
                        """);
        Path directory = scratch.resolve("hub");
        try (Database hub = Database.open(directory);
                Database peer = Database.inMemory();
                Sync here = (Sync) page.getMethod("authorizer", Database.class).invoke(null, hub);
                Sync there = new Sync(peer)) {
            Endpoint endpoint = (Endpoint) page.getMethod("listen", Sync.class, Path.class, Instant.class)
                    .invoke(null, here, directory, Instant.now().plusSeconds(3600));
            Grant alice = Grants.inDirectory(directory).list().iterator().next();
            assertThat(alice.name()).isEqualTo("alice");
            Session session = (Session) page.getMethod("dial", Sync.class, String.class, String.class)
                    .invoke(null, there, endpoint.address(), alice.secret());
            await("the listener says what alice may do")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> session.rights().equals(Rights.READ));

            Grants grants = Grants.inMemory();
            grants.add(Grant.of("dashboard", Rights.READ, new SecureRandom()));
            OpenOffer offer = (OpenOffer)
                    page.getMethod("offer", Sync.class, Grants.class).invoke(null, here, grants);
            assertThat(offer.text()).isNotBlank();
        }
    }

    @Test
    void aMeshIsLeft() throws Exception {
        Class<?> page = PageBlocks.of("discovery.md").compile(scratch, "DiscoveryPage", IMPORTS + """
                public class DiscoveryPage {
                    public static void mesh(Sync sync, Discovery discovery, String secret) {
                        %s
                    }
                    public static Mesh room(Database database, String secret) {
                        %s
                        return mesh;
                    }
                    public static Mesh network(Database database, String secret) {
                        %s
                        return mesh;
                    }
                }
                """);
        try (Database database = Database.inMemory();
                Sync sync = new Sync(database)) {
            EmptyDiscovery empty = new EmptyDiscovery();
            page.getMethod("mesh", Sync.class, Discovery.class, String.class)
                    .invoke(null, sync, empty, "abcdefghijklmnopqrstuvwxyz");
            assertThat(empty.asked).isTrue();
        }
    }

    /** Names nobody. */
    private static final class EmptyDiscovery implements Discovery {
        private boolean asked;

        @Override
        public CompletionStage<String> start(Advertisement self, DiscoveryListener listener) {
            asked = true;
            return CompletableFuture.completedFuture("m7");
        }

        @Override
        public void close() {}
    }

    @Test
    void whatCanHelpIsTold() throws Exception {
        Class<?> page = PageBlocks.of("errors.md").compile(scratch, "ErrorsPage", IMPORTS + """
                public class ErrorsPage {
                    public static void run(SyncException failure) {
                        %s
                    }
                }
                """);
        var run = page.getMethod("run", SyncException.class);
        run.invoke(null, new SyncException(ErrorKind.UNREACHABLE, "nobody listens"));
        SyncException wrong = new SyncException(ErrorKind.AUTHENTICATION, "wrong secret");
        assertThatThrownBy(() -> run.invoke(null, wrong))
                .isInstanceOf(InvocationTargetException.class)
                .hasCause(wrong);
    }

    @Test
    void thePlugOfMemoryIsPulled() throws Exception {
        Class<?> page = PageBlocks.of("transports/memory.md").compile(scratch, "MemoryPage", IMPORTS + """
                public class MemoryPage {
                    public static Sync run(Database database) {
                        %s
                        return sync;
                    }
                }
                """);
        try (Database database = Database.inMemory();
                Sync sync = (Sync) page.getMethod("run", Database.class).invoke(null, database)) {
            assertThat(sync.sessions()).isEmpty();
        }
    }

    /** They name hosts and files that are nowhere; the kit and the other tests of each transport run its configuration. */
    @ParameterizedTest
    @CsvSource({
        "transports/libp2p.md, ''",
        "transports/partykit.md, ''",
        "transports/servlet.md, ''",
        "transports/webrtc.md, }",
        "transports/websocket.md, ''"
    })
    void theConfigurationCompiles(String name, String end) throws Exception {
        PageBlocks.of(name).compile(scratch, "ConfigurationPage", IMPORTS + """
                public class ConfigurationPage {
                    public static void run(
                            Database database, char[] password, Grants grants, jakarta.servlet.ServletContext context)
                            throws Exception {
                        %s
                """ + end + "\n    }\n}\n");
    }
}
