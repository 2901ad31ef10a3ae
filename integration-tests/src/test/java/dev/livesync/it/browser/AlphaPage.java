package dev.livesync.it.browser;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** Alphas in a page of a Chromium, driven call by call; {@code page.js} has the other end. */
final class AlphaPage implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String PAGE = "<!doctype html><meta charset=utf-8><title>alphas</title>"
            + "<script src=/node_modules/simple-peer/simplepeer.min.js></script>"
            + "<script type=module src=/page.js></script>";

    private final HttpServer server;
    private final Chromium browser;

    private AlphaPage(HttpServer server, Chromium browser) {
        this.server = server;
        this.browser = browser;
    }

    /**
     * Opens it.
     *
     * @param packages where {@code node_modules} is
     * @param hidden whether offers and answers hide this machine's addresses behind mDNS names, as browsers do by themselves
     */
    static AlphaPage open(Path program, Path profile, Path packages, boolean hidden) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            reply(exchange, PAGE.getBytes(StandardCharsets.UTF_8));
        });
        server.createContext("/page.js", exchange -> {
            try (InputStream in = Objects.requireNonNull(AlphaPage.class.getResourceAsStream("page.js"))) {
                script(exchange, in.readAllBytes());
            }
        });
        server.createContext(
                "/node_modules/",
                exchange -> script(
                        exchange,
                        Files.readAllBytes(packages.resolve(
                                exchange.getRequestURI().getPath().substring(1)))));
        server.start();
        try {
            Chromium browser = Chromium.start(
                    program,
                    profile,
                    800,
                    600,
                    (hidden ? "--enable" : "--disable") + "-features=WebRtcHideLocalIpsWithMdns");
            browser.open("http://127.0.0.1:" + server.getAddress().getPort() + "/");
            browser.evaluate(
                    "new Promise(resolve => { const look = () => window.alphas ? resolve() : setTimeout(look, 20);"
                            + " look() })");
            return new AlphaPage(server, browser);
        } catch (Exception | Error e) {
            server.stop(0);
            throw e;
        }
    }

    private static void script(HttpExchange exchange, byte[] bytes) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/javascript");
        reply(exchange, bytes);
    }

    private static void reply(HttpExchange exchange, byte[] bytes) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private String call(String what, Object... arguments) throws Exception {
        String list = JSON.writeValueAsString(arguments);
        return browser.evaluate("alphas." + what + "(..." + list + ")").asText();
    }

    /** A new alpha in memory. */
    void alpha(String db) throws Exception {
        call("open", db);
    }

    void put(String db, String id, Object value) throws Exception {
        call("puts", db, List.of(Map.of("_id", id, "v", value)));
    }

    /** One after the other; the alpha chooses the ids that are null. */
    void puts(String db, List<String> ids, Object value) throws Exception {
        // An alpha takes its time, and a call has a limit.
        for (int from = 0; from < ids.size(); from += 50) {
            List<String> some = ids.subList(from, Math.min(ids.size(), from + 50));
            call(
                    "puts",
                    db,
                    some.stream()
                            .map(id -> id == null ? Map.of("v", value) : Map.of("_id", id, "v", value))
                            .toList());
        }
    }

    void del(String db, String id) throws Exception {
        call("del", db, id);
    }

    /** The documents' {@code v} by id. */
    SortedMap<String, String> all(String db) throws Exception {
        return JSON.readValue(call("all", db), new TypeReference<TreeMap<String, String>>() {});
    }

    String offer(String db, String sync) throws Exception {
        return call("offer", db, sync);
    }

    String accept(String db, String sync, String offer) throws Exception {
        return call("accept", db, sync, offer);
    }

    /** Takes an answer, and ends when the alpha has what was there. */
    void connect(String sync, String answer) throws Exception {
        call("connect", sync, answer);
    }

    void backlog(String sync) throws Exception {
        call("backlog", sync);
    }

    /** Ends a connection from the page's side. */
    void cut(String sync) throws Exception {
        call("cut", sync);
    }

    /** Joins two alphas of the page by their own means. */
    void link(String a, String b, String name) throws Exception {
        call("link", a, b, name);
    }

    /** What alphas have thrown in the dark. */
    List<String> faults() throws Exception {
        return JSON.readValue(call("faults"), new TypeReference<List<String>>() {});
    }

    @Override
    public void close() {
        browser.close();
        server.stop(0);
    }
}
