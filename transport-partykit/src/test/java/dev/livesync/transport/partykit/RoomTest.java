package dev.livesync.transport.partykit;

import static dev.livesync.transport.partykit.RoomMember.failure;
import static dev.livesync.transport.partykit.RoomMember.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.tck.internal.Probe;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What rooms and their members do to a transport, beyond what the kit knows of. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RoomTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int RESET = 0x05;
    private static final int BY_LISTENER = 0x10;

    private final LocalRooms rooms = new LocalRooms();

    @AfterEach
    void close() {
        rooms.close();
    }

    @Test
    void whoListensAndDialsInOneRoomIsOneMember() throws Exception {
        try (RoomMember both = new RoomMember();
                RoomMember other = new RoomMember()) {
            String first = both.listen(rooms.room("r"));
            String second = both.listen(rooms.room("r"));
            String others = other.listen(rooms.room("r"));
            both.probe(both.dial(others), 1);
            both.probe(both.dial(first), 1); // its own
            both.probe(both.arrival(), 1);
            other.probe(other.arrival(), 1);
            other.probe(other.dial(second), 1);
            both.probe(both.arrival(), 1);
            assertThat(rooms.members("r")).hasSize(2);
        }
        await().atMost(SOON).until(() -> rooms.members("r").isEmpty());
    }

    @Test
    void aSeatIsTakenOnceInOneTransportToo() throws Exception {
        try (RoomMember member = new RoomMember()) {
            String address = member.listen(rooms.room("r"));
            assertThat(failure(member.transport.listen(address, channel -> {})).kind())
                    .isEqualTo(ErrorKind.IN_USE);
            assertThat(member.listen(rooms.room("r"))).isNotEqualTo(address);
        }
    }

    @Test
    void aSocketIsClosedWhenNobodyNeedsIt() throws Exception {
        try (RoomMember near = new RoomMember();
                RoomMember far = new RoomMember()) {
            Listening listening = get(far.transport.listen(rooms.room("r"), far.arrivals::add));
            Channel channel = near.dial(listening.address());
            Channel there = far.arrival();
            listening.close();
            Probe atNear = near.probe(channel, 10);
            Probe atFar = far.probe(there, 10);
            get(there.send(Message.text("accepted lives on")));
            atNear.await(1);
            assertThat(rooms.members("r")).hasSize(2);
            get(channel.close());
            atFar.awaitClose();
            await().atMost(SOON).until(() -> rooms.members("r").isEmpty());
        }
    }

    @Test
    void aTokenIsWanted() throws Exception {
        rooms.token("let-me-in");
        try (RoomMember without = new RoomMember();
                RoomMember with =
                        new RoomMember(RoomMember.hasty().token("let-me-in").build())) {
            SyncException refused = failure(without.transport.listen(rooms.room("r"), channel -> {}));
            assertThat(refused.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
            assertThat(refused).hasMessageContaining("token").hasMessageContaining("/parties/livesync/r");
            String address = with.listen(rooms.room("r"));
            assertThat(failure(without.transport.dial(address)).kind()).isEqualTo(ErrorKind.AUTHENTICATION);
            with.probe(with.dial(address), 1);
            with.probe(with.arrival(), 1);
        }
    }

    @Test
    void aFullRoomRefuses() throws Exception {
        RawMember[] members = new RawMember[LocalRooms.MOST];
        try (RoomMember late = new RoomMember()) {
            for (int i = 0; i < members.length; i++) {
                members[i] = new RawMember(rooms, "r");
            }
            SyncException refused = failure(late.transport.listen(rooms.room("r"), channel -> {}));
            assertThat(refused.kind()).isEqualTo(ErrorKind.REFUSED);
            assertThat(refused).hasMessageContaining("is full");
        } finally {
            for (RawMember member : members) {
                if (member != null) {
                    member.close();
                }
            }
        }
    }

    @Test
    void aListenerComesBackToItsSeatAndItsChannelsDoNot() throws Exception {
        try (RoomMember near = new RoomMember();
                RoomMember far = new RoomMember()) {
            String address = far.listen(rooms.room("r") + "desk");
            Probe lost = near.probe(near.dial(address), 1);
            Probe lostThere = far.probe(far.arrival(), 1);
            for (int round = 0; round < 3; round++) {
                String before = rooms.sitter("r", "desk");
                rooms.restart();
                assertThat(lost.awaitClose().failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
                assertThat(lostThere.awaitClose().failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
                await().atMost(SOON).until(() -> !rooms.sitter("r", "desk").isEmpty());
                assertThat(rooms.sitter("r", "desk")).isNotEqualTo(before);
                lost = near.probe(near.dial(address), 1);
                lostThere = far.probe(far.arrival(), 1);
            }
        }
    }

    @Test
    void aListenerWaitsForARoomThatIsDown() throws Exception {
        try (RoomMember far = new RoomMember()) {
            Listening listening = get(far.transport.listen(rooms.room("r") + "desk", far.arrivals::add));
            rooms.down();
            SyncException refused = failure(far.transport.dial(listening.address()));
            assertThat(refused.kind()).isIn(ErrorKind.UNREACHABLE, ErrorKind.REFUSED);
            rooms.up();
            await().atMost(SOON).until(() -> !rooms.sitter("r", "desk").isEmpty());
            rooms.down();
            listening.close();
            rooms.up();
            try (RoomMember other = new RoomMember()) {
                other.listen(rooms.room("r") + "desk");
            }
        }
    }

    @Test
    void aListenerAsksAgainForASeatThatItsOldSocketHolds() throws Exception {
        try (RoomMember far = new RoomMember()) {
            far.listen(rooms.room("r") + "desk");
            rooms.down();
            rooms.up();
            // Whoever was quicker has it, as the ghost of an old socket would.
            try (RawMember ghost = new RawMember(rooms, "r")) {
                if (ghost.ask("sit", "desk").contains("seated")) {
                    await().atMost(SOON).until(() -> rooms.members("r").size() == 2);
                    assertThat(rooms.sitter("r", "desk")).isEqualTo(ghost.id());
                }
            }
            await().atMost(SOON).until(() -> !rooms.sitter("r", "desk").isEmpty());
            try (RoomMember near = new RoomMember()) {
                near.probe(near.dial(rooms.room("r") + "desk"), 1);
                far.probe(far.arrival(), 1);
            }
        }
    }

    @Test
    void aMemberThatGoesEndsItsChannelsAndNoOthers() throws Exception {
        try (RoomMember far = new RoomMember();
                RoomMember near = new RoomMember();
                RoomMember victim = new RoomMember()) {
            String address = far.listen(rooms.room("r"));
            near.probe(near.dial(address), 10);
            Channel honest = far.arrival();
            Probe atHonest = far.probe(honest, 10);
            Probe atVictim = victim.probe(victim.dial(address), 10);
            Probe ofVictim = far.probe(far.arrival(), 10);
            List<String> members = rooms.members("r");
            rooms.cut("r", members.get(members.size() - 1));
            assertThat(atVictim.awaitClose().failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
            CloseReason gone = ofVictim.awaitClose();
            assertThat(gone.failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
            assertThat(gone.failure()).hasMessageContaining("has left");
            get(honest.send(Message.text("still here")));
            assertThat(atHonest.isClosed()).isFalse();
        }
    }

    /** A real room can't tell a sender to wait. What is in it for one that doesn't read is what that one has granted. */
    @Test
    void aRoomHoldsNoMoreThanTheCreditOfWhoDoesNotRead() throws Exception {
        int credit = 1 << 20;
        try (RoomMember near = new RoomMember();
                RoomMember far = new RoomMember();
                RawMember deaf = new RawMember(rooms, "r")) {
            assertThat(deaf.ask("sit", "deaf")).contains("seated");
            CompletableFuture<Channel> dial =
                    near.transport.dial(rooms.room("r") + "deaf").toCompletableFuture();
            RoomFrame open = deaf.awaitFrame(frame -> frame.type() == RoomFrame.OPEN);
            deaf.say(open.from(), RoomFrame.OPENED | BY_LISTENER, open.channel(), RawMember.opened(credit, 1 << 18));
            Channel channel = get(dial); // from here on it reads nothing
            near.probe(channel, 1);
            long sent = fill(channel);
            assertThat(sent).isLessThanOrEqualTo(credit + (512 << 10) + 2 * channel.maxMessageBytes());
            assertThat(rooms.waiting()).isLessThanOrEqualTo(credit + 64 * 1024);

            String address = far.listen(rooms.room("r"));
            Channel honest = near.dial(address);
            near.probe(honest, 1);
            Probe atFar = far.probe(far.arrival(), 100);
            get(honest.send(Message.text("others are not held up")));
            atFar.await(1);
        }
    }

    /** The same for a transport of ours whose application requests nothing: the room is read, and what waits here is bounded. */
    @Test
    void whatNobodyRequestsStaysWithItsSender() throws Exception {
        int window = 256 * 1024;
        PartyKitConfiguration small = RoomMember.hasty()
                .windowBytes(window)
                .maxMessageBytes(64 * 1024)
                .sendBufferBytes(64 * 1024)
                .build();
        try (RoomMember near = new RoomMember(small);
                RoomMember far = new RoomMember(small)) {
            Channel channel = near.dial(far.listen(rooms.room("r")));
            Probe atNear = near.probe(channel, 1);
            Probe atFar = far.probe(far.arrival(), 0);
            long sent = fill(channel);
            assertThat(sent).isLessThanOrEqualTo(window + 5 * 64 * 1024);
            atFar.request(Long.MAX_VALUE);
            atFar.await((int) (sent / channel.maxMessageBytes()));
            assertThat(atNear.isClosed()).isFalse();
        }
    }

    /** Sends until nothing more is taken; returns how many bytes were, the last one that waits among them. */
    private static long fill(Channel channel) throws Exception {
        Message message = Message.binary(new byte[channel.maxMessageBytes()]);
        long sent = 0;
        while (true) {
            CompletableFuture<Void> send = channel.send(message).toCompletableFuture();
            sent += message.size();
            try {
                send.get(500, TimeUnit.MILLISECONDS);
            } catch (java.util.concurrent.TimeoutException e) {
                return sent;
            }
            assertThat(sent).as("sent to who takes nothing").isLessThan(64 << 20);
        }
    }

    /** Each breaks a rule; its own channel is over, and the listener goes on. */
    @Test
    void aMemberThatBreaksARuleLosesItsChannel() throws Exception {
        try (RoomMember far = new RoomMember();
                RawMember raw = new RawMember(rooms, "r")) {
            far.listen(rooms.room("r") + "desk");
            String there = rooms.sitter("r", "desk");
            byte[] data = new byte[1 + 65_519];
            byte[] zero = new byte[4];
            byte[] most = ByteBuffer.allocate(4).putInt(-1).array();
            int number = 0;
            for (Rule rule : List.of(
                    new Rule("a piece without flags", RoomFrame.DATA, new byte[0], 1),
                    new Rule("flags that nobody knows", RoomFrame.DATA, new byte[] {4, 1}, 1),
                    new Rule("more than was granted", RoomFrame.DATA, data, 17),
                    new Rule("a message over the limit", RoomFrame.DATA, withMore(data), 5),
                    new Rule("no credit", RoomFrame.CREDIT, zero, 1),
                    new Rule("half a credit", RoomFrame.CREDIT, new byte[2], 1),
                    new Rule("too much credit", RoomFrame.CREDIT, most, 1),
                    new Rule("an end with something behind it", RoomFrame.FIN, new byte[1], 1),
                    new Rule("opened twice", RoomFrame.OPEN, RawMember.open("desk", 1 << 20, 1 << 18), 1),
                    new Rule("a type that nobody knows", 0x0e, new byte[0], 1))) {
                int channel = ++number;
                raw.say(there, RoomFrame.OPEN, channel, RawMember.open("desk", 1 << 20, 1 << 18));
                raw.awaitFrame(frame -> frame.channel() == channel && frame.type() == RoomFrame.OPENED);
                Probe probe = far.probe(far.arrival(), 0);
                for (int i = 0; i < rule.times(); i++) {
                    raw.say(there, rule.type(), channel, rule.payload());
                }
                CloseReason reason = probe.awaitClose();
                assertThat(reason.failure()).as(rule.what()).isNotNull();
                assertThat(reason.failure().kind()).as(rule.what()).isIn(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED);
                assertThat(raw.awaitFrame(frame -> frame.channel() == channel && frame.type() == RESET)
                                .byListener())
                        .isTrue();
            }
            for (byte[] wrong : List.of(
                    new byte[0],
                    RawMember.open("nobody", 1 << 20, 1 << 18),
                    RawMember.open("desk", 1 << 20, 1_023),
                    RawMember.open("desk", -1, 1 << 18),
                    new byte[] {2, 4, 'd', 'e', 's', 'k', 0, 0, 0, 1, 0, 0, 8, 0},
                    new byte[] {1, (byte) 200, 'd', 'e', 's', 'k', 0, 0, 0, 1, 0, 0, 8, 0})) {
                int channel = ++number;
                raw.say(there, RoomFrame.OPEN, channel, wrong);
                raw.awaitFrame(frame -> frame.channel() == channel && frame.type() == RESET);
            }
            // Strangers get one answer, and a frame that names no channel none.
            raw.say(there, RoomFrame.DATA, 999, new byte[] {0, 1});
            raw.awaitFrame(frame -> frame.channel() == 999 && frame.type() == RESET);
            raw.say(there, RESET, 998);
            raw.send(
                    2,
                    ByteBuffer.allocate(1 + there.length())
                            .put((byte) there.length())
                            .put(there.getBytes(StandardCharsets.ISO_8859_1))
                            .array());
            assertThat(far.arrivals).isEmpty();
            try (RoomMember near = new RoomMember()) {
                near.probe(near.dial(rooms.room("r") + "desk"), 1);
                far.probe(far.arrival(), 1);
            }
        }
    }

    private static byte[] withMore(byte[] data) {
        byte[] more = data.clone();
        more[0] = RoomFrame.MORE;
        return more;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Rule(String what, int type, byte[] payload, int times) {}

    @Test
    void channelsOfAMemberAreBounded() throws Exception {
        try (RoomMember far = new RoomMember(RoomMember.hasty().maxChannels(3).build());
                RawMember raw = new RawMember(rooms, "r")) {
            far.listen(rooms.room("r") + "desk");
            String there = rooms.sitter("r", "desk");
            for (int i = 1; i <= 4; i++) {
                raw.say(there, RoomFrame.OPEN, i, RawMember.open("desk", 1 << 20, 1 << 18));
            }
            RoomFrame refused = raw.awaitFrame(frame -> frame.type() == RESET);
            assertThat(refused.channel()).isEqualTo(4);
            assertThat(refused.reason()).contains("too many channels");
            for (int i = 1; i <= 3; i++) {
                far.probe(far.arrival(), 0);
            }
        }
    }

    @Test
    void aMessageIsPutTogetherFromPiecesOfAnySize() throws Exception {
        try (RoomMember far = new RoomMember();
                RawMember raw = new RawMember(rooms, "r")) {
            far.listen(rooms.room("r") + "desk");
            String there = rooms.sitter("r", "desk");
            raw.say(there, RoomFrame.OPEN, 7, RawMember.open("desk", 1 << 20, 1 << 18));
            Probe probe = far.probe(far.arrival(), 10);
            raw.say(there, RoomFrame.DATA, 7, (byte) 3, (byte) 1);
            raw.say(there, RoomFrame.DATA, 7, (byte) 3);
            raw.say(there, RoomFrame.DATA, 7, (byte) 3, (byte) 2, (byte) 3);
            raw.say(there, RoomFrame.DATA, 7, (byte) 1, (byte) 4);
            raw.say(there, RoomFrame.DATA, 7, (byte) 0, (byte) 'x');
            raw.say(there, RoomFrame.FIN, 7);
            probe.await(2);
            assertThat(probe.awaitClose()).isEqualTo(CloseReason.REMOTE);
            assertThat(probe.messages().get(0).payload()).containsExactly(1, 2, 3, 4);
            assertThat(probe.messages().get(0).kind()).isEqualTo(Message.Kind.BINARY);
            assertThat(probe.messages().get(1).kind()).isEqualTo(Message.Kind.TEXT);
            raw.awaitFrame(frame -> frame.channel() == 7 && frame.type() == RoomFrame.FIN);
        }
    }
}
