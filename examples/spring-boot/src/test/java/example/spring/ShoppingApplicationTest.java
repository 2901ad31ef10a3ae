package example.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The executable jar as a process of its own: it starts, syncs, answers health, and stops in order. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ShoppingApplicationTest {
    private static final String SECRET = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    @TempDir
    Path scratch;

    private final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Integer> port = new CompletableFuture<>();

    @Test
    void startsSyncsAnswersAndStops() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-jar",
                        System.getProperty("application.jar"),
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--livesync.hub.secret=" + SECRET,
                        "--livesync.directory=" + scratch.resolve("data"))
                .directory(scratch.toFile())
                .redirectErrorStream(true)
                .start();
        Thread reader = new Thread(() -> read(process));
        reader.start();
        try {
            String address = "127.0.0.1:" + port.get(2, TimeUnit.MINUTES);
            try (Database client = Database.inMemory();
                    Sync sync = new Sync(client)) {
                String clock = send(HttpRequest.newBuilder(URI.create("http://" + address + "/items/milk"))
                        .header("Content-Type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofString("{\"pieces\":2}")));
                assertTrue(clock.startsWith("\"bafy"), clock);

                Session session = sync.dial("ws://" + address + "/livesync", SECRET).join();
                session.backlog().join();
                assertEquals("{\"pieces\":2}", client.get("milk").orElseThrow().json());

                client.put("tea", "{\"pieces\":1}");
                session.delivered().join();
                assertEquals(
                        "{\"_id\":\"tea\",\"_clock\":[\"" + client.clock().get(0) + "\"],\"pieces\":1}",
                        send(HttpRequest.newBuilder(URI.create("http://" + address + "/items/tea"))));

                CountDownLatch arrived = new CountDownLatch(1);
                client.subscribe(ids -> arrived.countDown());
                send(HttpRequest.newBuilder(URI.create("http://" + address + "/items"))
                        .header("Content-Type", "application/json")
                        .PUT(HttpRequest.BodyPublishers.ofString("{\"_id\":\"bread\",\"pieces\":1}")));
                assertTrue(arrived.await(1, TimeUnit.MINUTES), "a put over HTTP arrives live");

                String health = send(HttpRequest.newBuilder(URI.create("http://" + address + "/actuator/health")));
                assertTrue(health.contains("\"liveSync\":{\"details\":{\"documents\":3")
                        || health.contains("\"liveSync\":{\"status\":\"UP\",\"details\":{\"documents\":3"), health);

                String metrics = send(HttpRequest.newBuilder(URI.create("http://" + address + "/actuator/metrics")));
                assertTrue(metrics.contains("\"livesync.sessions\""), metrics);

                process.destroy();
                session.closed().get(1, TimeUnit.MINUTES); // in order: it fails otherwise
            }
            assertTrue(process.waitFor(1, TimeUnit.MINUTES), "it ends");
            assertEquals(143, process.exitValue(), "by the signal");
        } finally {
            process.destroyForcibly();
            reader.join();
        }
        List<String> noise = log.stream()
                .filter(line -> line.contains(" WARN ") || line.contains(" ERROR ") || line.contains("dev.livesync"))
                .toList();
        assertEquals(List.of(), noise, () -> String.join("\n", log));
        try (Database kept = Database.open(scratch.resolve("data"))) {
            assertNotNull(kept.get("tea").orElse(null));
        }
    }

    private static String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(request.build(), BodyHandlers.ofString())
                .body();
    }

    private void read(Process process) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.add(line);
                Matcher told = PORT.matcher(line);
                if (told.find()) {
                    port.complete(Integer.valueOf(told.group(1)));
                }
            }
        } catch (IOException e) {
            log.add(e.toString());
        }
        port.completeExceptionally(new IllegalStateException(String.join("\n", log)));
    }
}
