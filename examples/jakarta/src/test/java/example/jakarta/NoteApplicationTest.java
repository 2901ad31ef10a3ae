package example.jakarta;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The application as a process of its own, in each container: it starts, syncs, answers health, and stops in order. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class NoteApplicationTest {
    private static final String SECRET = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final Pattern ADDRESS = Pattern.compile("^http://(127\\.0\\.0\\.1:\\d+)/notes/$");

    @TempDir
    Path scratch;

    private final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<String> told = new CompletableFuture<>();

    @ParameterizedTest
    @ValueSource(strings = {"TomcatMain", "JettyMain"})
    void startsSyncsAnswersAndStops(String main) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("application.jar"),
                "example.jakarta." + main,
                scratch.resolve("data").toString(),
                "0");
        builder.environment().put("HUB_SECRET", SECRET);
        Process process =
                builder.directory(scratch.toFile()).redirectErrorStream(true).start();
        Thread reader = new Thread(() -> read(process));
        reader.start();
        try {
            String address = told.get(2, TimeUnit.MINUTES);
            try (Database client = Database.inMemory();
                    Sync sync = new Sync(client)) {
                assertEquals(204, put(address, "milk", "{\"pieces\":2}").statusCode());
                assertEquals(400, put(address, "milk", "[]").statusCode());

                Session session = sync.dial("ws://" + address + "/livesync", SECRET).join();
                session.backlog().join();
                assertEquals("{\"pieces\":2}", client.get("milk").orElseThrow().json());

                client.put("tea", "{\"pieces\":1}");
                session.delivered().join();
                assertEquals("{\"pieces\":1}", get(address, "/notes/tea").body());
                assertEquals(404, get(address, "/notes/nothing").statusCode());
                assertEquals(426, get(address, "/livesync").statusCode());

                CountDownLatch arrived = new CountDownLatch(1);
                client.subscribe(ids -> arrived.countDown());
                put(address, "bread", "{\"text\":\"" + "ü".repeat(20_000) + "\"}");
                assertTrue(arrived.await(1, TimeUnit.MINUTES), "a put over HTTP arrives live");

                assertEquals(
                        "{\"status\":\"UP\",\"documents\":3,\"sessions\":1}",
                        get(address, "/health").body());

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
                .filter(line -> line.contains("WARN") || line.contains("SEVERE") || line.contains("Exception"))
                .toList();
        assertEquals(List.of(), noise, () -> String.join("\n", log));
        try (Database kept = Database.open(scratch.resolve("data"))) {
            assertEquals("{\"pieces\":1}", kept.get("tea").orElseThrow().json());
        }
    }

    private static HttpResponse<String> put(String address, String id, String json) throws Exception {
        return send(HttpRequest.newBuilder(URI.create("http://" + address + "/notes/" + id))
                .PUT(BodyPublishers.ofString(json)));
    }

    private static HttpResponse<String> get(String address, String path) throws Exception {
        return send(HttpRequest.newBuilder(URI.create("http://" + address + path)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }

    private void read(Process process) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                log.add(line);
                Matcher address = ADDRESS.matcher(line);
                if (address.find()) {
                    told.complete(address.group(1));
                }
            }
        } catch (IOException e) {
            log.add(e.toString());
        }
        told.completeExceptionally(new IllegalStateException(String.join("\n", log)));
    }
}
