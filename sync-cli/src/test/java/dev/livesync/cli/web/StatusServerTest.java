package dev.livesync.cli.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who is told what by the status page's server. */
class StatusServerTest {
    private static final int SESSIONS = 200;
    private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
    private static final String TOKEN = "a-token-of-some-length-0123456789";
    private static final String GRANTED = "the-secret-of-a-grant-0123456789";

    private final HttpClient http = HttpClient.newHttpClient();
    private final Database hub = Database.inMemory();
    private final Database client = Database.inMemory();
    private final Sync here = Sync.builder(hub).transport("memory").build();
    private final Sync there = Sync.builder(client).transport("memory").build();
    private final AtomicInteger reports = new AtomicInteger();
    private final AtomicLong time = new AtomicLong();
    /** Whether the time stands still; else a second passes whenever somebody looks. */
    private volatile boolean stopped;

    private StatusServer server;

    @BeforeEach
    void start() throws IOException {
        server = StatusServer.start(
                0,
                () -> {
                    reports.incrementAndGet();
                    return List.of(new MonitoredDatabase("hub", hub, here));
                },
                InstantSource.fixed(NOON),
                () -> stopped ? time.get() : time.addAndGet(1_000_000_000),
                TOKEN);
    }

    @AfterEach
    void end() {
        server.close();
        there.close();
        here.close();
        hub.close();
        client.close();
    }

    private HttpResponse<String> get(String path, String token) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                URI.create(server.address().substring(0, server.address().indexOf("/#")) + path));
        if (!token.isEmpty()) {
            request.header("LiveSync-Token", token);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode report() throws Exception {
        HttpResponse<String> response = get("/livesync/status", TOKEN);
        assertThat(response.statusCode()).isEqualTo(200);
        return new ObjectMapper().readTree(response.body());
    }

    @Test
    void nothingIsToldWithoutTheToken() throws Exception {
        for (String path : List.of("/livesync/status", "/livesync/clock?database=hub", "/livesync/none")) {
            for (String token : List.of("", "wrong", TOKEN + "x")) {
                HttpResponse<String> response = get(path, token);
                assertThat(response.statusCode()).as(path).isEqualTo(403);
                assertThat(response.body()).doesNotContain(TOKEN, "hub");
            }
        }
    }

    @Test
    void onlyThisMachinesNameAndOnlyGet() throws Exception {
        int port = URI.create(server.address()).getPort();
        for (String request : List.of(
                "GET /livesync/status HTTP/1.0\r\nHost: evil.example\r\nLiveSync-Token: " + TOKEN + "\r\n\r\n",
                "GET / HTTP/1.0\r\n\r\n")) {
            assertThat(raw(port, request)).startsWith("HTTP/1.1 421");
        }
        assertThat(raw(
                        port,
                        "POST /livesync/status HTTP/1.0\r\nHost: localhost:" + port + "\r\nLiveSync-Token: " + TOKEN
                                + "\r\nContent-Length: 0\r\n\r\n"))
                .startsWith("HTTP/1.1 405");
    }

    private static String raw(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                InputStream in = socket.getInputStream()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void thePageIsWholeAndLoadsNothingFromElsewhere() throws Exception {
        for (String file : List.of("/", "/index.html", "/status.js", "/clock.js", "/style.css", "/icon.svg")) {
            HttpResponse<String> response = get(file, "");
            assertThat(response.statusCode()).as(file).isEqualTo(200);
            assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
                    .doesNotContain("unsafe", "http");
            assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(response.body().replace("http://www.w3.org/2000/svg", ""))
                    .as(file)
                    .doesNotContain("http:", "https:", "//cdn", "innerHTML", "eval(", "style=", "onclick");
        }
        assertThat(get("/../web/StatusServer.class", "").statusCode()).isEqualTo(404);
        assertThat(get("/none", "").statusCode()).isEqualTo(404);
    }

    @Test
    void theReportSaysWhatIsGoingOn() throws Exception {
        Grants grants = Grants.inMemory();
        grants.add(new Grant("phone", GRANTED, Rights.READ, Optional.empty(), Set.of()));
        hub.put("a", "{}");
        String address = here.listen("memory:report", grants).join().address();
        Session session = there.dial(address, GRANTED).join();
        session.awaitEqual().join();
        var refused = there.dial(address, "a-wrong-secret-of-32-characters-x")
                .handle((s, e) -> e)
                .join();
        assertThat(refused).isNotNull();
        await().untilAsserted(() -> {
            JsonNode report = report();
            assertThat(report.path("time").asText()).isEqualTo(NOON.toString());
            JsonNode database = report.path("databases").path(0);
            assertThat(database.path("name").asText()).isEqualTo("hub");
            assertThat(database.path("documents").asLong()).isEqualTo(1);
            assertThat(database.path("refused").asLong()).isEqualTo(1);
            assertThat(database.path("refusals").path(0).path("kind").asText()).isEqualTo("AUTHENTICATION");
            JsonNode shown = database.path("sessions").path(0);
            assertThat(shown.path("grant").asText()).isEqualTo("phone");
            assertThat(shown.path("rights").asText()).isEqualTo("read");
            assertThat(shown.path("transport").asText()).isEqualTo("memory");
            assertThat(shown.path("state").asText()).isEqualTo("equal");
            assertThat(shown.path("lagEvents").asLong()).isZero();
            assertThat(shown.path("bytesSent").asLong()).isPositive();
            assertThat(report.toString()).doesNotContain(GRANTED, TOKEN);
        });
        HttpResponse<String> clock = get("/livesync/clock?database=hub", TOKEN);
        assertThat(new ObjectMapper().readTree(clock.body()).path("events")).hasSize(1);
        assertThat(get("/livesync/clock?database=other", TOKEN).statusCode()).isEqualTo(404);
        assertThat(get("/livesync/clock", TOKEN).statusCode()).isEqualTo(400);
    }

    @Test
    void aClosedDatabaseIsLeftOut() throws Exception {
        there.close();
        here.close();
        hub.close();
        assertThat(report().path("databases")).isEmpty();
        assertThat(get("/livesync/clock?database=hub", TOKEN).statusCode()).isEqualTo(503);
    }

    @Test
    void twoHundredSessionsAreGoneThroughOnceHoweverManyLook() throws Exception {
        connect();
        stopped = true;
        String first = get("/livesync/status", TOKEN).body();
        assertThat(new ObjectMapper().readTree(first).path("databases").path(0).path("sessions"))
                .hasSize(SESSIONS);
        hub.put("later", "{}");
        for (int i = 0; i < 100; i++) {
            assertThat(get("/livesync/status", TOKEN).body()).isEqualTo(first);
        }
        time.addAndGet(199_999_999);
        assertThat(get("/livesync/status", TOKEN).body()).isEqualTo(first);
        assertThat(reports).hasValue(1);
        time.addAndGet(1);
        assertThat(get("/livesync/status", TOKEN).body()).isNotEqualTo(first);
        assertThat(reports).hasValue(2);
        assertThat(first.length())
                .as("bytes of a report: some 350 for each session")
                .isLessThan(SESSIONS * 400 + 1_000);
    }

    @Test
    void aReportThatFailsIsNotKept() {
        AtomicInteger asked = new AtomicInteger();
        SharedBytes shared = new SharedBytes(
                () -> {
                    if (asked.getAndIncrement() == 0) {
                        throw new IllegalStateException();
                    }
                    return new byte[1];
                },
                1,
                () -> 0);
        assertThatThrownBy(shared::get).isInstanceOf(IllegalStateException.class);
        assertThat(shared.get()).hasSize(1);
        assertThat(shared.get()).hasSize(1);
        assertThat(asked).hasValue(2);
    }

    @Test
    void theEndOfAnAnswerWaitsForNoAcknowledgement() {
        assertThat(System.getProperty("sun.net.httpserver.nodelay")).isEqualTo("true");
    }

    /**
     * Each report is built anew. Both ends of the sessions are in this process, so a request right behind a put waits for 200 deliveries, too; what is
     * asserted of those is the time of a processor, which other processes don't change.
     */
    @Test
    @Tag("soak")
    void aRequestWithTwoHundredSessionsTakesLessThanFiftyMilliseconds() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            hub.put("document" + i, "{}");
        }
        connect();
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long[] work = new long[400];
        long[] busy = new long[work.length];
        long[] idle = new long[work.length];
        for (int i = 0; i < work.length; i++) {
            hub.put("document", "{\"n\":" + i + "}");
            long begun = threads.getCurrentThreadCpuTime();
            int bytes = StatusReport.of(List.of(new MonitoredDatabase("hub", hub, here)), NOON)
                    .toString()
                    .length();
            work[i] = threads.getCurrentThreadCpuTime() - begun;
            busy[i] = request(bytes);
            await().until(() -> here.sessions().stream().allMatch(Session::equal));
            idle[i] = request(bytes);
        }
        for (long[] measured : List.of(work, busy, idle)) {
            Arrays.sort(measured, 100, measured.length); // the first ones are the compiler's
        }
        System.out.printf(
                "a report of %d sessions: half within %.2f ms of a processor, all within %.2f; requests: half within %.1f ms, all within %.1f; right behind a put %.1f, %.1f%n",
                SESSIONS,
                work[250] / 1e6,
                work[399] / 1e6,
                idle[250] / 1e6,
                idle[399] / 1e6,
                busy[250] / 1e6,
                busy[399] / 1e6);
        assertThat(work[399] / 1e6).isLessThan(50);
    }

    private long request(int bytes) throws Exception {
        long begun = System.nanoTime();
        assertThat(get("/livesync/status", TOKEN).body().length()).isBetween(bytes / 2, bytes * 2);
        return System.nanoTime() - begun;
    }

    private void connect() {
        String address = here.listen("memory:many").join().address();
        List<Session> open = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
            open.add(there.dial(address).join());
        }
        assertThat(open).hasSize(SESSIONS);
        await().until(() -> here.sessions().size() == SESSIONS);
    }
}
