package dev.livesync.transport.partykit;

import static dev.livesync.transport.partykit.RoomMember.failure;
import static dev.livesync.transport.partykit.RoomMember.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Message;
import dev.livesync.tck.internal.Probe;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts of a room's that its page doesn't know are ignored, and what is no text of a room's ends the connection with a reason. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RoomTextsTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final LocalRooms rooms = new LocalRooms();

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void whatNobodyKnowsIsIgnored() throws Exception {
        try (RoomMember near = new RoomMember();
                RoomMember far = new RoomMember()) {
            Channel channel = near.dial(far.listen(rooms.room("r")));
            near.probe(channel, 1);
            Probe atFar = far.probe(far.arrival(), 1);
            List<String> members = rooms.members("r");
            for (String text : List.of(
                    "{}",
                    "{\"weather\":\"fine\"}",
                    "{\"weather\":{\"seated\":[\"desk\"],\"left\":\"x\"}}",
                    "{\"room\":2}",
                    "{\"joined\":\"somebody\",\"since\":17}",
                    "{\"sits\":\"somebody\",\"seat\":\"a seat that cannot be\"}",
                    "{\"sits\":\"somebody\",\"seat\":null}",
                    "{\"stands\":\"nobody\",\"seat\":\"desk\"}",
                    "{\"left\":\"nobody\"}",
                    "{\"gone\":\"nobody\"}")) {
                members.forEach(member -> rooms.say("r", member, text));
            }
            get(channel.send(Message.text("behind them")));
            atFar.await(1);
            assertThat(rooms.members("r")).isEqualTo(members);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "[]",
                "{",
                "{}{}",
                "{\"left\":5}",
                "{\"gone\":\"\"}",
                "{\"sits\":\"a b\",\"seat\":\"desk\"}",
                "{\"seated\":\"desk\"}",
                "{\"nobody\":\"desk\"}",
                "{\"found\":\"desk\",\"id\":7}"
            })
    void whatIsNoTextOfARoomEndsTheConnectionAndNotTheListener(String text) throws Exception {
        try (RoomMember near = new RoomMember();
                RoomMember far = new RoomMember()) {
            far.listen(rooms.room("r") + "desk");
            Probe atNear = near.probe(near.dial(rooms.room("r") + "desk"), 1);
            far.probe(far.arrival(), 1);
            String id = rooms.sitter("r", "desk");
            String caller = rooms.members("r").stream()
                    .filter(member -> !member.equals(id))
                    .findFirst()
                    .orElseThrow();
            rooms.say("r", caller, text);
            SyncException why = atNear.awaitClose().failure();
            assertThat(why.kind()).isEqualTo(ErrorKind.DISCONNECTED);
            assertThat(why).hasMessageContaining("/parties/livesync/r is no room: ");
            rooms.say("r", id, text);
            await().atMost(SOON).until(() -> !List.of("", id).contains(rooms.sitter("r", "desk")));
            near.probe(near.dial(rooms.room("r") + "desk"), 1);
            far.probe(far.arrival(), 1);
        }
    }

    @Test
    void aRoomThatGreetsWithSomethingElseIsSaidToBeSo() throws Exception {
        try (RoomMember member = new RoomMember()) {
            rooms.greet("{\"room\":2,\"you\":\"x\",\"peers\":{}}");
            SyncException other = failure(member.transport.dial(rooms.room("r") + "desk"));
            assertThat(other).hasMessageContaining("another version of the room's protocol");
            rooms.greet("{\"room\":1,\"peers\":{}}");
            assertThat(failure(member.transport.dial(rooms.room("r") + "desk")))
                    .hasMessageContaining("its \"you\" is no id");
            rooms.greet("{\"room\":1,\"you\":\"" + "x".repeat(65_536) + "\",\"peers\":{}}");
            assertThat(failure(member.transport.dial(rooms.room("r") + "desk"))).hasMessageContaining("65536");
        }
    }
}
