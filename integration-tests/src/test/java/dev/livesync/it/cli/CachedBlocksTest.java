package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.cli.web.BlockServer;
import dev.livesync.cli.web.BlockSource;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks through nginx as {@code docs/hubs.md} configures it: read once, given to everybody who may, and to nobody else. */
class CachedBlocksTest {
    private static final Pattern SITE = Pattern.compile("```nginx\n(.*?)```\n", Pattern.DOTALL);
    private static final String ONE = BlockServer.token("1".repeat(43));
    private static final String OTHER = BlockServer.token("2".repeat(43));
    private static final String STRANGER = BlockServer.token("3".repeat(43));

    @TempDir
    private Path directory;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Set<String> admitted = ConcurrentHashMap.newKeySet();
    private final AtomicInteger reads = new AtomicInteger();

    private final class Counted implements BlockSource {
        private final Block block;

        Counted(Block block) {
            this.block = block;
        }

        @Override
        public boolean admits(String token) {
            return admitted.contains(token);
        }

        @Override
        public @Nullable Block block(Cid cid, int maxBytes) {
            reads.incrementAndGet();
            return cid.equals(block.cid()) ? block : null;
        }
    }

    private HttpResponse<byte[]> ask(String address, String token, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address)).header("Authorization", "Bearer " + token);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    @Test
    void oneReadIsEnoughForEverybodyWhoMayRead() throws Exception {
        boolean there = Nginx.program().isPresent();
        if (!there) {
            System.err.println("NOT TESTED behind a cache: needs nginx");
        }
        assumeTrue(there, "NOT TESTED behind a cache: needs nginx");
        Matcher site = SITE.matcher(Files.readString(Path.of("../docs/hubs.md")));
        assertThat(site.find()).isTrue();
        // Where this runs as root, nginx's workers are somebody else, and the cache is below.
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        byte[] content = new byte[200_000];
        new Random(21).nextBytes(content);
        Block block = Block.of(Cid.RAW, content);
        admitted.addAll(Set.of(ONE, OTHER));
        List<BlockSource> sources = List.of(new Counted(block));
        try (BlockServer hub =
                BlockServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> sources)) {
            String place = "127.0.0.1:" + URI.create(hub.address()).getPort();
            String conf = Nginx.substitute(
                            Nginx.substitute(site.group(1), "127.0.0.1:9190", place), "204 10s", "204 1s")
                    .replaceAll("(?m)^.*(ssl_certificate|server_name).*\n", "");
            try (Nginx nginx = Nginx.start(directory.resolve("nginx"), conf, false)) {
                String cached = "http://127.0.0.1:" + nginx.port() + "/blocks/";
                for (int round = 0; round < 5; round++) {
                    for (String token : List.of(ONE, OTHER)) {
                        HttpResponse<byte[]> answer = ask(cached + block.cid(), token);
                        assertThat(answer.statusCode()).as("%s", nginx.said()).isEqualTo(200);
                        assertThat(answer.body()).isEqualTo(content);
                    }
                }
                assertThat(ask(cached + block.cid(), ONE, "Range", "bytes=5-9").body())
                        .isEqualTo(Arrays.copyOfRange(content, 5, 10));
                assertThat(ask(
                                        cached + block.cid(),
                                        ONE,
                                        "If-None-Match",
                                        '"' + block.cid().toString() + '"')
                                .statusCode())
                        .isEqualTo(304);
                assertThat(reads).as("reads for a dozen answers").hasValue(1);

                assertThat(ask(cached + block.cid(), STRANGER).statusCode()).isEqualTo(401);
                String absent = cached + Block.of(Cid.RAW, new byte[1]).cid();
                assertThat(ask(absent, ONE).statusCode()).isEqualTo(404);
                assertThat(ask(absent, ONE).statusCode()).isEqualTo(404);
                assertThat(reads).as("what is not there is not kept as that").hasValue(3);

                admitted.remove(OTHER);
                await().atMost(Duration.ofMinutes(1))
                        .until(() -> ask(cached + block.cid(), OTHER).statusCode() == 401);
                assertThat(ask(cached + block.cid(), ONE).statusCode()).isEqualTo(200);
            }
        }
    }
}
