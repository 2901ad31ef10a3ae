package dev.livesync.transport.partykit;

import static dev.livesync.transport.partykit.RoomMember.failure;
import static dev.livesync.transport.partykit.RoomMember.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a transport does when a room says nothing, by a clock that passes when it is told to. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RoomTimeTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration PING = Duration.ofSeconds(30);

    private final LocalRooms rooms = new LocalRooms();
    private final RoomClock clock = new RoomClock();
    private final DialingTransport transport = (DialingTransport) new PartyKitTransportProvider(
                    PartyKitConfiguration.builder().pingInterval(PING).build())
            .open(clock);

    @AfterEach
    void close() {
        rooms.close(); // first: a silent room would hold up the transport's close
        transport.close();
        clock.close();
        assertThat(clock.escaped()).isEmpty();
    }

    private Listening listen() throws Exception {
        return get(transport.listen(rooms.room("r") + "desk", channel -> {}));
    }

    @Test
    void aRoomThatAnswersNoGoodbyeIsLeftAfterASecond() throws Exception {
        Listening listening = listen();
        rooms.mute();
        listening.close();
        await().atMost(SOON).until(() -> clock.timers().equals(List.of(Duration.ofSeconds(1))));
        clock.pass(Duration.ofMillis(999));
        assertThat(rooms.members("r")).hasSize(1);
        clock.pass(Duration.ofMillis(1));
        await().atMost(SOON).until(() -> rooms.members("r").isEmpty());
        assertThat(clock.timers()).isEmpty();
    }

    @Test
    void aRoomThatAnswersAGoodbyeLeavesNoTimer() throws Exception {
        listen().close();
        await().atMost(SOON).until(() -> rooms.members("r").isEmpty());
        await().atMost(SOON).until(() -> clock.timers().isEmpty());
    }

    @Test
    void aRoomThatAnswersPingsStaysAndOneThatDoesNotIsLost() throws Exception {
        listen();
        String before = rooms.sitter("r", "desk");
        for (int pings = 1; pings <= 5; pings++) {
            nextPing(pings);
            // The room's answers keep their order: once this one is here, so is that to the ping.
            assertThat(failure(transport.dial(rooms.room("r") + "nobody")).kind())
                    .isEqualTo(ErrorKind.UNREACHABLE);
        }
        assertThat(rooms.sitter("r", "desk")).isEqualTo(before);
        rooms.mute();
        nextPing(6);
        nextPing(7);
        assertThat(rooms.sitter("r", "desk")).isEqualTo(before);
        clock.pass(PING);
        await().atMost(SOON).until(() -> rooms.members("r").isEmpty());
        await().atMost(SOON).until(() -> clock.timers().size() == 1);
        assertThat(clock.timers().get(0)).isLessThanOrEqualTo(Duration.ofMillis(500));
        clock.pass(Duration.ofMillis(500));
        await().atMost(SOON).until(() -> !rooms.sitter("r", "desk").isEmpty());
        assertThat(rooms.sitter("r", "desk")).isNotEqualTo(before);
    }

    private void nextPing(int number) {
        await().atMost(SOON).until(() -> clock.timers().equals(List.of(PING)));
        clock.pass(PING);
        await().atMost(SOON)
                .until(() -> rooms.pings() == number && clock.timers().equals(List.of(PING)));
    }
}
