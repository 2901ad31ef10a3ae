package dev.livesync.it.libp2p;

import static dev.livesync.it.libp2p.Libp2pEndpoint.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.database.Database;
import dev.livesync.it.libp2p.Libp2pEndpoint.Inbox;
import dev.livesync.transport.libp2p.Libp2pConfiguration;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against js-libp2p, in both roles: the transport's protocols, and the alpha dialect with an unmodified alpha behind. */
class JsLibp2pTest {
    private static final List<Integer> SIZES =
            List.of(0, 1, 2, 126, 127, 128, 16_383, 16_384, 65_507, 65_536, 262_144, 1_048_575, 1_048_576, 5, 0);
    private static final String SECRET = "an-open-secret-of-the-tests-only";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static Libp2pConfiguration fresh() {
        return Libp2pConfiguration.builder().build();
    }

    @Test
    void jsDialsUsAndGetsItsEcho() throws Exception {
        try (Libp2pEndpoint ours = new Libp2pEndpoint(fresh());
                JsPeer js = JsPeer.start()) {
            Listening at = get(ours.transport().listen("libp2p:/ip4/127.0.0.1/tcp/0", Libp2pEndpoint::echo));
            String bare = at.address().substring("libp2p:".length());
            assertThat(js.call("echo", "address", bare, "sizes", SIZES).asInt()).isEqualTo(SIZES.size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Ed25519", "RSA"})
    void weDialJsWhateverItsKeyIs(String key) throws Exception {
        try (Libp2pEndpoint ours = new Libp2pEndpoint(fresh());
                JsPeer js = JsPeer.start(key)) {
            js.call("serve", "mode", "echo");
            Channel channel = get(ours.transport().dial("libp2p:" + js.address()));
            assertThat(channel.peer().orElseThrow().name()).isEqualTo(js.peerId());
            assertThat(channel.remote()).contains(js.peerId());
            Inbox inbox = Inbox.on(channel);
            SplittableRandom random = new SplittableRandom(6);
            List<Message> sent = new ArrayList<>();
            for (int size : SIZES) {
                byte[] bytes = new byte[size];
                random.nextBytes(bytes);
                sent.add(new Message(size % 2 == 0 ? Message.Kind.BINARY : Message.Kind.TEXT, bytes));
                get(channel.send(sent.get(sent.size() - 1)));
            }
            for (Message message : sent) {
                Message back = inbox.next();
                assertThat(back.kind()).isEqualTo(message.kind());
                assertThat(back.payload()).isEqualTo(message.payload());
            }
            get(channel.close());
            assertThat(inbox.closed.get()).isEqualTo(CloseReason.LOCAL);
        }
    }

    @Test
    void aKeyThatWeCannotVerifyIsRefusedByName() throws Exception {
        try (Libp2pEndpoint ours = new Libp2pEndpoint(fresh());
                JsPeer js = JsPeer.start("secp256k1")) {
            js.call("serve", "mode", "echo");
            assertThat(failure(ours, js.address()))
                    .returns(ErrorKind.AUTHENTICATION, SyncException::kind)
                    .hasMessageContaining("secp256k1");
        }
    }

    @Test
    void aWrongPeerIdIsRefused() throws Exception {
        try (Libp2pEndpoint ours = new Libp2pEndpoint(fresh());
                JsPeer js = JsPeer.start()) {
            js.call("serve", "mode", "echo");
            String other = fresh().peerId();
            assertThat(failure(ours, js.address().replaceFirst("/p2p/.*$", "/p2p/" + other)))
                    .returns(ErrorKind.AUTHENTICATION, SyncException::kind)
                    .hasMessageContaining(other)
                    .hasMessageContaining(js.peerId());
        }
    }

    @Test
    void onlyWhoIsAllowedGetsIn() throws Exception {
        try (JsPeer js = JsPeer.start();
                JsPeer stranger = JsPeer.start();
                Libp2pEndpoint ours = new Libp2pEndpoint(Libp2pConfiguration.builder()
                        .allowedPeers(Set.of(js.peerId()))
                        .build())) {
            Listening at = get(ours.transport().listen("libp2p:/ip4/127.0.0.1/tcp/0", Libp2pEndpoint::echo));
            String bare = at.address().substring("libp2p:".length());
            assertThat(js.call("echo", "address", bare, "sizes", List.of(3)).asInt())
                    .isEqualTo(1);
            assertThatThrownBy(() -> stranger.call("echo", "address", bare, "sizes", List.of(3)));
            stranger.call("serve", "mode", "echo");
            assertThat(failure(ours, stranger.address())).returns(ErrorKind.AUTHENTICATION, SyncException::kind);
        }
    }

    @Test
    void pingsAndQuestionsWhoWeAreAreAnswered() throws Exception {
        Libp2pConfiguration configuration = fresh();
        try (Libp2pEndpoint ours = new Libp2pEndpoint(configuration);
                JsPeer js = JsPeer.start()) {
            Listening at = get(ours.transport().listen("libp2p:/ip4/127.0.0.1/tcp/0", Libp2pEndpoint::echo));
            String bare = at.address().substring("libp2p:".length());
            assertThat(js.call("ping", "address", bare).asInt()).isNotNegative();
            assertThat(js.call("ping", "address", bare).asInt()).isNotNegative();
            JsonNode said = js.call("identify", "address", bare);
            assertThat(said.get("peerId").asText()).isEqualTo(configuration.peerId());
            assertThat(said.get("protocols")).extracting(JsonNode::asText).contains("/livesync/1.0.0");
            assertThat(said.get("listen").get(0).asText()).isEqualTo(bare.replaceFirst("/p2p/.*$", ""));
            assertThat(said.get("observed").asText()).startsWith("/ip4/127.0.0.1/tcp/");
        }
    }

    @Test
    void aPeerWithoutOurProtocolIsNobodyWeCanTalkTo() throws Exception {
        try (Libp2pEndpoint ours = new Libp2pEndpoint(fresh());
                JsPeer js = JsPeer.start()) {
            assertThat(failure(ours, js.address()))
                    .returns(ErrorKind.UNREACHABLE, SyncException::kind)
                    .hasMessageContaining("/livesync/1.0.0");
        }
    }

    @Test
    void anAlphaThatDialsUsHasAThousandDocumentsAndGetsAThousandAndLiveUpdates() throws Exception {
        alphaDials(1_000, 1_000);
    }

    @Test
    void anAlphaThatWeDialHasAThousandDocumentsAndGetsAThousandAndLiveUpdates() throws Exception {
        alphaIsDialled(1_000, 1_000);
    }

    private static void alphaDials(int theirs, int ours) throws Exception {
        try (JsPeer js = JsPeer.start();
                Database here = Database.inMemory();
                Sync sync = sync(here)) {
            fill(js, theirs, here, ours);
            Endpoint endpoint = get(sync.listen("libp2p:/ip4/127.0.0.1/tcp/0", SECRET));
            String bare = endpoint.publicAddress().substring("libp2p:".length());
            js.call("sync", "address", bare, "secret", SECRET);
            expectEqualAndLive(js, here, theirs + ours);
        }
    }

    private static void alphaIsDialled(int theirs, int ours) throws Exception {
        try (JsPeer js = JsPeer.start();
                Database here = Database.inMemory();
                Sync sync = sync(here)) {
            fill(js, theirs, here, ours);
            js.call("serve", "mode", "sync", "secret", SECRET);
            try (Session session = get(sync.dial("libp2p:" + js.address(), SECRET))) {
                expectEqualAndLive(js, here, theirs + ours);
                assertThat(session.peer().toString()).contains(js.peerId());
            }
        }
    }

    private static Sync sync(Database database) {
        return Sync.builder(database)
                .transport(new Libp2pTransportProvider(fresh()))
                .build();
    }

    @Test
    void anAlphaWithAnotherSecretGetsNothing() throws Exception {
        try (JsPeer js = JsPeer.start();
                Database here = Database.inMemory();
                Sync sync = sync(here)) {
            here.put("private", Map.of("a", 1));
            Endpoint endpoint = get(sync.listen("libp2p:/ip4/127.0.0.1/tcp/0", SECRET));
            String bare = endpoint.publicAddress().substring("libp2p:".length());
            js.call("sync", "address", bare, "secret", SECRET + "-but-wrong");
            await().atMost(PATIENCE).until(() -> js.faults().contains("fault"));
            assertThat(js.call("all")).isEmpty();
        }
    }

    /** Ascending ids: its own tree code loses documents otherwise. */
    private static void fill(JsPeer js, int theirs, Database here, int ours) throws Exception {
        js.call("puts", "docs", documents("a", theirs));
        documents("b", ours).forEach(fields -> here.put((String) fields.get("_id"), Map.of("n", fields.get("n"))));
    }

    private static List<Map<String, Object>> documents(String prefix, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Map.<String, Object>of("_id", String.format("%s-%04d", prefix, i), "n", i))
                .toList();
    }

    private static void expectEqualAndLive(JsPeer js, Database here, int documents) throws Exception {
        // Two unrelated histories are merged by ours as soon as they meet; an alpha that writes before takes minutes
        // for it.
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(clock(js)).hasSize(1).isEqualTo(clock(here)));
        js.call("puts", "docs", List.of(Map.of("_id", "live-js", "n", 1)));
        await().atMost(PATIENCE).until(() -> here.get("live-js").isPresent());
        awaitEqual(js, here);
        here.put("live-java", Map.of("n", 2));
        awaitEqual(js, here);
        JsonNode theirs = js.call("all");
        assertThat(theirs).hasSize(documents + 2);
        assertThat(here.all()).hasSize(documents + 2);
        here.forEach(document -> assertThat(theirs.get(document.id()).get("n").asInt())
                .as(document.id())
                .isEqualTo(number(document.json())));
        assertThat(js.faults()).isEmpty();
    }

    /** Both have the same heads; reading its documents would keep the alpha busy for long. */
    private static void awaitEqual(JsPeer js, Database here) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(clock(js)).isNotEmpty().isEqualTo(clock(here)));
    }

    private static Set<String> clock(JsPeer js) throws Exception {
        Set<String> heads = new HashSet<>();
        js.call("clock").forEach(head -> heads.add(head.asText()));
        return heads;
    }

    private static Set<String> clock(Database database) {
        return database.clock().stream().map(Object::toString).collect(Collectors.toSet());
    }

    private static int number(String json) {
        return Integer.parseInt(json.replaceAll("[^0-9]", ""));
    }

    private static SyncException failure(Libp2pEndpoint ours, String address) throws InterruptedException {
        try {
            ours.transport().dial(address).toCompletableFuture().get();
        } catch (ExecutionException e) {
            return (SyncException) e.getCause();
        }
        throw new AssertionError("a dial of " + address + " succeeded");
    }
}
