package dev.livesync.cli.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockServerTest {
    private static final String TOKEN = BlockServer.token("S".repeat(43));
    private static final String OTHER = BlockServer.token("T".repeat(43));
    private static final byte[] CONTENT = "0123456789".getBytes(StandardCharsets.US_ASCII);

    private final HttpClient client = HttpClient.newHttpClient();
    private final Block block = Block.of(Cid.RAW, CONTENT);
    private final Block large = Block.of(Cid.RAW, new byte[(1 << 20) + 1]);
    private BlockServer server;

    private record Held(String token, List<Block> blocks) implements BlockSource {
        @Override
        public boolean admits(String shown) {
            return shown.equals(token);
        }

        @Override
        public @Nullable Block block(Cid cid, int maxBytes) {
            return blocks.stream()
                    .filter(each -> each.cid().equals(cid) && each.size() <= maxBytes)
                    .findFirst()
                    .orElse(null);
        }
    }

    private static final class Broken implements BlockSource {
        @Override
        public boolean admits(String shown) {
            return shown.startsWith("broken");
        }

        @Override
        public Block block(Cid cid, int maxBytes) {
            throw new SyncException(ErrorKind.STORAGE, "the store does not answer");
        }
    }

    @BeforeEach
    void start() throws Exception {
        List<BlockSource> sources = List.of(
                new Held(TOKEN, List.of(block, large)),
                new Held(OTHER, List.of(Block.of(Cid.RAW, new byte[3]))),
                new Broken());
        server = BlockServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> sources);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<byte[]> ask(String method, String name, String token, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server.address() + name)).method(method, BodyPublishers.noBody());
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @Test
    void aBlockIsGivenForEver() throws Exception {
        HttpResponse<byte[]> answer = ask("GET", block.cid().toString(), TOKEN);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(CONTENT);
        assertThat(header(answer, "Cache-Control")).isEqualTo("public, max-age=31536000, immutable");
        assertThat(header(answer, "ETag")).isEqualTo('"' + block.cid().toString() + '"');
        assertThat(header(answer, "Vary")).isEqualTo("Authorization");
        assertThat(header(answer, "Content-Type")).isEqualTo("application/vnd.ipld.raw");
        HttpResponse<byte[]> head = ask("HEAD", block.cid().toString(), TOKEN);
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(header(head, "Content-Length")).isEqualTo("10");
        assertThat(header(head, "ETag")).isEqualTo(header(answer, "ETag"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"%s\"", "W/\"%s\"", "\"x\", \"%s\"", "*"})
    void whoHasItAlreadyGetsNothing(String known) throws Exception {
        String tag = known.replace("%s", block.cid().toString());
        HttpResponse<byte[]> answer = ask("GET", block.cid().toString(), TOKEN, "If-None-Match", tag);
        assertThat(answer.statusCode()).isEqualTo(304);
        assertThat(answer.body()).isEmpty();
        assertThat(ask("GET", block.cid().toString(), TOKEN, "If-None-Match", "\"x\"")
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            bytes=0-0     | 206 | 0-0
            bytes=3-5     | 206 | 3-5
            bytes=8-      | 206 | 8-9
            bytes=8-99999 | 206 | 8-9
            bytes=-4      | 206 | 6-9
            bytes=-99     | 206 | 0-9
            bytes=10-     | 416 | *
            bytes=-0      | 416 | *
            bytes=5-3     | 200 |
            bytes=1-2,4-5 | 200 |
            bytes=        | 200 |
            lines=1-2     | 200 |
            """)
    void aPartIsGivenToWhoWantsOne(String range, int status, String given) throws Exception {
        HttpResponse<byte[]> answer = ask("GET", block.cid().toString(), TOKEN, "Range", range);
        assertThat(answer.statusCode()).isEqualTo(status);
        if (status == 206) {
            int first = given.charAt(0) - '0';
            int last = given.charAt(2) - '0';
            assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(CONTENT, first, last + 1));
            assertThat(header(answer, "Content-Range")).isEqualTo("bytes " + given + "/10");
        } else if (status == 416) {
            assertThat(header(answer, "Content-Range")).isEqualTo("bytes */10");
            assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
        } else {
            assertThat(answer.body()).isEqualTo(CONTENT);
        }
    }

    @Test
    void aPartOfSomethingElseIsNotGiven() throws Exception {
        String name = block.cid().toString();
        assertThat(ask("GET", name, TOKEN, "Range", "bytes=1-2", "If-Range", "\"x\"")
                        .statusCode())
                .isEqualTo(200);
        assertThat(ask("GET", name, TOKEN, "Range", "bytes=1-2", "If-Range", '"' + name + '"')
                        .statusCode())
                .isEqualTo(206);
    }

    @Test
    void nobodyGetsWhatTheirGrantIsNotFor() throws Exception {
        String name = block.cid().toString();
        for (String shown : List.of("", "x", "S".repeat(43), BlockServer.token("U".repeat(43)), "A".repeat(5_000))) {
            HttpResponse<byte[]> answer = ask("GET", name, shown);
            assertThat(answer.statusCode()).as(shown).isEqualTo(401);
            assertThat(header(answer, "WWW-Authenticate")).isEqualTo("Bearer");
            assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
            assertThat(answer.body()).isEmpty();
        }
        assertThat(ask("GET", name, OTHER).statusCode())
                .as("a block of another database")
                .isEqualTo(404);
        assertThat(ask("GET", "", TOKEN).statusCode()).isEqualTo(204);
        assertThat(ask("HEAD", "", "").statusCode()).isEqualTo(401);
    }

    @Test
    void whatIsNotThereIsNotCached() throws Exception {
        for (String name : List.of(
                Block.of(Cid.RAW, new byte[1]).cid().toString(),
                large.cid().toString(),
                block.cid().toString().toUpperCase(Locale.ROOT),
                "x",
                "..%2f",
                "b".repeat(3_000))) {
            HttpResponse<byte[]> answer = ask("GET", name, TOKEN);
            assertThat(answer.statusCode()).as(name).isEqualTo(404);
            assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
        }
        HttpResponse<byte[]> post = ask("POST", block.cid().toString(), TOKEN);
        assertThat(post.statusCode()).isEqualTo(405);
        assertThat(header(post, "Allow")).isEqualTo("GET, HEAD");
        HttpResponse<byte[]> broken = ask("GET", block.cid().toString(), "broken" + "A".repeat(30));
        assertThat(broken.statusCode()).isEqualTo(503);
        assertThat(header(broken, "Cache-Control")).isEqualTo("no-store");
    }

    /** As {@code printf 'livesync blocks 1' | openssl dgst -sha256 -hmac "$SECRET" -binary | basenc --base64url | tr -d =} has it. */
    @Test
    void theTokenIsWhatOthersWorkOut() {
        assertThat(TOKEN).isEqualTo("ojhmskv0Jgvr-BGxlOl1cHDA_avQFzkS6-RZ22ZRORI");
        byte[] secret = new byte[16];
        new Random(21).nextBytes(secret);
        assertThat(BlockServer.token(HexFormat.of().formatHex(secret))).hasSize(43);
    }
}
