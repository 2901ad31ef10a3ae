package dev.livesync.it.room;

import static dev.livesync.it.room.PlainMember.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.livesync.it.room.ServedRoom.Runtime;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What docs/room-protocol.md asks of a room, seen by members that are nothing but sockets. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RoomServerRules {
    private static final int FRAMES = 5_000;
    private static final int LARGEST_FRAME = 66_000;

    private final AtomicInteger rooms = new AtomicInteger();
    private final Runtime runtime;
    private ServedRoom server;

    RoomServerRules(Runtime runtime) {
        this.runtime = runtime;
    }

    @BeforeAll
    void serve() throws Exception {
        server = ServedRoom.start(runtime);
    }

    @AfterAll
    void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    URI room() {
        return server.room("room-" + rooms.incrementAndGet());
    }

    /** A member that has been greeted. */
    record Greeted(PlainMember member, String id, JsonNode peers) {
        static Greeted join(URI room) throws Exception {
            PlainMember member = PlainMember.open(room);
            JsonNode greeting = member.told();
            assertThat(greeting.path("room").asInt()).isEqualTo(1);
            return new Greeted(member, greeting.get("you").asText(), greeting.get("peers"));
        }
    }

    @Test
    void whoComesAndGoesIsSaid() throws Exception {
        URI room = room();
        Greeted first = Greeted.join(room);
        assertThat(first.peers()).isEmpty();
        Greeted second = Greeted.join(room);
        assertThat(second.peers().has(first.id())).isTrue();
        assertThat(first.member().told().path("joined").asText()).isEqualTo(second.id());
        Greeted third = Greeted.join(room);
        assertThat(third.peers()).hasSize(2);
        assertThat(first.member().told().path("joined").asText()).isEqualTo(third.id());

        second.member().close();
        assertThat(first.member().told().path("left").asText()).isEqualTo(second.id());
        third.member().abort();
        assertThat(first.member().told().path("left").asText()).isEqualTo(third.id());
        assertThat(Greeted.join(room).peers()).hasSize(1);
    }

    @Test
    void nobodyChoosesAnId() throws Exception {
        URI room = URI.create(room() + "?_pk=chosen");
        Greeted first = Greeted.join(room);
        Greeted second = Greeted.join(room);
        assertThat(List.of(first.id(), second.id())).doesNotContain("chosen").doesNotHaveDuplicates();
        second.member().send(frame(first.id(), new byte[] {7}));
        assertThat(first.member().frame()).isEqualTo(frame(second.id(), new byte[] {7}));
    }

    @Test
    void aSeatIsOneMembers() throws Exception {
        URI room = room();
        Greeted first = Greeted.join(room);
        Greeted second = Greeted.join(room);
        first.member().told();
        assertThat(first.member().ask("{\"sit\":\"a-seat_1\"}").path("seated").asText())
                .isEqualTo("a-seat_1");
        JsonNode hint = second.member().told();
        assertThat(hint.path("sits").asText()).isEqualTo(first.id());
        assertThat(hint.path("seat").asText()).isEqualTo("a-seat_1");
        assertThat(first.member().ask("{\"sit\":\"a-seat_1\"}").has("seated"))
                .as("on one's own again")
                .isTrue();
        assertThat(second.member().ask("{\"sit\":\"a-seat_1\"}").path("taken").asText())
                .isEqualTo("a-seat_1");
        assertThat(second.member().ask("{\"find\":\"a-seat_1\"}").path("id").asText())
                .isEqualTo(first.id());
        assertThat(first.member().ask("{\"find\":\"a-seat_1\"}").path("id").asText())
                .as("oneself")
                .isEqualTo(first.id());
        assertThat(second.member().ask("{\"find\":\"other\"}").path("nobody").asText())
                .isEqualTo("other");
        assertThat(second.member().ask("{\"stand\":\"a-seat_1\"}").has("stood"))
                .as("not one's own")
                .isTrue();
        assertThat(second.member().ask("{\"find\":\"a-seat_1\"}").has("found")).isTrue();
        assertThat(Greeted.join(room).peers().get(first.id()).get(0).asText()).isEqualTo("a-seat_1");
        first.member().told();
        second.member().told();

        assertThat(first.member().ask("{\"stand\":\"a-seat_1\"}").has("stood")).isTrue();
        assertThat(second.member().told().path("stands").asText()).isEqualTo(first.id());
        assertThat(second.member().ask("{\"sit\":\"a-seat_1\"}").has("seated")).isTrue();
        assertThat(first.member().told().path("sits").asText()).isEqualTo(second.id());
        second.member().abort();
        assertThat(first.member().told().path("left").asText()).isEqualTo(second.id());
        assertThat(first.member().ask("{\"sit\":\"a-seat_1\"}").has("seated"))
                .as("a seat of one who left")
                .isTrue();
    }

    @Test
    void eightSeatsAMember() throws Exception {
        PlainMember member = Greeted.join(room()).member();
        for (int i = 1; i <= 8; i++) {
            assertThat(member.ask("{\"sit\":\"s" + i + "\"}").has("seated")).isTrue();
        }
        assertThat(member.ask("{\"sit\":\"s9\"}").path("taken").asText()).isEqualTo("s9");
        member.ask("{\"stand\":\"s1\"}");
        assertThat(member.ask("{\"sit\":\"s9\"}").has("seated")).isTrue();
    }

    @Test
    void framesGoOverInOrder() throws Exception {
        URI room = room();
        Greeted from = Greeted.join(room);
        Greeted to = Greeted.join(room);
        for (int i = 0; i < FRAMES; i++) {
            from.member()
                    .send(frame(
                            to.id(), ByteBuffer.allocate(4 + i % 50).putInt(i).array()));
        }
        for (int i = 0; i < FRAMES; i++) {
            assertThat(to.member().frame())
                    .isEqualTo(frame(
                            from.id(), ByteBuffer.allocate(4 + i % 50).putInt(i).array()));
        }
        to.member().send(frame(to.id(), new byte[0]));
        assertThat(to.member().frame()).as("to oneself, empty").isEqualTo(frame(to.id(), new byte[0]));
    }

    @Test
    void theLargestFrameGoesOver() throws Exception {
        URI room = room();
        Greeted from = Greeted.join(room);
        Greeted to = Greeted.join(room);
        byte[] largest = frame(to.id(), new byte[LARGEST_FRAME - 1 - to.id().length()]);
        from.member().send(largest);
        assertThat(to.member().frame()).hasSize(LARGEST_FRAME);
        from.member().send(ByteBuffer.allocate(LARGEST_FRAME + 1).put(largest).array());
        assertThat(from.member().closeCode()).isEqualTo(4002);
    }

    @Test
    void framesForNobody() throws Exception {
        Greeted from = Greeted.join(room());
        Greeted elsewhere = Greeted.join(room());
        for (String id : List.of(elsewhere.id(), "x", "!".repeat(64))) {
            from.member().send(frame(id, new byte[] {1, 0, 0, 0, 1}));
            assertThat(from.member().told().path("gone").asText()).isEqualTo(id);
        }
    }

    static List<Object> malformed() {
        return List.of(
                "",
                "{",
                "[]",
                "null",
                "7",
                "{\"sit\":7}",
                "{\"sit\":\"\"}",
                "{\"find\":\"a b\"}",
                "{\"stand\":null}",
                "{\"sit\":\"" + "s".repeat(65) + "\"}",
                "{\"sit\":\"s\",\"find\":0}",
                "{\"sit\":\"s\",\"pad\":\"" + "p".repeat(1_024) + "\"}",
                new byte[0],
                new byte[] {0, 1, 2},
                new byte[] {65, 1, 2},
                new byte[] {3, 'a', 'b'},
                frame("a".repeat(65), new byte[5]));
    }

    @Test
    void whateverIsMalformedEndsItsSocketAndNoOther() throws Exception {
        URI room = room();
        Greeted honest = Greeted.join(room);
        for (Object wrong : malformed()) {
            Greeted other = Greeted.join(room);
            assertThat(honest.member().told().path("joined").asText()).isEqualTo(other.id());
            if (wrong instanceof String text) {
                other.member().say(text);
            } else {
                other.member().send((byte[]) wrong);
            }
            assertThat(other.member().closeCode()).as("after %s", wrong).isEqualTo(4002);
            assertThat(honest.member().told().path("left").asText()).isEqualTo(other.id());
        }
        honest.member().say("{\"something\":\"else\"}");
        assertThat(honest.member().ask("{\"sit\":\"here\",\"more\":1}").has("seated"))
                .as("what nobody knows is ignored")
                .isTrue();
    }

    @Test
    void sixtyFourMembers() throws Exception {
        URI room = room();
        List<Greeted> members = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            members.add(Greeted.join(room));
        }
        assertThat(members.get(63).peers()).hasSize(63);
        assertThat(PlainMember.open(room).closeCode()).isEqualTo(4003);
        Greeted last = members.remove(63);
        assertThat(last.member().heardNothing())
                .as("of whom there was no room for")
                .isTrue();
        members.get(62).member().told();
        members.remove(0).member().close();
        assertThat(last.member().told().has("left")).isTrue();
        assertThat(Greeted.join(room).peers()).hasSize(63);
    }

    @Test
    void aTokenWhereTheRoomWantsOne() throws Exception {
        try (ServedRoom guarded = ServedRoom.start(runtime, "a token of tests")) {
            URI room = guarded.room("r");
            for (String wrong : List.of("", "?token=", "?token=another", "?token=a%20token%20of%20test")) {
                assertThatThrownBy(() -> PlainMember.open(URI.create(room + wrong)))
                        .hasStackTraceContaining("status code 401");
            }
            assertThat(PlainMember.open(room, "a token of tests").told().path("you"))
                    .isNotEqualTo(MissingNode.getInstance());
            assertThat(PlainMember.open(URI.create(room + "?token=a%20token%20of%20tests"))
                            .told()
                            .path("peers"))
                    .hasSize(1);
        }
    }

    @Test
    void tooLongAnAddress() {
        assertThatThrownBy(() -> PlainMember.open(server.room("r".repeat(1_100))))
                .hasStackTraceContaining("status code 414");
    }

    /** A room that nobody talks to is put out of memory after some ten seconds; nothing but time does it. */
    @Tag("soak")
    @Test
    void aRoomThatHasSleptKnowsItsMembers() throws Exception {
        URI room = room();
        Greeted from = Greeted.join(room);
        Greeted to = Greeted.join(room);
        from.member().told();
        to.member().ask("{\"sit\":\"here\"}");
        from.member().told();
        await().pollDelay(Duration.ofSeconds(20)).atMost(Duration.ofSeconds(30)).until(() -> true);
        for (int i = 0; i < 100; i++) {
            from.member().send(frame(to.id(), new byte[] {(byte) i}));
        }
        for (int i = 0; i < 100; i++) {
            assertThat(to.member().frame()).isEqualTo(frame(from.id(), new byte[] {(byte) i}));
        }
        assertThat(from.member().ask("{\"find\":\"here\"}").path("id").asText()).isEqualTo(to.id());
        assertThat(Greeted.join(room).peers().get(to.id()).get(0).asText()).isEqualTo("here");
    }
}
