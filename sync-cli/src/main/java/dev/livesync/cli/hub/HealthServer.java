package dev.livesync.cli.hub;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.livesync.cli.web.HttpServers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Liveness and readiness over HTTP, for supervisors and load balancers: {@code GET /live} is 200 while the process answers, {@code GET /ready} 200 while all that
 * the configuration says works, else 503; its body says what doesn't. No secrets, no documents, no peers.
 */
final class HealthServer implements AutoCloseable {
    private static final int THREADS = 4;
    private static final JsonMapper MAPPER = new JsonMapper();

    private final HttpServer server;
    private final ExecutorService threads;
    private final HubState hub;

    private HealthServer(HttpServer server, ExecutorService threads, HubState hub) {
        this.server = server;
        this.threads = threads;
        this.hub = hub;
    }

    static HealthServer start(InetSocketAddress address, HubState hub) throws IOException {
        HttpServer server = HttpServers.create(address);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "livesync-health");
            thread.setDaemon(true);
            return thread;
        });
        HealthServer health = new HealthServer(server, threads, hub);
        server.setExecutor(threads);
        server.createContext("/live", exchange -> health.answer(exchange, "/live", 200, Map.of("live", true)));
        server.createContext("/ready", health::ready);
        server.start();
        return health;
    }

    String address() {
        InetSocketAddress bound = server.getAddress();
        String host = bound.getAddress().getHostAddress();
        return "http://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + bound.getPort() + "/ready";
    }

    private void ready(HttpExchange exchange) throws IOException {
        List<String> problems = hub.problems();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("ready", problems.isEmpty());
        body.put("problems", problems);
        body.put(
                "databases",
                hub.served().stream()
                        .map(entry -> {
                            Map<String, Object> fields = new LinkedHashMap<>();
                            fields.put("name", String.valueOf(entry.directory().getFileName()));
                            fields.put("listening", entry.addresses());
                            fields.put("sessions", entry.sessions());
                            return fields;
                        })
                        .toList());
        answer(exchange, "/ready", problems.isEmpty() ? 200 : 503, body);
    }

    private void answer(HttpExchange exchange, String path, int status, Map<String, Object> body) throws IOException {
        try (exchange) {
            boolean get = exchange.getRequestMethod().equals("GET");
            boolean here = exchange.getRequestURI().getPath().equals(path);
            byte[] bytes = (MAPPER.writeValueAsString(body) + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.getResponseHeaders().set("Cache-Control", "no-store");
            if (here && get) {
                exchange.sendResponseHeaders(status, bytes.length);
                exchange.getResponseBody().write(bytes);
            } else {
                exchange.sendResponseHeaders(here ? 405 : 404, -1);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
