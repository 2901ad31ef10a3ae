package dev.livesync.cli.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.transport.memory.MemoryNetwork;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PageServerTest {
    private final MemoryNetwork network = new MemoryNetwork();
    private final HttpClient client = HttpClient.newHttpClient();
    private final Database database = Database.inMemory();
    private Sync sync;
    private PageServer server;
    private String base;
    private String token;

    @TempDir
    private Path directory;

    @BeforeEach
    void serve() throws IOException {
        Path root = Files.createDirectory(directory.resolve("page"));
        Files.writeString(root.resolve("index.html"), "<p>hello</p>");
        Files.writeString(root.resolve("app.mjs"), "export const one = 1");
        Files.writeString(root.resolve("notes.secret"), "not to be shown: no type");
        Files.writeString(directory.resolve("outside.js"), "outside");
        Files.createSymbolicLink(root.resolve("link.js"), directory.resolve("outside.js"));
        sync = Sync.builder(database)
                .transport(network.signalling())
                .allowAlpha(true)
                .build();
        server = PageServer.start(0, root, database.replica(), sync, "a-token-of-43-characters");
        String address = server.address();
        base = address.substring(0, address.indexOf("/#"));
        token = address.substring(address.indexOf('#') + 1);
    }

    @AfterEach
    void end() {
        server.close();
        server.close();
        sync.close();
        database.close();
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
        return client.send((headers.length == 0 ? request : request.headers(headers)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> accept(String offer) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(base + "/livesync/accept"))
                        .header("LiveSync-Token", token)
                        .POST(BodyPublishers.ofString(offer))
                        .build(),
                BodyHandlers.ofString());
    }

    @Test
    void filesOfThePageAndNoOthers() throws Exception {
        HttpResponse<String> index = get("/");
        assertThat(index.body()).isEqualTo("<p>hello</p>");
        assertThat(index.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        assertThat(index.headers().firstValue("Content-Security-Policy")).isPresent();
        assertThat(index.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
        assertThat(get("/app.mjs").headers().firstValue("Content-Type")).hasValue("text/javascript; charset=utf-8");
        for (String path : List.of(
                "/none.js",
                "/notes.secret",
                "/link.js",
                "/%2e%2e/outside.js",
                "/..%2foutside.js",
                "/%00.js",
                "//etc/passwd",
                "/page/../../outside.js")) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(404);
        }
    }

    @Test
    void withoutTheTokenNothingOfTheDatabaseIsTold() throws Exception {
        database.put("secret-id", "{}");
        assertThat(get("/livesync/clock").statusCode()).isEqualTo(403);
        HttpResponse<String> wrong = get("/livesync/clock", "LiveSync-Token", "x" + token);
        assertThat(wrong.statusCode()).isEqualTo(403);
        assertThat(wrong.body()).doesNotContain("secret-id").doesNotContain(token);
        assertThat(get("/livesync/clock", "LiveSync-Token", token).body()).contains("secret-id");
        assertThat(get("/livesync/accept", "LiveSync-Token", token).statusCode())
                .isEqualTo(404);
    }

    /** Neither the beginnings of requests nor bodies that never come. */
    @Test
    void unfinishedRequestsStopNobody() throws Exception {
        int port = URI.create(base).getPort();
        List<java.net.Socket> strangers = new java.util.ArrayList<>();
        for (int i = 0; i < 60; i++) {
            java.net.Socket socket = new java.net.Socket(java.net.InetAddress.getLoopbackAddress(), port);
            String begun = i % 2 == 0
                    ? "GET / HT"
                    : "POST /livesync/accept HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nContent-Length: 60000\r\n\r\n";
            socket.getOutputStream().write(begun.getBytes(StandardCharsets.US_ASCII));
            strangers.add(socket);
        }
        HttpRequest honest = HttpRequest.newBuilder(URI.create(base + "/livesync/clock"))
                .header("LiveSync-Token", token)
                .timeout(java.time.Duration.ofSeconds(20))
                .build();
        for (int i = 0; i < 5; i++) {
            assertThat(client.send(honest, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(200);
        }
        for (java.net.Socket socket : strangers) {
            socket.close();
        }
    }

    /** DNS rebinding: a name of somebody else's that leads here. The JDK's client won't send such a header. */
    @Test
    void onlyUnderItsOwnName() throws Exception {
        int port = URI.create(base).getPort();
        for (String host : List.of("evil.example:" + port, "127.0.0.1:1", "127.0.0.1")) {
            assertThat(raw(port, "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                    .as(host)
                    .startsWith("HTTP/1.1 421");
        }
        assertThat(raw(port, "GET / HTTP/1.1\r\nHost: localhost:" + port + "\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    private static String raw(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                InputStream in = socket.getInputStream();
                ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            in.transferTo(out);
            return out.toString(StandardCharsets.UTF_8);
        }
    }

    @Test
    void anOfferIsAnsweredAndBothAreEqualAfterwards() throws Exception {
        database.put("here", "{}");
        try (Database other = Database.inMemory();
                Sync page = Sync.builder(other).transport(network.signalling()).build()) {
            other.put("there", "{}");
            OpenOffer proposal = page.openOffer("memory-signal").get(20, TimeUnit.SECONDS);
            HttpResponse<String> answer = accept(proposal.text());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            Session session = proposal.connect(answer.body()).get(20, TimeUnit.SECONDS);
            session.awaitEqual().get(20, TimeUnit.SECONDS);
            assertThat(database.get("there")).isPresent();
            assertThat(other.clock()).isEqualTo(database.clock());
        }
    }

    @Test
    void aBadOfferIsAClearAnswer() throws Exception {
        HttpResponse<String> garbage = accept("nonsense");
        assertThat(garbage.statusCode()).isEqualTo(400);
        assertThat(garbage.body()).isNotBlank().doesNotContain("\n").doesNotContain("Exception");
        assertThat(accept("x".repeat(100_000)).statusCode()).isEqualTo(413);
    }

    @Test
    void theClockHasItsHeadsAndHowTheyCameToBe() throws Exception {
        database.put("a", "{}");
        database.put("b", "{}");
        database.delete("a");
        List<String> heads = database.clock().stream().map(Cid::toString).toList();
        JsonNode clock = new JsonMapper()
                .readTree(get("/livesync/clock", "LiveSync-Token", token).body());
        assertThat(clock.get("heads")).hasSize(1);
        assertThat(clock.get("heads").get(0).asText()).isEqualTo(heads.get(0));
        assertThat(clock.get("documents").asInt()).isEqualTo(1);
        assertThat(clock.get("total").asInt()).isEqualTo(3);
        assertThat(clock.get("events").findValuesAsText("id")).containsExactly("a", "b", "a");
        assertThat(clock.get("events").findValuesAsText("delete")).containsExactly("true", "false", "false");
        assertThat(clock.get("events").get(1).get("cid"))
                .isEqualTo(clock.get("events").get(0).get("parents").get(0));
    }

    @Test
    void aTakenPortIsSaidClearly() {
        int port = URI.create(base).getPort();
        assertThatThrownBy(() -> PageServer.start(port, directory, database.replica(), sync, "x"))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.IN_USE))
                .hasMessageContaining(Integer.toString(port));
    }
}
