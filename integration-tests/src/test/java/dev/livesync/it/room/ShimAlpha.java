package dev.livesync.it.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.livesync.database.Database;
import dev.livesync.it.alpha.AlphaError;
import dev.livesync.it.alpha.NodeProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** An unmodified alpha in a Node process, which has the shim of {@code interop/room} in the place of simple-peer. */
public final class ShimAlpha {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final NodeProcess node;
    private final String name = "db-" + NAMES.incrementAndGet();
    private String sync = "none";
    private String presence = "none";

    public ShimAlpha(NodeProcess node) {
        this.node = node;
        node.ask(command("open"));
    }

    private ObjectNode command(String what) {
        return NodeProcess.JSON
                .createObjectNode()
                .put("do", what)
                .put("db", name)
                .put("sync", sync)
                .put("presence", presence);
    }

    private ObjectNode fresh(String what) {
        sync = name + "-" + NAMES.incrementAndGet();
        return command(what);
    }

    /** Dials an address with a secret, and waits for the session. */
    public void dial(String address) {
        node.ask(fresh("dial").put("address", address));
    }

    /** Its sessions carry presence from here on. */
    void beginPresence() {
        presence = name;
        node.ask(command("presence"));
    }

    void show(String key, JsonNode value) {
        ObjectNode command = command("show").put("key", key);
        node.ask(command.set("value", value));
    }

    void hide(String key) {
        node.ask(command("hide").put("key", key));
    }

    /** Shows nothing any more, and says so. */
    void hideAll() {
        node.ask(command("hideAll"));
    }

    /** What others show to it. */
    SortedMap<String, JsonNode> shown() {
        SortedMap<String, JsonNode> shown = new TreeMap<>();
        for (JsonNode entry : node.ask(command("shown"))) {
            if (!entry.get("own").asBoolean()) {
                shown.put(entry.get("key").asText(), entry.get("value"));
            }
        }
        return shown;
    }

    /** The same as from a page of that origin. */
    void dialFrom(String origin, String address) {
        node.ask(fresh("dial").put("address", address).put("origin", origin));
    }

    void dialWithToken(String token, String address) {
        node.ask(fresh("dial").put("address", address).put("token", token));
    }

    /** The same under a name, by which a mesh knows it. */
    void dialAs(String seat, String address) {
        node.ask(fresh("dial").put("address", address).put("name", seat));
    }

    /** Dials and leaves so many milliseconds later; answers with what became of the dial. */
    String dialAndLeave(String address, int after) {
        return node.ask(fresh("dialAndLeave").put("address", address).put("after", after))
                .asText();
    }

    /** Dials an address now, and whenever the session has ended. */
    void keep(String address) {
        node.ask(fresh("keep").put("address", address));
    }

    void keepNoMore() {
        node.ask(command("keepNoMore"));
    }

    /** Offers at a place in a room, or in a room at any place; answers with the offer. */
    public String offer(String room) {
        return node.ask(fresh("offer").put("room", room)).asText();
    }

    /** Meets another alpha; this one offers. */
    void meet(ShimAlpha other, String room) {
        String offer = offer(room);
        String answer = other.accept(room, offer);
        node.ask(command("connect").put("answer", answer));
        node.ask(command("backlog"));
    }

    String accept(String room, String offer) {
        return node.ask(fresh("accept").put("room", room).put("offer", offer)).asText();
    }

    /** What its peer has told of the last connection: errors, who was refused, the end. */
    List<String> heard() {
        List<String> heard = new ArrayList<>();
        node.ask(command("heard")).forEach(said -> heard.add(said.asText()));
        return heard;
    }

    void leave() {
        node.ask(command("leave"));
    }

    void put(String id, Object value) {
        put(id, Map.of("v", value));
    }

    /** A document with these fields. */
    public void put(String id, Map<String, Object> fields) {
        ObjectNode document = NodeProcess.JSON.createObjectNode().put("_id", id);
        fields.forEach(document::putPOJO);
        ArrayNode docs = NodeProcess.JSON.createArrayNode().add(document);
        node.ask(command("puts").set("docs", docs));
    }

    void del(String id) {
        node.ask(command("del").put("id", id));
    }

    /** The documents by id, read with the root cache cleared. */
    public SortedMap<String, JsonNode> all() {
        SortedMap<String, JsonNode> documents = new TreeMap<>();
        node.ask(command("all")).properties().forEach(e -> documents.put(e.getKey(), e.getValue()));
        return documents;
    }

    /** Waits until it shows what another shows; before it is healed an alpha may throw. */
    void awaitEqual(ShimAlpha other) {
        await().atMost(Duration.ofMinutes(1))
                .ignoreExceptionsInstanceOf(AlphaError.class)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(all()).isEqualTo(other.all()));
    }

    public void awaitEqual(Database database) {
        await().atMost(Duration.ofMinutes(1))
                .ignoreExceptionsInstanceOf(AlphaError.class)
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(() -> assertThat(all()).isEqualTo(documents(database)));
    }

    public static SortedMap<String, JsonNode> documents(Database database) {
        SortedMap<String, JsonNode> documents = new TreeMap<>();
        database.forEach(document -> {
            try {
                documents.put(document.id(), NodeProcess.JSON.readTree(document.json()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return documents;
    }
}
