package dev.livesync.it.webrtc;

import static dev.livesync.it.webrtc.WebRtcReplica.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.it.alpha.NodeProcess;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Unmodified alphas under Node, over real WebRTC: simple-peer and @roamhq/wrtc there, webrtc-java here. */
class NodeAlphaTest {
    /** The most that an alpha's channel takes in one message. */
    private static final int ALPHA_MESSAGE = 262_144;

    private static final Map<String, NodeProcess> NODES = new HashMap<>();

    private final WebRtcReplica java = new WebRtcReplica();

    private static NodeAlpha alpha(String version) {
        return new NodeAlpha(NODES.computeIfAbsent(version, NodeProcess::overWebRtc));
    }

    private static NodeAlpha alpha() {
        return alpha("0.8.0");
    }

    @AfterEach
    void close() {
        java.close();
    }

    @AfterAll
    static void end() {
        NODES.values().forEach(NodeProcess::close);
        NODES.clear();
    }

    private void waitFor(NodeAlpha alpha, int documents) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> java.database().summary().documents() == documents);
        alpha.assertEqual(java);
    }

    private static void leave(NodeAlpha alpha, Session session) {
        alpha.leave();
        await().atMost(Duration.ofSeconds(60)).until(() -> session.closed().isDone());
    }

    @ParameterizedTest(name = "{0}, the alpha offers: {1}")
    @CsvSource({"0.8.0,true", "0.8.0,false", "0.7.2,true", "0.7.2,false", "0.6.6,true", "0.6.6,false"})
    void bothWaysLiveAndAgainAfterEditsApart(String version, boolean alphaOffers) throws Exception {
        NodeAlpha alpha = alpha(version);
        alpha.put("theirs", 1);
        java.database().put("ours", "{\"v\":2}");
        Session session = alpha.meet(java, alphaOffers);
        assertThat(session.peer().isAlpha()).isTrue();
        get(session.backlog());
        waitFor(alpha, 2);

        java.database().put("live", "{\"v\":3}");
        alpha.assertEqual(java);
        alpha.put("ours", 4);
        await().until(() -> java.json("ours").equals("{\"v\":4}"));
        java.database().delete("theirs");
        alpha.assertEqual(java);
        alpha.del("ours");
        waitFor(alpha, 1);

        for (int i = 0; i < 5; i++) {
            java.database().put("live", "{\"v\":\"java " + i + "\"}");
            alpha.put("live", "alpha " + i);
        }
        await().atMost(Duration.ofSeconds(60)).until(session::equal);
        alpha.assertEqual(java);
        assertThat(java.json("live")).isIn("{\"v\":\"java 4\"}", "{\"v\":\"alpha 4\"}");

        leave(alpha, session);
        alpha.put("live", "alpha apart");
        alpha.put("b", 1);
        java.database().put("live", "{\"v\":\"java apart\"}");
        java.database().put("live", "{\"v\":\"java apart, twice\"}");
        java.database().put("c", "{\"v\":1}");
        get(alpha.meet(java, alphaOffers).backlog());
        waitFor(alpha, 3);
        alpha.put("after", 1);
        waitFor(alpha, 4);
    }

    @Test
    void aThirdAlphaJoinsThroughEither() throws Exception {
        NodeAlpha first = alpha();
        first.puts(WebRtcReplica.ids("ascending", 20), 1);
        java.database().put("h", "{\"v\":2}");
        get(first.meet(java, true).backlog());
        waitFor(first, 21);

        NodeAlpha throughJava = alpha();
        get(throughJava.meet(java, false).backlog());
        NodeAlpha throughAlpha = alpha();
        throughAlpha.meet(first);
        for (NodeAlpha each : List.of(throughJava, throughAlpha)) {
            each.assertEqual(java);
        }
        throughJava.put("late", 3);
        await().until(() -> java.ids().contains("late"));
        first.assertEqual(java);
    }

    @ParameterizedTest(name = "{0} {1}, the alpha offers: {2}")
    @CsvSource({
        "3,ascending,true", "3,descending,false", "3,random,true", "3,automatic,false",
        "50,ascending,false", "50,descending,true", "50,random,false", "50,automatic,true"
    })
    void documentsOnEitherSide(int count, String order, boolean alphaOffers) throws Exception {
        eitherSide(count, order, alphaOffers);
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0} {1}, the alpha offers: {2}")
    @CsvSource({
        "1000,ascending,true", "1000,ascending,false", "1000,descending,true", "1000,descending,false",
        "1000,random,true", "1000,random,false", "1000,automatic,true", "1000,automatic,false"
    })
    void aThousandDocumentsOnEitherSide(int count, String order, boolean alphaOffers) throws Exception {
        eitherSide(count, order, alphaOffers);
    }

    private void eitherSide(int count, String order, boolean alphaOffers) throws Exception {
        List<String> ids =
                order.equals("automatic") ? Collections.nCopies(count, null) : WebRtcReplica.ids(order, count);
        NodeAlpha author = alpha();
        author.puts(ids, 1);
        try (WebRtcReplica empty = new WebRtcReplica()) {
            Session session = author.meet(empty, alphaOffers);
            Throwable failure = session.backlog().handle((done, e) -> e).get(3, TimeUnit.MINUTES);
            int longest = author.longestMessage();
            if (count < 1_000 || order.equals("ascending")) {
                assertThat(longest).isLessThanOrEqualTo(ALPHA_MESSAGE);
            }
            if (longest <= ALPHA_MESSAGE) {
                assertThat(failure).isNull();
                author.assertEqual(empty);
                assertThat(empty.ids()).hasSize(count);
            } else {
                // The alpha has broken its own channel.
                assertThat(failure)
                        .isInstanceOfSatisfying(
                                SyncException.class,
                                e -> assertThat(e.kind()).isIn(ErrorKind.DISCONNECTED, ErrorKind.TIMEOUT))
                        .hasMessageContaining("262144 bytes");
            }
        }
        java.put(WebRtcReplica.ids(order, count));
        NodeAlpha fresh = alpha();
        get(fresh.meet(java, alphaOffers).backlog());
        waitFor(fresh, count);
        fresh.put("live", 2);
        waitFor(fresh, count + 1);
    }

    /** 1,000 take two alphas minutes, see LongForksTest. */
    @ParameterizedTest(name = "{0}, the alpha offers: {1}")
    @CsvSource({"200,true", "200,false"})
    void asManyDocumentsOnBothSides(int count, boolean alphaOffers) throws Exception {
        bothSides(count, alphaOffers);
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}, the alpha offers: {1}")
    @CsvSource({"1000,true", "1000,false"})
    void aThousandDocumentsOnBothSides(int count, boolean alphaOffers) throws Exception {
        bothSides(count, alphaOffers);
    }

    private void bothSides(int count, boolean alphaOffers) throws Exception {
        NodeAlpha alpha = alpha();
        alpha.puts(WebRtcReplica.ids("ascending", count), 1);
        java.put(WebRtcReplica.ids("ascending", count).stream()
                .map(id -> "ours-" + id)
                .toList());
        Session session = alpha.meet(java, alphaOffers);
        // An application that reads all the time.
        waitFor(alpha, 2 * count);
        get(session.backlog());
        alpha.put("live", 2);
        java.database().put("also live", "{\"v\":3}");
        waitFor(alpha, 2 * count + 2);
    }

    @Tag("soak")
    @ParameterizedTest(name = "{0}, the alpha offers: {1}")
    @CsvSource({"ascending,true", "random,false"})
    void fiveThousandDocumentsFromJavaToAFreshAlpha(String order, boolean alphaOffers) throws Exception {
        java.put(WebRtcReplica.ids(order, 5_000));
        NodeAlpha fresh = alpha();
        get(fresh.meet(java, alphaOffers).backlog());
        waitFor(fresh, 5_000);
    }

    @Test
    void whatNoMessageOfTheAlphasHoldsIsAnErrorThatNamesTheLimit() throws Exception {
        java.database().put("small", "{\"v\":1}");
        java.database().put("large", "{\"v\":\"" + "x".repeat(200_000) + "\"}");
        NodeAlpha alpha = alpha();
        Session session = alpha.meet(java, true);
        get(session.backlog());
        waitFor(alpha, 2);
        java.database().put("huge", "{\"v\":\"" + "x".repeat(300_000) + "\"}");
        assertThat(session.closed())
                .failsWithin(Duration.ofSeconds(60))
                .withThrowableThat()
                .havingRootCause()
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED))
                .withMessageContaining("262144");
        assertThat(alpha.all()).hasSize(2);
    }
}
