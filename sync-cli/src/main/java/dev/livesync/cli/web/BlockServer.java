package dev.livesync.cli.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Hands out blocks over HTTP, for caches: {@code GET /blocks/<cid>} with {@code Authorization: Bearer <token>}. A block is known by its hash, so an answer holds for ever.
 * {@code GET /blocks/} is 204 for who may read, for caches that ask whom they may answer. Any thread.
 */
public final class BlockServer implements AutoCloseable {
    private static final String PATH = "/blocks/";

    /** Longer ones come by a session, which asks for memory first. */
    private static final int MOST_BYTES = 1 << 20;

    private static final int MAX_TOKEN = 128;
    private static final Pattern BEARER = Pattern.compile("[Bb]earer +([A-Za-z0-9_-]{22," + MAX_TOKEN + "})");
    private static final byte[] PURPOSE = "livesync blocks 1".getBytes(StandardCharsets.US_ASCII);

    private final HttpServer server;
    private final ExchangeThreads threads = new ExchangeThreads();
    private final Supplier<? extends Collection<? extends BlockSource>> sources;

    private BlockServer(HttpServer server, Supplier<? extends Collection<? extends BlockSource>> sources) {
        this.server = server;
        this.sources = sources;
    }

    /**
     * Starts a server.
     *
     * @param address where
     * @param sources the databases of each moment
     * @return the server
     * @throws IOException if the address can't be had
     */
    public static BlockServer start(
            InetSocketAddress address, Supplier<? extends Collection<? extends BlockSource>> sources)
            throws IOException {
        BlockServer blocks = new BlockServer(HttpServers.create(address), sources);
        blocks.server.setExecutor(blocks.threads);
        blocks.server.createContext("/", blocks::handle);
        blocks.server.start();
        return blocks;
    }

    /**
     * What is shown in the place of a secret: it opens no session, and the secret can't be worked out of it.
     *
     * @param secret of a grant, or of an address
     * @return HMAC-SHA-256 of {@code livesync blocks 1} by the secret's characters, as base64url without padding
     */
    public static String token(String secret) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(mac.doFinal(PURPOSE));
        } catch (GeneralSecurityException e) {
            throw new SyncException(ErrorKind.INTERNAL, "every JDK has HMAC", e);
        }
    }

    /**
     * Where it is.
     *
     * @return the address of the blocks, without their names
     */
    public String address() {
        InetSocketAddress bound = server.getAddress();
        String host = bound.getAddress().getHostAddress();
        return "http://" + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + bound.getPort() + PATH;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Headers headers = exchange.getResponseHeaders();
            headers.set("Cache-Control", "no-store");
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set("Vary", "Authorization");
            try {
                answer(exchange, headers);
            } catch (SyncException e) {
                headers.set("Cache-Control", "no-store");
                exchange.sendResponseHeaders(503, -1);
            }
        }
    }

    private void answer(HttpExchange exchange, Headers headers) throws IOException {
        String method = exchange.getRequestMethod();
        boolean head = method.equals("HEAD");
        String path = exchange.getRequestURI().getPath();
        if (!path.startsWith(PATH)) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        if (!head && !method.equals("GET")) {
            headers.set("Allow", "GET, HEAD");
            exchange.sendResponseHeaders(405, -1);
            return;
        }
        List<? extends BlockSource> open =
                admitting(exchange.getRequestHeaders().getFirst("Authorization"));
        if (open.isEmpty()) {
            headers.set("WWW-Authenticate", "Bearer");
            exchange.sendResponseHeaders(401, -1);
            return;
        }
        threads.keep();
        String name = path.substring(PATH.length());
        if (name.isEmpty()) {
            exchange.sendResponseHeaders(204, -1);
            return;
        }
        Block block = find(open, name);
        if (block == null) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        headers.set("Cache-Control", "public, max-age=31536000, immutable");
        headers.set("ETag", '"' + name + '"');
        headers.set("Accept-Ranges", "bytes");
        if (isKnown(exchange.getRequestHeaders().getFirst("If-None-Match"), name)) {
            exchange.sendResponseHeaders(304, -1);
            return;
        }
        headers.set(
                "Content-Type",
                block.cid().codec() == Cid.RAW ? "application/vnd.ipld.raw" : "application/vnd.ipld.dag-cbor");
        String same = exchange.getRequestHeaders().getFirst("If-Range");
        boolean ranged = same == null || same.equals('"' + name + '"');
        send(
                exchange,
                headers,
                head,
                block.toByteArray(),
                ranged ? exchange.getRequestHeaders().getFirst("Range") : null);
    }

    private List<? extends BlockSource> admitting(@Nullable String authorization) {
        var matcher = BEARER.matcher(authorization == null ? "" : authorization);
        if (!matcher.matches()) {
            return List.of();
        }
        String token = matcher.group(1);
        return sources.get().stream().filter(source -> source.admits(token)).toList();
    }

    private static @Nullable Block find(List<? extends BlockSource> open, String name) {
        Cid cid;
        try {
            cid = Cid.parse(name);
        } catch (SyncException e) {
            return null;
        }
        if (!cid.toString().equals(name)) {
            return null; // one name for one block, or caches have it twice
        }
        for (BlockSource source : open) {
            Block block = source.block(cid, MOST_BYTES);
            if (block != null) {
                return block;
            }
        }
        return null;
    }

    private static boolean isKnown(@Nullable String header, String name) {
        if (header == null) {
            return false;
        }
        for (String each : header.split(",", -1)) {
            String tag = each.strip();
            if (tag.equals("*") || tag.equals('"' + name + '"') || tag.equals("W/\"" + name + '"')) {
                return true;
            }
        }
        return false;
    }

    private static void send(
            HttpExchange exchange, Headers headers, boolean head, byte[] content, @Nullable String wanted)
            throws IOException {
        ByteRange range = head ? null : ByteRange.of(wanted, content.length);
        if (range != null && range.isEmpty()) {
            headers.set("Cache-Control", "no-store");
            headers.set("Content-Range", "bytes */" + content.length);
            exchange.sendResponseHeaders(416, -1);
            return;
        }
        int status = range == null ? 200 : 206;
        int first = range == null ? 0 : range.first();
        int size = range == null ? content.length : range.size();
        if (range != null) {
            headers.set("Content-Range", "bytes " + first + "-" + range.last() + "/" + content.length);
        }
        if (head || size == 0) {
            headers.set("Content-Length", String.valueOf(size));
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, size);
            exchange.getResponseBody().write(content, first, size);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
    }
}
