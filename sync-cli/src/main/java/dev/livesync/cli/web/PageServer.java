package dev.livesync.cli.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.livesync.OpenAnswer;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Digests;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * An HTTP server on the loopback interface for one page and its database.
 *
 * <p>Files are anybody's on this machine. What reaches the database, {@code /livesync/…}, wants the token that is in the fragment of
 * {@link #address}, in the header {@code LiveSync-Token}: other pages cannot send it, for the server allows no other origin, and a
 * name that somebody points to this machine is refused by its {@code Host}.
 *
 * <ul>
 *   <li>{@code POST /livesync/accept}: an offer in, its answer out.
 *   <li>{@code GET /livesync/clock}: heads and latest events.
 * </ul>
 */
public final class PageServer implements AutoCloseable {
    private static final int MAX_OFFER = 64 << 10;
    private static final int EVENTS = 60;
    private static final long PATIENCE_SECONDS = 60;

    private static final Map<String, String> HEADERS = Map.of(
            "Cache-Control", "no-store",
            "X-Content-Type-Options", "nosniff",
            "Referrer-Policy", "no-referrer",
            "Content-Security-Policy",
                    "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'");

    private final HttpServer server;
    private final ExchangeThreads threads = new ExchangeThreads();
    private final PageFiles files;
    private final Replica replica;
    private final Sync sync;
    private final String token;

    private PageServer(HttpServer server, PageFiles files, Replica replica, Sync sync, String token) {
        this.server = server;
        this.files = files;
        this.replica = replica;
        this.sync = sync;
        this.token = token;
    }

    /**
     * Starts a server.
     *
     * @param port where; 0 for a free one
     * @param root the page's directory
     * @param replica the database
     * @param sync accepts the page's offers; not closed with the server
     * @param token what the page shows for whatever concerns the database
     * @return the server
     * @throws IOException if the directory can't be read
     * @throws SyncException {@link ErrorKind#IN_USE} if the port is taken
     */
    public static PageServer start(int port, Path root, Replica replica, Sync sync, String token) throws IOException {
        PageFiles files = new PageFiles(root);
        HttpServer server;
        try {
            server = HttpServers.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (BindException e) {
            throw new SyncException(
                    ErrorKind.IN_USE, "port " + port + " of this machine is taken; port 0 finds one", e);
        }
        PageServer page = new PageServer(server, files, replica, sync, token);
        server.setExecutor(page.threads);
        server.createContext("/", page::handle);
        server.start();
        return page;
    }

    /**
     * A port that is the same for the same token, among those that nobody has a claim to.
     *
     * @param token see {@link #start}
     * @return 49152 to 65535; tells nothing of the token that helps to guess it
     */
    public static int usualPort(String token) {
        byte[] hash = Digests.sha256(("livesync port " + token).getBytes(StandardCharsets.UTF_8));
        return 49_152 + ((hash[0] & 0xff) << 8 | hash[1] & 0xff) % 16_384;
    }

    /**
     * The address to open in a browser.
     *
     * @return the page's address with its token
     */
    public String address() {
        return "http://" + host() + "/#" + token;
    }

    /**
     * The address without the token.
     *
     * @return the page's address
     */
    public String publicAddress() {
        return "http://" + host() + "/";
    }

    private String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** An HTTP response. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Reply(int status, String type, byte[] body) {
        static Reply text(int status, String text) {
            return new Reply(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Reply reply;
            try {
                reply = reply(exchange);
            } catch (SyncException e) {
                reply = Reply.text(400, String.valueOf(e.getMessage()));
            }
            HEADERS.forEach(exchange.getResponseHeaders()::set);
            exchange.getResponseHeaders().set("Content-Type", reply.type);
            exchange.sendResponseHeaders(reply.status, reply.body.length == 0 ? -1 : reply.body.length);
            exchange.getResponseBody().write(reply.body);
        }
    }

    private Reply reply(HttpExchange exchange) throws IOException {
        String name = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Host"))
                .orElse("")
                .toLowerCase(Locale.ROOT);
        if (!name.equals(host())
                && !name.equals("localhost:" + server.getAddress().getPort())) {
            return Reply.text(421, "this page is at " + host());
        }
        String path = exchange.getRequestURI().getPath();
        String what = exchange.getRequestMethod() + " " + path;
        if (!path.startsWith("/livesync/")) {
            return exchange.getRequestMethod().equals("GET") ? file(path) : Reply.text(405, "only GET");
        }
        String shown = exchange.getRequestHeaders().getFirst("LiveSync-Token");
        if (shown == null || !MessageDigest.isEqual(ascii(shown), ascii(token))) {
            return Reply.text(403, "the address that livesync printed has a token, without which nothing is told");
        }
        threads.keep();
        return switch (what) {
            case "POST /livesync/accept" -> accept(exchange);
            case "GET /livesync/clock" -> clock();
            default -> Reply.text(404, "nothing here");
        };
    }

    private Reply file(String path) throws IOException {
        Optional<PageFiles.Found> found = files.find(path);
        return found.isEmpty()
                ? Reply.text(404, "no such file")
                : new Reply(
                        200, found.get().type(), Files.readAllBytes(found.get().file()));
    }

    private Reply accept(HttpExchange exchange) throws IOException {
        byte[] offer = exchange.getRequestBody().readNBytes(MAX_OFFER + 1);
        if (offer.length > MAX_OFFER) {
            return Reply.text(413, "an offer of more than " + MAX_OFFER + " bytes");
        }
        OpenAnswer acceptance = await(sync.openAnswer(new String(offer, StandardCharsets.UTF_8)));
        return Reply.text(200, acceptance.text());
    }

    private Reply clock() {
        try (Snapshot snapshot = replica.snapshot()) {
            byte[] json = ClockPicture.of(snapshot, EVENTS).toString().getBytes(StandardCharsets.UTF_8);
            return new Reply(200, "application/json", json);
        }
    }

    private static OpenAnswer await(java.util.concurrent.CompletableFuture<OpenAnswer> stage) {
        try {
            return stage.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof SyncException s
                    ? s
                    : new SyncException(ErrorKind.INTERNAL, "accepting the page's offer failed", e);
        } catch (TimeoutException e) {
            throw new SyncException(ErrorKind.TIMEOUT, "no answer to the page's offer could be made in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SyncException(ErrorKind.CANCELLED, "interrupted", e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Stops serving at once and ends the threads. Idempotent. */
    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
