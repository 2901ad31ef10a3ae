package dev.livesync.cli.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * An HTTP server on the loopback interface for the status page and what it shows. Any thread.
 *
 * <p>The page is anybody's on this machine. The numbers want the token that is in the fragment of {@link #address}, in the header {@code LiveSync-Token}:
 * other pages cannot send it, for the server allows no other origin, and a name that somebody points to this machine is refused by its {@code Host}.
 * Nothing is changed here.
 *
 * <ul>
 *   <li>{@code GET /}: the page; it loads nothing from elsewhere.
 *   <li>{@code GET /livesync/status}: a {@link StatusReport}, at most 200 ms old; all who ask in that time get the same one.
 *   <li>{@code GET /livesync/clock?database=NAME}: heads and latest events of one database.
 * </ul>
 */
public final class StatusServer implements AutoCloseable {
    private static final int EVENTS = 60;

    /** As often as the page asks at most: however many look, the sessions are gone through so often. */
    private static final Duration FRESH = Duration.ofMillis(200);

    private static final Map<String, String> HEADERS = Map.of(
            "Cache-Control", "no-store",
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Content-Security-Policy",
                    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

    /** The page's files and their types. */
    private static final Map<String, String> FILES = Map.of(
            "index.html", "text/html; charset=utf-8",
            "style.css", "text/css; charset=utf-8",
            "status.js", "text/javascript; charset=utf-8",
            "clock.js", "text/javascript; charset=utf-8",
            "icon.svg", "image/svg+xml");

    private final HttpServer server;
    private final ExchangeThreads threads = new ExchangeThreads();
    private final Supplier<? extends Collection<MonitoredDatabase>> databases;
    private final SharedBytes report;
    private final String token;

    private StatusServer(
            HttpServer server,
            Supplier<? extends Collection<MonitoredDatabase>> databases,
            InstantSource clock,
            LongSupplier nanos,
            String token) {
        this.server = server;
        this.databases = databases;
        this.report = new SharedBytes(
                () -> utf8(StatusReport.of(databases.get(), clock.instant()).toString()), FRESH.toNanos(), nanos);
        this.token = token;
    }

    /**
     * Starts a server.
     *
     * @param port where; 0 for a free one
     * @param databases asked for the databases of the moment; none is closed with the server
     * @param clock tells the time of a report
     * @param token what the page shows for the numbers
     * @return the server
     * @throws IOException if the system refuses
     * @throws SyncException {@link ErrorKind#IN_USE} if the port is taken
     */
    public static StatusServer start(
            int port, Supplier<? extends Collection<MonitoredDatabase>> databases, InstantSource clock, String token)
            throws IOException {
        return start(port, databases, clock, System::nanoTime, token);
    }

    /** The same with a clock for how old a report is. */
    static StatusServer start(
            int port,
            Supplier<? extends Collection<MonitoredDatabase>> databases,
            InstantSource clock,
            LongSupplier nanos,
            String token)
            throws IOException {
        HttpServer http;
        try {
            http = HttpServers.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (BindException e) {
            throw new SyncException(
                    ErrorKind.IN_USE, "port " + port + " of this machine is taken; port 0 finds one", e);
        }
        StatusServer status = new StatusServer(http, databases, clock, nanos, token);
        http.setExecutor(status.threads);
        http.createContext("/", status::handle);
        http.start();
        return status;
    }

    /**
     * The address to open in a browser.
     *
     * @return the page's address with its token
     */
    public String address() {
        return "http://" + host() + "/#" + token;
    }

    private String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** What is answered. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Answer(int status, String type, byte[] body) {
        static Answer text(int status, String text) {
            return new Answer(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
        }

        static Answer json(byte[] json) {
            return new Answer(200, "application/json", json);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer;
            try {
                answer = answer(exchange);
            } catch (SyncException e) {
                answer = Answer.text(503, String.valueOf(e.getMessage()));
            }
            HEADERS.forEach(exchange.getResponseHeaders()::set);
            exchange.getResponseHeaders().set("Content-Type", answer.type);
            exchange.sendResponseHeaders(answer.status, answer.body.length == 0 ? -1 : answer.body.length);
            exchange.getResponseBody().write(answer.body);
        }
    }

    private Answer answer(HttpExchange exchange) throws IOException {
        String name = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host"))
                .orElse("")
                .toLowerCase(Locale.ROOT);
        if (!name.equals(host())
                && !name.equals("localhost:" + server.getAddress().getPort())) {
            return Answer.text(421, "this page is at " + host());
        }
        if (!exchange.getRequestMethod().equals("GET")) {
            return Answer.text(405, "only GET");
        }
        String path = exchange.getRequestURI().getPath();
        if (!path.startsWith("/livesync/")) {
            return file(path.equals("/") ? "index.html" : path.substring(1));
        }
        String shown = exchange.getRequestHeaders().getFirst("LiveSync-Token");
        if (shown == null || !MessageDigest.isEqual(utf8(shown), utf8(token))) {
            return Answer.text(403, "the address that livesync printed has a token, without which nothing is told");
        }
        threads.keep();
        return switch (path) {
            case "/livesync/status" -> Answer.json(report.get());
            case "/livesync/clock" -> clock(exchange.getRequestURI().getRawQuery());
            default -> Answer.text(404, "nothing here");
        };
    }

    private static Answer file(String name) throws IOException {
        String type = FILES.get(name);
        if (type == null) {
            return Answer.text(404, "no such file");
        }
        try (InputStream in = Objects.requireNonNull(StatusServer.class.getResourceAsStream("status/" + name), name)) {
            return new Answer(200, type, in.readAllBytes());
        }
    }

    private Answer clock(String query) {
        String prefix = "database=";
        if (query == null || !query.startsWith(prefix)) {
            return Answer.text(400, "which database?");
        }
        String wanted = URLDecoder.decode(query.substring(prefix.length()), StandardCharsets.UTF_8);
        for (MonitoredDatabase monitored : databases.get()) {
            if (monitored.name().equals(wanted)) {
                try (Snapshot snapshot = monitored.replica().snapshot()) {
                    return Answer.json(utf8(ClockPicture.of(snapshot, EVENTS).toString()));
                }
            }
        }
        return Answer.text(404, "no such database");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
