package dev.livesync.cli.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.group.SyncGroup;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A hub whose databases share an address, as its file changes. */
@Timeout(60)
class HubGroupTest {
    @TempDir
    private Path directory;

    private final List<String> notes = new CopyOnWriteArrayList<>();
    private final Map<String, Database> own = new LinkedHashMap<>();
    private final SyncGroup client = new SyncGroup();
    private HubRunner hub;
    private Runnable opening = () -> {};

    /** Without a command around it. */
    private final class PlainHost implements HubHost {
        @Override
        public OpenedDatabase open(Path place, Supplier<String> reload) {
            opening.run();
            Database database = Database.open(place);
            return new OpenedDatabase() {
                @Override
                public Database database() {
                    return database;
                }

                @Override
                public void serves(Sync sync) {}

                @Override
                public void close() {
                    database.close();
                }
            };
        }

        @Override
        public OpenedDatabase open(StoredDatabase stored, Supplier<String> reload) {
            throw new AssertionError("nothing here is in a store");
        }

        @Override
        public String secret(Path file) throws IOException {
            if (!Files.exists(file)) {
                Files.writeString(file, secretOf(file.getFileName().toString()));
            }
            return Files.readString(file);
        }

        @Override
        public SyncListener listener(String name) {
            return new SyncListener() {};
        }

        @Override
        public SyncListener attachments() {
            return new SyncListener() {};
        }

        @Override
        public void note(String line) {
            notes.add(line);
        }
    }

    private static String secretOf(String file) {
        return (file + "-").repeat(8).substring(0, 43).replace('.', '-');
    }

    @AfterEach
    void end() {
        client.close();
        if (hub != null) {
            hub.close();
        }
        own.values().forEach(Database::close);
    }

    /** A hub's file: members as {@code NAME=DIRECTORY}; each has one grant, with the directory's secret. */
    private Path config(String more, String... members) throws IOException {
        StringBuilder entries = new StringBuilder();
        for (String member : members) {
            String name = member.substring(0, member.indexOf('='));
            String place = member.substring(name.length() + 1);
            entries.append(entries.isEmpty() ? "" : ",\n")
                    .append("\"" + name + "\": {\"directory\": \"" + place
                            + "\", \"grants\": {\"phone\": {\"secretFile\": \"" + place + ".secret\"}}}");
        }
        return Files.writeString(
                directory.resolve("hub.json"),
                "{\"group\": {\"listen\": [\"ws://127.0.0.1:0/\"], \"databases\": {" + entries + "}}" + more + "}");
    }

    private void start(String... members) throws IOException {
        hub = HubRunner.start(new PlainHost(), config("", members));
    }

    private ServedEntry served(String place) {
        return hub.served().stream()
                .filter(entry -> entry.directory().equals(directory.resolve(place)))
                .findFirst()
                .orElseThrow();
    }

    private String address() {
        List<String> all = hub.served().stream()
                .filter(entry -> !entry.name().isEmpty())
                .flatMap(entry -> entry.addresses().stream())
                .distinct()
                .toList();
        assertThat(all).as("one address for all").hasSize(1);
        return all.get(0);
    }

    private Session dial(String name, String place) throws Exception {
        Sync sync = client.find(name)
                .orElseGet(() -> client.add(name, own.computeIfAbsent(name, any -> Database.inMemory())));
        return sync.dial(address(), secretOf(place + ".secret")).get(30, TimeUnit.SECONDS);
    }

    private void equal(Session session) throws Exception {
        session.awaitEqual().get(30, TimeUnit.SECONDS);
    }

    @Test
    void databasesAtOneAddressAreEachForTheirOwnGrants() throws Exception {
        start("todos=a", "photos=b");
        Session todos = dial("todos", "a");
        Session photos = dial("photos", "b");
        own.get("todos").put("milk", "{}");
        own.get("photos").put("cat", "{}");
        equal(todos);
        equal(photos);
        assertThat(served("a").sessions()).isEqualTo(1);
        assertThat(served("b").sessions()).isEqualTo(1);
        for (String[] wrong : new String[][] {{"todos", "b"}, {"photos", "a"}, {"nothing", "a"}}) {
            assertThatThrownBy(() -> dial(wrong[0], wrong[1]))
                    .cause()
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.AUTHENTICATION));
        }
        assertThat(own.get("nothing").summary().documents()).isZero();
        assertThat(own.get("todos").summary().documents()).isEqualTo(1);
    }

    @Test
    void whatComesAndGoesLeavesTheOthersSessionsAlone() throws Exception {
        start("todos=a");
        Session todos = dial("todos", "a");
        String before = address();
        config("", "todos=a", "photos=b");
        assertThat(hub.reload()).startsWith("serving 2 databases");
        assertThat(address()).isEqualTo(before);
        Session photos = dial("photos", "b");
        equal(photos);
        // The handshake has said that both are equal, and the hub may still read its last message.
        await().until(() -> served("b").sessions() == 1);

        config("", "todos=a");
        hub.reload();
        photos.closed().get(30, TimeUnit.SECONDS);
        assertThatThrownBy(() -> dial("photos", "b")).hasMessageContaining("secret");
        own.get("todos").put("after", "{}");
        equal(todos);
        assertThat(served("a").sessions()).as("the same session").isEqualTo(1);
        await().untilAsserted(() -> {
            try (Database again = Database.open(directory.resolve("b"))) {
                assertThat(again.summary().documents()).isZero();
            }
        });
    }

    @Test
    void namesAndPlacesChange() throws Exception {
        start("one=a", "two=b");
        try (Session session = dial("one", "a")) {
            own.get("one").put("from-a", "{}");
            equal(session);
        }
        config("", "two=a", "one=b");
        hub.reload();
        own.put("mirror", Database.inMemory());
        try (SyncGroup other = new SyncGroup()) {
            Session session = other.add("two", own.get("mirror"))
                    .dial(address(), secretOf("a.secret"))
                    .get(30, TimeUnit.SECONDS);
            equal(session);
            assertThat(own.get("mirror").get("from-a")).isPresent();
        }

        // Out of the group to an address of its own, where a Sync alone finds it, and back.
        config(
                ", \"databases\": [{\"directory\": \"a\", \"listen\": [\"ws://127.0.0.1:0/\"], \"secretFile\": \"alone.secret\"}]",
                "one=b");
        hub.reload();
        assertThat(served("a").name()).isEmpty();
        try (Sync alone = new Sync(own.get("mirror"))) {
            equal(alone.dial(served("a").addresses().get(0), secretOf("alone.secret"))
                    .get(30, TimeUnit.SECONDS));
        }
        config("", "one=b", "two=a");
        hub.reload();
        assertThat(served("a").name()).isEqualTo("two");
        equal(dial("two", "a"));

        config(", \"databases\": [{\"directory\": \"c\", \"listen\": [\"ws://127.0.0.1:0/\"]}]");
        Files.writeString(
                directory.resolve("hub.json"),
                "{\"databases\": [{\"directory\": \"c\", \"listen\": [\"ws://127.0.0.1:0/\"]}]}");
        assertThat(hub.reload()).startsWith("serving 1 database");
    }

    @Test
    void transportsThatCannotBeMadeChangeNothing() throws Exception {
        start("todos=a", "photos=b");
        Session session = dial("todos", "a");
        Path file = config("", "todos=a", "photos=b");
        String good = Files.readString(file);
        Files.writeString(
                file,
                good.replace(
                        "\"group\": {",
                        "\"group\": {\"websocket\": {\"keystore\": \"none\", \"keystorePasswordFile\": \"none\"}, "));
        assertThatThrownBy(hub::reload).hasMessageContaining("done in part");
        assertThat(hub.problems()).isNotEmpty();
        own.get("todos").put("still", "{}");
        equal(session);
        Files.writeString(file, good);
        hub.reload();
        assertThat(hub.problems()).isEmpty();
        own.get("todos").put("and still", "{}");
        equal(session);
        assertThat(session.closed()).isNotDone();

        Files.writeString(file, good.replace("\"group\": {", "\"group\": {\"websocket\": {\"maxConnections\": 50}, "));
        hub.reload();
        session.closed().get(30, TimeUnit.SECONDS);
        equal(dial("todos", "a"));
        equal(dial("photos", "b"));
    }

    @Test
    void aPageIsServedAsLongAsTheFileHasIt() throws Exception {
        Files.createDirectory(directory.resolve("app"));
        Files.writeString(directory.resolve("app/index.html"), "<p>board</p>");
        Path file = config("", "todos=a");
        String without = Files.readString(file);
        String page = "\"page\": {\"directory\": \"app\", \"port\": 0, \"secretFile\": \"page.secret\"}";
        Files.writeString(file, without.replace("\"a\",", "\"a\", " + page + ","));
        hub = HubRunner.start(new PlainHost(), file);
        String first = pageAddress(1);
        assertThat(get(first, "").body()).isEqualTo("<p>board</p>");
        assertThat(get(first + "livesync/clock", "").statusCode()).isEqualTo(403);
        assertThat(get(first + "livesync/clock", secretOf("a.secret")).statusCode())
                .as("a grant doesn't open the page")
                .isEqualTo(403);
        String token = secretOf("page.secret");
        assertThat(get(first + "livesync/clock", token).statusCode()).isEqualTo(200);
        assertThatThrownBy(() -> dial("todos", "page"))
                .as("nor the page's secret a grant")
                .hasMessageContaining("secret");

        // What a page does in a browser.
        own.put("page", Database.inMemory());
        own.get("page").put("from-the-page", "{}");
        try (Sync browser = Sync.builder(own.get("page"))
                        .transport("webrtc")
                        .databaseName("todos")
                        .build();
                OpenOffer offer = browser.openOffer("webrtc").get(30, TimeUnit.SECONDS)) {
            String answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(first + "livesync/accept"))
                                    .header("LiveSync-Token", token)
                                    .POST(HttpRequest.BodyPublishers.ofString(offer.text()))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            Session session = offer.connect(answer).get(30, TimeUnit.SECONDS);
            equal(session);
            assertThat(served("a").sessions()).isEqualTo(1);

            hub.reload();
            assertThat(session.closed()).as("nothing has changed").isNotDone();
            assertThat(notes.stream().filter(line -> line.startsWith("page at ")))
                    .hasSize(1);
        }
        equal(dial("todos", "a"));
        assertThat(own.get("todos").get("from-the-page")).isPresent();

        Files.writeString(file, without);
        hub.reload();
        assertThatThrownBy(() -> get(first, "")).isInstanceOf(IOException.class);
    }

    private String pageAddress(int nth) {
        String line = notes.stream()
                .filter(note -> note.startsWith("page at "))
                .skip(nth - 1L)
                .findFirst()
                .orElseThrow();
        assertThat(line).contains("page.secret").doesNotContain(secretOf("page.secret"));
        return line.substring("page at ".length(), line.indexOf(','));
    }

    private static HttpResponse<String> get(String place, String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(place));
        return HttpClient.newHttpClient()
                .send(
                        (token.isEmpty() ? request : request.header("LiveSync-Token", token)).build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> health(String path) throws Exception {
        await().until(() -> notes.stream().anyMatch(line -> line.startsWith("health at ")));
        URI ready = URI.create(notes.stream()
                .filter(line -> line.startsWith("health at "))
                .findFirst()
                .orElseThrow()
                .substring("health at ".length()));
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(ready.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    /** A database may take minutes to be read, and a supervisor that asks in vain whether the process lives, kills it. */
    @Test
    void aHubThatStillReadsIsAliveAndNotReady() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        opening = () -> {
            try {
                assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        Path file = config(", \"health\": \"127.0.0.1:0\"", "todos=todos");
        CompletableFuture<Void> started =
                CompletableFuture.runAsync(() -> hub = HubRunner.start(new PlainHost(), file));
        assertThat(health("/live").statusCode()).isEqualTo(200);
        HttpResponse<String> ready = health("/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains("it begins or ends");
        assertThat(started).isNotDone();
        asked.countDown();
        started.get(30, TimeUnit.SECONDS);
        assertThat(health("/ready").statusCode()).isEqualTo(200);
    }
}
