package dev.livesync.it.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Java and unmodified alphas in Chromium over WebRTC: each side offering, with the page's addresses hidden and in the open. */
class BrowserAlphaTest {
    private static final Path PROJECT = Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."));
    private static final Path PACKAGES = PROJECT.resolve("examples/browser");

    @TempDir
    private Path directory;

    private final Database database = Database.inMemory();
    private final Sync sync = Sync.builder(database)
            .transport(new WebRtcTransportProvider())
            .allowAlpha(true)
            .build();
    private AlphaPage page;
    private int names;

    @BeforeAll
    static void needsABrowserAndThePagesPackages() {
        boolean there = Chromium.program().isPresent()
                && Files.isRegularFile(PACKAGES.resolve("node_modules/@fireproof/core/dist/src/fireproof.mjs"));
        String otherwise =
                "NOT TESTED in a browser: needs chromium, and Node and npm, with which `mvn verify` installs the packages of examples/browser";
        if (!there) {
            System.err.println(otherwise);
        }
        assumeTrue(there, otherwise);
    }

    @AfterEach
    void close() {
        if (page != null) {
            page.close();
        }
        sync.close();
        database.close();
    }

    @ParameterizedTest(name = "addresses hidden: {0}, the page offers: {1}")
    @CsvSource({"true,true", "true,false", "false,true", "false,false"})
    void everythingThatPeersDo(boolean hidden, boolean pageOffers) throws Exception {
        open(hidden);
        page.alpha("alpha");
        page.put("alpha", "theirs", 1);
        page.put("alpha", "x", "old");
        put("ours", 2);
        Connection connection = join("alpha", pageOffers, hidden);
        assertThat(connection.session.peer().isAlpha()).isTrue();
        untilEqual(Map.of("theirs", "1", "x", "old", "ours", "2"), "alpha");

        put("ours", 3);
        page.put("alpha", "theirs", 4);
        untilEqual(Map.of("theirs", "4", "x", "old", "ours", "3"), "alpha");
        page.del("alpha", "ours");
        untilEqual(Map.of("theirs", "4", "x", "old"), "alpha");
        database.delete("theirs");
        untilEqual(Map.of("x", "old"), "alpha");

        // The same document at once: one of the two, and the same one everywhere.
        put("x", "java");
        page.put("alpha", "x", "page");
        put("after", 5);
        untilEqual("alpha");
        assertThat(all().get("x")).isIn("java", "page");

        connection.cut();
        for (int i = 0; i < 3; i++) {
            put("h" + i, i);
            page.put("alpha", "p" + i, i);
        }
        put("x", "java, apart");
        page.put("alpha", "x", "page, apart");
        join("alpha", !pageOffers, hidden);
        untilEqual("alpha");
        assertThat(all()).hasSize(8).containsKeys("h2", "p2");
        assertThat(all().get("x")).isIn("java, apart", "page, apart");

        // An alpha with several heads gives a fresh one too little; one more change makes them one.
        put("joined", 6);
        untilEqual("alpha");
        page.alpha("through java");
        join("through java", pageOffers, hidden);
        page.alpha("through alpha");
        page.link("alpha", "through alpha", "direct");
        untilEqual("alpha", "through java", "through alpha");
        page.put("through java", "late", 7);
        put("later", 8);
        untilEqual("alpha", "through java");
        assertThat(all()).hasSize(11);
        assertThat(page.faults()).isEmpty();
    }

    @Tag("soak")
    @ParameterizedTest
    @CsvSource({
        "50,ascending,true", "50,descending,false", "50,random,true",
        "1000,ascending,false", "1000,descending,true", "1000,random,false"
    })
    void documentsOnEitherSide(int count, String order, boolean pageOffers) throws Exception {
        open(true);
        ids("h", count, order).forEach(id -> put(id, 1));
        page.alpha("fresh");
        join("fresh", pageOffers, true);
        untilEqual("fresh");
        page.put("fresh", "live", 2);
        put("live 2", 3);
        untilEqual("fresh");
        assertThat(all()).hasSize(count + 2);
        assertThat(page.faults()).isEmpty();
    }

    @Tag("soak")
    @ParameterizedTest
    @CsvSource({"50,ascending,true", "50,random,false", "50,automatic,true", "1000,ascending,false"})
    void documentsOfTheAlpha(int count, String order, boolean pageOffers) throws Exception {
        open(true);
        page.alpha("author");
        page.puts("author", ids("a", count, order), 1);
        join("author", pageOffers, true);
        await().atMost(Duration.ofMinutes(3))
                .untilAsserted(() -> assertThat(all()).hasSize(count));
        untilEqual("author");
    }

    @Tag("soak")
    @ParameterizedTest
    @CsvSource({"ascending,true", "random,false"})
    void fiveThousandDocumentsFromJavaToAFreshAlpha(String order, boolean pageOffers) throws Exception {
        open(true);
        List<String> ids = ids("h", 5_000, order);
        database.write(batch -> ids.forEach(id -> batch.put(Document.of(id, Map.of("v", 1)))));
        put("last", 2);
        page.alpha("fresh");
        join("fresh", pageOffers, true);
        untilEqual("fresh");
        assertThat(all()).hasSize(5_001);
    }

    // ---- helpers

    private void open(boolean hidden) throws Exception {
        page = AlphaPage.open(Chromium.program().orElseThrow(), directory.resolve("profile"), PACKAGES, hidden);
    }

    private void put(String id, Object value) {
        database.put(id, Map.of("v", value));
    }

    private SortedMap<String, String> all() {
        SortedMap<String, String> documents = new TreeMap<>();
        database.forEach(d -> documents.put(d.id(), String.valueOf(d.toMap().get("v"))));
        return documents;
    }

    /** Null where the alpha is to choose. */
    private static List<String> ids(String prefix, int count, String order) {
        List<String> ids = new ArrayList<>(IntStream.range(0, count)
                .mapToObj(i -> prefix + "%05d".formatted(i))
                .toList());
        if (order.equals("automatic")) {
            return Collections.nCopies(count, null);
        } else if (order.equals("descending")) {
            Collections.reverse(ids);
        } else if (!order.equals("ascending")) {
            Collections.shuffle(ids, new Random(11));
        }
        return ids;
    }

    /** A connection, by its two ends. */
    private record Connection(AlphaPage page, String name, Session session) {
        void cut() throws Exception {
            page.cut(name);
            session.closed().get(60, TimeUnit.SECONDS);
        }
    }

    private Connection join(String alpha, boolean pageOffers, boolean hidden) throws Exception {
        String name = "sync " + names++;
        if (pageOffers) {
            String offer = page.offer(alpha, name);
            assertHidden(offer, hidden);
            page.connect(name, get(sync.accept(offer)));
        } else {
            String answer = page.accept(alpha, name, get(sync.offer("webrtc")));
            assertHidden(answer, hidden);
            get(sync.connect(answer));
            page.backlog(name);
        }
        Session session = sync.sessions().get(sync.sessions().size() - 1);
        return new Connection(page, name, session);
    }

    /** Or the test would not show what it says. */
    private static void assertHidden(String signal, boolean hidden) {
        String candidates = new String(Base64.getDecoder().decode(signal), StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> line.contains("candidate:"))
                .toList()
                .toString();
        if (hidden) {
            assertThat(candidates).contains(".local ");
        } else {
            assertThat(candidates).contains("candidate:").doesNotContain(".local ");
        }
    }

    private void untilEqual(Map<String, String> documents, String alpha) {
        until(() -> {
            assertThat(all()).isEqualTo(documents);
            assertThat(page.all(alpha)).isEqualTo(documents);
        });
    }

    private void untilEqual(String... alphas) {
        until(() -> {
            for (String alpha : alphas) {
                assertThat(page.all(alpha)).as(alpha).isEqualTo(all());
            }
        });
    }

    private static void until(org.awaitility.core.ThrowingRunnable assertion) {
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(assertion);
    }

    private static <T> T get(CompletableFuture<T> stage) throws Exception {
        return stage.get(60, TimeUnit.SECONDS);
    }
}
