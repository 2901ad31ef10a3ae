package dev.livesync.it.webrtc;

import static dev.livesync.it.webrtc.WebRtcReplica.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.livesync.OpenAnswer;
import dev.livesync.Session;
import dev.livesync.it.alpha.AlphaError;
import dev.livesync.it.alpha.NodeProcess;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An unmodified alpha in a Node process, with a data channel of its own. */
final class NodeAlpha {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final NodeProcess node;
    private final String name = "db-" + NAMES.incrementAndGet();
    private String sync = "none";

    NodeAlpha(NodeProcess node) {
        this.node = node;
        node.ask(command("open"));
    }

    private ObjectNode command(String what) {
        return NodeProcess.JSON
                .createObjectNode()
                .put("do", what)
                .put("db", name)
                .put("sync", sync);
    }

    private ObjectNode fresh(String what) {
        sync = name + "-" + NAMES.incrementAndGet();
        return command(what);
    }

    /** Meets a LiveSync peer; the session is that one's. */
    Session meet(WebRtcReplica peer, boolean alphaOffers) throws Exception {
        if (!alphaOffers) {
            String offer = get(peer.sync().offer());
            String answer = node.ask(fresh("accept").put("offer", offer)).asText();
            return get(peer.sync().connect(answer));
        }
        String offer = node.ask(fresh("offer")).asText();
        OpenAnswer acceptance = get(peer.sync().openAnswer(offer));
        node.ask(command("connect").put("answer", acceptance.text()));
        return get(acceptance.session());
    }

    /** Meets another alpha without any of ours between. */
    void meet(NodeAlpha other) {
        String offer = node.ask(fresh("offer")).asText();
        String answer = node.ask(other.fresh("accept").put("offer", offer)).asText();
        node.ask(command("connect").put("answer", answer));
        backlog();
    }

    void backlog() {
        node.ask(command("backlog"));
    }

    /** Its application leaves. */
    void leave() {
        node.ask(command("leave"));
    }

    void put(@Nullable String id, Object value) {
        puts(java.util.Collections.singletonList(id), value);
    }

    /** One after the other; for a null the alpha chooses an id. */
    void puts(List<@Nullable String> ids, Object value) {
        ArrayNode docs = NodeProcess.JSON.createArrayNode();
        for (String id : ids) {
            ObjectNode doc = docs.addObject().putPOJO("v", value);
            if (id != null) {
                doc.put("_id", id);
            }
        }
        node.ask(command("puts").set("docs", docs));
    }

    void del(String id) {
        node.ask(command("del").put("id", id));
    }

    /** How long the longest message was that it sent to whom it met last, or tried to. */
    int longestMessage() {
        return node.ask(command("longest")).asInt();
    }

    /** The documents by id, read with the root cache cleared. */
    SortedMap<String, JsonNode> all() {
        SortedMap<String, JsonNode> documents = new TreeMap<>();
        node.ask(command("all")).properties().forEach(e -> documents.put(e.getKey(), e.getValue()));
        return documents;
    }

    /** Waits until it and a LiveSync peer show the same documents; before it is healed an alpha may throw. */
    void assertEqual(WebRtcReplica peer) {
        await().atMost(Duration.ofSeconds(60))
                .ignoreExceptionsInstanceOf(AlphaError.class)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(all()).isEqualTo(documents(peer)));
    }

    static SortedMap<String, JsonNode> documents(WebRtcReplica peer) {
        SortedMap<String, JsonNode> documents = new TreeMap<>();
        peer.database().forEach(document -> {
            try {
                documents.put(document.id(), NodeProcess.JSON.readTree(document.json()));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        return documents;
    }
}
