package dev.livesync.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.Endpoint;
import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryNetwork;
import dev.livesync.transport.memory.MemoryTransportProvider;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SyncGroupTest {
    private static final String SECRET = "a-secret-of-22-or-more-characters";
    private static final String OTHER = "another-secret-that-is-long-enough";

    private final MemoryNetwork network = new MemoryNetwork();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        Collections.reverse(open);
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private <T extends AutoCloseable> T closing(T resource) {
        open.add(resource);
        return resource;
    }

    private MemoryTransportProvider memory() {
        return new MemoryTransportProvider(network, MemoryConfiguration.defaults());
    }

    private SyncGroup group() {
        return closing(SyncGroup.builder().transport(memory()).build());
    }

    private Database database() {
        return closing(Database.inMemory());
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static SyncException failure(CompletableFuture<?> future) {
        try {
            future.orTimeout(30, TimeUnit.SECONDS).join();
            throw new AssertionError("it did not fail");
        } catch (CompletionException e) {
            return (SyncException) e.getCause();
        }
    }

    private int connections() {
        return network.faults().links().size();
    }

    /** A group that listens with databases of these names, each with a secret of its own. */
    private Map<String, Endpoint> serve(SyncGroup group, String... names) throws Exception {
        for (String name : names) {
            group.add(name, database());
        }
        return get(group.listen("memory:hub"));
    }

    private static Session inStep(CompletableFuture<Session> dial) throws Exception {
        Session session = get(dial);
        get(session.backlog());
        return session;
    }

    @Test
    void severalDatabasesShareOneConnectionAndNothingElse() throws Exception {
        Database todos = database();
        Database photos = database();
        SyncGroup hub = group();
        hub.add("todos", todos);
        hub.add("photos", photos);
        Map<String, Endpoint> endpoints = get(hub.listen("memory:hub"));
        Database ourTodos = database();
        Database ourPhotos = database();
        SyncGroup here = group();
        ourTodos.put("todo-1", "{\"text\":\"Buy\"}");
        photos.put("photo-1", "{\"of\":\"a cat\"}");

        inStep(here.add("todos", ourTodos).dial(endpoints.get("todos").address()));
        inStep(here.add("photos", ourPhotos).dial(endpoints.get("photos").address()));

        assertThat(connections()).isEqualTo(1);
        assertThat(todos.get("todo-1")).isPresent();
        assertThat(ourPhotos.get("photo-1")).isPresent();
        assertThat(photos.get("todo-1")).isEmpty();
        assertThat(ourTodos.get("photo-1")).isEmpty();
        assertThat(endpoints.get("todos").address())
                .isNotEqualTo(endpoints.get("photos").address())
                .startsWith("memory:hub#");
        ourPhotos.put("photo-2", "{}");
        await().until(() -> photos.get("photo-2").isPresent());
    }

    @Test
    void theConnectionEndsWithItsLastSession() throws Exception {
        Map<String, Endpoint> endpoints = serve(group(), "a", "b");
        SyncGroup here = group();
        Session a = inStep(here.add("a", database()).dial(endpoints.get("a").address()));
        Session b = inStep(here.add("b", database()).dial(endpoints.get("b").address()));

        a.close();
        inStep(here.find("a").orElseThrow().dial(endpoints.get("a").address()));
        assertThat(connections()).isEqualTo(1);
        assertThat(here.remove("a")).isTrue();
        assertThat(b.closed()).isNotDone();
        b.close();

        await().until(() -> connections() == 0);
    }

    @Test
    void eachDatabaseHasItsOwnGrants() throws Exception {
        SecureRandom random = new SecureRandom();
        Grant reader = Grant.of("reader", Rights.READ, random);
        Grant writer = Grant.of("writer", Rights.READ_WRITE, random);
        Grants todoGrants = Grants.inMemory();
        Grants photoGrants = Grants.inMemory();
        todoGrants.add(reader);
        photoGrants.add(writer);
        Database todos = database();
        Database photos = database();
        SyncGroup hub = group();
        hub.add("todos", todos);
        hub.add("photos", photos);
        get(hub.listen("memory:hub", Map.of("todos", todoGrants, "photos", photoGrants)));
        Database ourTodos = database();
        Database ourPhotos = database();
        SyncGroup here = group();
        Session reads = inStep(here.add("todos", ourTodos).dial("memory:hub#" + reader.secret()));
        Session writes = inStep(here.add("photos", ourPhotos).dial("memory:hub#" + writer.secret()));

        // A grant of one database is none of the other.
        assertThat(failure(here.find("photos").orElseThrow().dial("memory:hub#" + reader.secret()))
                        .kind())
                .isEqualTo(ErrorKind.AUTHENTICATION);
        todos.put("todo-1", "{}");
        ourPhotos.put("photo-1", "{}");
        await().until(() -> ourTodos.get("todo-1").isPresent());
        await().until(() -> photos.get("photo-1").isPresent());

        todoGrants.revoke("reader");

        assertThat(failure(reads.closed())).isNotNull();
        assertThat(connections()).isEqualTo(1);
        ourPhotos.put("photo-2", "{}");
        await().until(() -> photos.get("photo-2").isPresent());
        assertThat(writes.closed()).isNotDone();
    }

    @Test
    void aStrangerCannotTellADatabaseThatIsNotServedFromAWrongSecret() throws Exception {
        SyncGroup hub = group();
        Database served = database();
        served.put("secret-1", "{}");
        hub.add("served", served).listen("memory:hub", SECRET).join();
        SyncGroup here = group();

        SyncException wrong = failure(here.add("served", database()).dial("memory:hub", OTHER));
        SyncException absent = failure(here.add("absent", database()).dial("memory:hub", OTHER));
        Database ours = database();
        SyncException right = failure(here.add("absent too", ours).dial("memory:hub", SECRET));

        assertThat(wrong.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
        for (SyncException other : List.of(absent, right)) {
            assertThat(other.kind()).isEqualTo(wrong.kind());
            assertThat(plain(other)).isEqualTo(plain(wrong));
        }
        assertThat(ours.get("secret-1")).isEmpty();
    }

    /** Without the number that the memory network gives to a connection. */
    private static String plain(SyncException failure) {
        return String.valueOf(failure.getMessage()).replaceAll("[0-9]+", "N");
    }

    @Test
    void keptPeersComeBackTogetherOverOneConnection() throws Exception {
        Map<String, Endpoint> endpoints = serve(group(), "a", "b", "c");
        SyncGroup here = group();
        List<KeptPeer> kept = new ArrayList<>();
        List<Session> before = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            kept.add(here.add(name, database()).keep(endpoints.get(name).address()));
        }
        for (KeptPeer each : kept) {
            before.add(inStep(each.connected()));
        }
        assertThat(connections()).isEqualTo(1);

        network.faults().cutAll();

        for (int i = 0; i < kept.size(); i++) {
            assertThat(failure(before.get(i).closed()).kind()).isEqualTo(ErrorKind.DISCONNECTED);
            KeptPeer peer = kept.get(i);
            Session old = before.get(i);
            await().until(() ->
                    peer.status().session().filter(each -> each != old).isPresent());
            inStep(peer.connected());
        }
        assertThat(connections()).isEqualTo(1);
    }

    @Test
    void databasesComeAndGoWhileTheConnectionLives() throws Exception {
        SyncGroup hub = group();
        Map<String, Endpoint> endpoints = serve(hub, "a");
        SyncGroup here = group();
        Session a = inStep(here.add("a", database()).dial(endpoints.get("a").address()));

        Database late = database();
        Endpoint lateEndpoint = get(hub.add("late", late).listen("memory:hub", SECRET));
        Database ours = database();
        ours.put("doc", "{}");
        Session second = inStep(here.add("late", ours).dial(lateEndpoint.address()));
        assertThat(late.get("doc")).isPresent();
        assertThat(connections()).isEqualTo(1);

        assertThat(hub.remove("late")).isTrue();
        get(second.closed());
        assertThat(a.closed()).isNotDone();
        assertThat(failure(here.find("late").orElseThrow().dial(lateEndpoint.address()))
                        .kind())
                .isEqualTo(ErrorKind.AUTHENTICATION);
        assertThat(hub.names()).containsExactly("a");
        assertThat(a.closed()).isNotDone();
    }

    @Test
    void aPeerThatIsNoGroupIsToldSoAndSoIsAGroupThatDialsOne() throws Exception {
        Map<String, Endpoint> endpoints = serve(group(), "a");
        Sync plain = closing(
                Sync.builder(database()).transport(memory()).databaseName("a").build());
        SyncException refused = failure(plain.dial(endpoints.get("a").address()));
        assertThat(refused.kind()).isEqualTo(ErrorKind.UNSUPPORTED);

        Database there = database();
        Sync listener = closing(
                Sync.builder(there).transport(memory()).databaseName("a").build());
        Endpoint endpoint = get(listener.listen("memory:plain"));
        SyncException other = failure(group().add("a", database()).dial(endpoint.address()));
        assertThat(other.kind()).isEqualTo(ErrorKind.UNSUPPORTED);

        // Neither is harmed.
        inStep(plain.dial(endpoint.address()));
        inStep(group().add("a", database()).dial(endpoints.get("a").address()));
    }

    @Test
    void allListenOrNone() throws Exception {
        SyncGroup first = group();
        first.add("a", database()).listen("memory:taken", SECRET).join();
        SyncGroup hub = group();
        hub.add("a", database());
        hub.add("b", database());

        SyncException taken = failure(hub.listen("memory:taken"));
        SyncException unknown = failure(hub.listen("memory:free", Map.of("c", Grants.inMemory())));

        assertThat(taken.kind()).isEqualTo(ErrorKind.IN_USE);
        assertThat(unknown.kind()).isEqualTo(ErrorKind.NOT_FOUND);
        assertThat(get(hub.listen("memory:free"))).containsOnlyKeys("a", "b");
    }

    @Test
    void namesAreLimited() {
        SyncGroup group = group();
        group.add("a", database());
        assertThatThrownBy(() -> group.add("a", database()))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.IN_USE));
        assertThatThrownBy(() -> group.add("", database()))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION));
        assertThatThrownBy(() -> group.add("x".repeat(256), database()))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION));
        Database one = database();
        for (int i = 1; i < SyncGroup.MAX_DATABASES; i++) {
            group.add("n" + i, one);
        }
        assertThatThrownBy(() -> group.add("one more", one))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED));
        group.close();
        assertThatThrownBy(() -> group.add("late", one))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CLOSED));
    }

    @Test
    void aWriteBeforeTheCloseIsDelivered() throws Exception {
        SyncGroup hub = group();
        Database there = database();
        hub.add("a", there);
        Map<String, Endpoint> endpoints = get(hub.listen("memory:hub"));
        for (int i = 0; i < 3; i++) {
            Database ours = Database.inMemory();
            SyncGroup here = SyncGroup.builder().transport(memory()).build();
            get(here.add("a", ours).dial(endpoints.get("a").address()));
            ours.put("last-" + i, "{}");
            here.close();
            assertThat(there.get("last-" + i)).isPresent();
            ours.close();
        }
    }
}
