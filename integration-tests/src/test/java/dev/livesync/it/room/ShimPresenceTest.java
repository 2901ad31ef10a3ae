package dev.livesync.it.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.livesync.Endpoint;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.it.alpha.NodeProcess;
import dev.livesync.presence.PresenceEntry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Presence of the shim's, in a Node process beside an unmodified alpha, with Java at a listener over WebSocket. */
class ShimPresenceTest {
    private static NodeProcess node;

    @BeforeAll
    static void start() {
        node = NodeProcess.inRooms("0.8.0");
    }

    @AfterAll
    static void stop() {
        node.close();
    }

    private static String listen(Sync sync) throws Exception {
        Endpoint endpoint = sync.listen("ws://127.0.0.1:0/").get(60, TimeUnit.SECONDS);
        return endpoint.address();
    }

    private static Map<String, Object> others(Sync sync) {
        return sync.presence().entries().stream()
                .filter(entry -> !entry.own())
                .collect(Collectors.toMap(PresenceEntry::key, PresenceEntry::value));
    }

    private static JsonNode json(String text) throws Exception {
        return NodeProcess.JSON.readTree(text);
    }

    private static void until(ThrowingRunnable assertion) {
        await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(20))
                .untilAsserted(assertion);
    }

    @Test
    void aPageAndJavaPeersSeeEachOtherOverAHub() throws Exception {
        try (Database one = Database.inMemory();
                Database two = Database.inMemory();
                Sync hub = new Sync(one);
                Sync java = new Sync(two)) {
            String address = listen(hub);
            java.dial(address).get(60, TimeUnit.SECONDS);
            ShimAlpha page = new ShimAlpha(node);
            page.beginPresence();
            page.show("name", json("\"Ada ü😀\""));
            page.put("theirs", 1);
            page.dial(address);
            page.show("cursor", json("{\"y\":[1,-2,0.5,true,null,\"\"],\"x\":{},\"longer name\":4294967296}"));
            java.presence().set("typing", Map.of("id", "todo-7", "since", -1.25));
            until(() -> assertThat(others(java)).containsOnlyKeys("name", "cursor"));
            assertThat(others(java).get("name")).isEqualTo("Ada ü😀");
            assertThat(json(NodeProcess.JSON.writeValueAsString(others(java).get("cursor"))))
                    .isEqualTo(json("{\"y\":[1,-2,0.5,true,null,\"\"],\"x\":{},\"longer name\":4294967296}"));
            until(() -> assertThat(page.shown()).containsOnlyKeys("typing"));
            assertThat(page.shown().get("typing")).isEqualTo(json("{\"id\":\"todo-7\",\"since\":-1.25}"));

            for (int i = 0; i < 200; i++) {
                page.show("cursor", json(String.valueOf(i)));
            }
            until(() -> assertThat(others(java).get("cursor")).isEqualTo(199L));
            page.hide("cursor");
            java.presence().remove("typing");
            until(() -> assertThat(others(java)).containsOnlyKeys("name"));
            until(() -> assertThat(page.shown()).isEmpty());
            page.awaitEqual(two); // documents went as ever

            assertThatThrownBy(() -> page.show("k", json("\"" + "v".repeat(2_046) + "\"")))
                    .hasMessageContaining("LIMIT_EXCEEDED");
            assertThatThrownBy(() -> page.show("", json("1"))).hasMessageContaining("INVALID_ARGUMENT");
            page.show("k", json("\"" + "v".repeat(2_045) + "\""));
            until(() -> assertThat(others(java)).hasSize(2));

            page.hideAll();
            until(() -> assertThat(others(java)).isEmpty());
            assertThat(hub.sessions()).hasSize(2);
            assertThat(page.heard()).isEmpty();
            assertThat(hub.presence().dropped()).isZero();
        }
    }

    /** Two hubs that know nothing of each other, and a page that has sessions with both. */
    @Test
    void aPageWithTwoSessionsPassesOn() throws Exception {
        try (Database one = Database.inMemory();
                Database two = Database.inMemory();
                Sync left = new Sync(one);
                Sync right = new Sync(two)) {
            ShimAlpha page = new ShimAlpha(node);
            page.beginPresence();
            page.dial(listen(left));
            page.dial(listen(right));
            left.presence().set("left", Map.of("n", 1));
            right.presence().set("right", "2");
            until(() -> assertThat(others(right)).isEqualTo(Map.of("left", Map.of("n", 1L))));
            until(() -> assertThat(others(left)).isEqualTo(Map.of("right", "2")));
            left.presence().set("left", 3);
            until(() -> assertThat(others(right)).isEqualTo(Map.of("left", 3L)));
            left.close();
            until(() -> assertThat(others(right)).isEmpty());
        }
    }

    @Test
    void aPageThatDoesNotAskForItGetsNothing() throws Exception {
        try (Database one = Database.inMemory();
                Sync hub = new Sync(one)) {
            hub.presence().set("hub", "here");
            ShimAlpha page = new ShimAlpha(node);
            page.dial(listen(hub));
            one.put("a", "{}");
            page.awaitEqual(one);
            assertThat(hub.sessions().get(0).peer().features()).doesNotContain("presence");
            assertThat(page.heard()).isEmpty();
        }
    }
}
