package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.CloseReason.Initiator;
import dev.livesync.api.transport.Message;
import dev.livesync.tck.internal.Probe;
import dev.livesync.tck.internal.TestContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A listener and whoever may knock at it: plain sockets that say what they like. */
class WebSocketStrangersTest {
    private Station station = new Station(WebSocketConfiguration.defaults());

    @AfterEach
    void close() {
        station.close();
    }

    private void reopen(WebSocketConfiguration configuration, TestContext context) {
        station.close();
        station = new Station(configuration, context);
    }

    private String answerTo(String address, String request) throws Exception {
        try (RawPeer peer = RawPeer.dial(address)) {
            peer.write(request);
            return new String(peer.readToEnd(), StandardCharsets.ISO_8859_1);
        }
    }

    // Handshake

    @Test
    void aProperRequestIsAnsweredAsTheSpecificationHasIt() throws Exception {
        String address = station.listenAnywhere();
        try (RawPeer peer = RawPeer.dial(address)) {
            peer.write(RawPeer.request(
                    "/", "Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: x\r\n"));
            // Key and answer are those of RFC 6455 section 1.3.
            assertThat(peer.readHead())
                    .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
                    .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
                    .contains("Connection: Upgrade\r\n")
                    .doesNotContain("Sec-WebSocket-Extensions");
            station.arrival().abort(Failures.closed());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"https://evil.example", "null", "http://localhost", "https://good.example.evil.example", ""})
    void aWebPageThatIsNotAllowedGets403(String origin) throws Exception {
        reopen(
                WebSocketConfiguration.builder()
                        .allowedOrigins(Set.of("https://Good.example"))
                        .build(),
                new TestContext(1 << 20, Duration.ofSeconds(10)));
        String address = station.listenAnywhere();
        assertThat(answerTo(address, RawPeer.request("/", "Origin: " + origin + "\r\n")))
                .startsWith("HTTP/1.1 403 Forbidden\r\n");
        assertThat(answerTo(
                        address, RawPeer.request("/", "Origin: https://good.example\r\nOrigin: " + origin + "\r\n")))
                .startsWith("HTTP/1.1 403 Forbidden\r\n");
        try (RawPeer allowed = RawPeer.dial(address)) {
            allowed.write(RawPeer.request("/", "origin: https://good.example\r\n"));
            assertThat(allowed.readHead()).startsWith("HTTP/1.1 101 ");
        }
        assertThat(station.arrival()).isNotNull();
        assertThat(station.arrivals).as("the refused ones were never seen").isEmpty();
    }

    @Test
    void byDefaultNoWebPageIsAllowed() throws Exception {
        String address = station.listenAnywhere();
        assertThat(answerTo(address, RawPeer.request("/", "Origin: http://127.0.0.1\r\n")))
                .startsWith("HTTP/1.1 403 Forbidden\r\n");
        assertThat(station.arrivals).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "another path | GET /x HTTP/1.1~Upgrade: websocket~Connection: Upgrade~Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==~Sec-WebSocket-Version: 13~~ | 404",
                "a browser's visit | GET / HTTP/1.1~Host: x~~ | 426",
                "an old version | GET / HTTP/1.1~Upgrade: websocket~Connection: Upgrade~Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==~Sec-WebSocket-Version: 8~~ | 426",
                "no key | GET / HTTP/1.1~Upgrade: websocket~Connection: Upgrade~Sec-WebSocket-Version: 13~~ | 400",
                "a short key | GET / HTTP/1.1~Upgrade: websocket~Connection: Upgrade~Sec-WebSocket-Key: eA==~Sec-WebSocket-Version: 13~~ | 400",
                "a POST | POST / HTTP/1.1~~ | 400",
                "HTTP/1.0 | GET / HTTP/1.0~~ | 400",
                "no header | GET / HTTP/1.1~nonsense~~ | 400",
                "an empty line | ~~ | 400",
                "nonsense | hello there, general~~ | 400"
            })
    void whatIsNoRequestForThisWebSocketIsRefused(String what, String request, int status) throws Exception {
        String address = station.listenAnywhere();
        String text = request == null ? "\r\n\r\n" : request.replace("~", "\r\n");
        assertThat(answerTo(address, text)).startsWith("HTTP/1.1 " + status + " ");
        assertThat(station.arrivals).isEmpty();
    }

    @Test
    void aPathIsAnsweredWithOrWithoutAQuery() throws Exception {
        String address = station.listen("ws://127.0.0.1:0/a/b").address();
        assertThat(address).endsWith("/a/b");
        try (RawPeer peer = RawPeer.dial(address)) {
            peer.write(RawPeer.request("/a/b?x=y", ""));
            assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
        }
        station.dial(address);
    }

    @Test
    void aHeadWithoutEndIsCutOff() throws Exception {
        String address = station.listenAnywhere();
        try (RawPeer peer = RawPeer.dial(address)) {
            peer.write("GET / HTTP/1.1\r\n");
            String line = "X-Padding: " + "x".repeat(1000) + "\r\n";
            for (int i = 0; i < 20; i++) {
                peer.write(line);
            }
            assertThat(peer.readHead()).startsWith("HTTP/1.1 431 ");
        }
    }

    @Test
    void whoShakesHandsTooSlowlyIsDropped() throws Exception {
        reopen(
                WebSocketConfiguration.defaults(),
                new TestContext(1 << 20, Duration.ofMillis(300), Duration.ofSeconds(10)));
        String address = station.listenAnywhere();
        try (RawPeer silent = RawPeer.dial(address);
                RawPeer slow = RawPeer.dial(address)) {
            slow.write("GET / HT");
            assertEnded(silent);
            assertEnded(slow);
        }
    }

    /** The end comes as an end or as a reset. */
    private static void assertEnded(RawPeer peer) {
        try {
            assertThat(peer.readToEnd()).isEmpty();
        } catch (java.io.IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @Test
    void moreConnectionsThanAllowedAreToldSo() throws Exception {
        reopen(
                WebSocketConfiguration.builder().maxConnections(2).build(),
                new TestContext(1 << 20, Duration.ofSeconds(10)));
        String address = station.listenAnywhere();
        RawPeer first = RawPeer.open(address);
        first.writeFrame(true, 1, new byte[] {'x'});
        // Before the second one: arrivals are told in no order.
        Probe gone = station.probe(station.arrival(), 1);
        gone.await(1);
        try (RawPeer second = RawPeer.open(address)) {
            second.writeFrame(true, 1, new byte[] {'x'});
            station.probe(station.arrival(), 1).await(1);
            assertThat(answerTo(address, RawPeer.request("/", ""))).startsWith("HTTP/1.1 503 ");
            assertThat(Station.failure(station.transport.dial(address)).kind()).isEqualTo(ErrorKind.REFUSED);
            first.close();
            gone.awaitClose();
            assertThat(second).isNotNull();
        }
        station.dial(address).close();
    }

    @Test
    void whoAsksForNothingTakesNobodysPlace() throws Exception {
        reopen(
                WebSocketConfiguration.builder().maxConnections(2).build(),
                new TestContext(1 << 20, Duration.ofSeconds(10)));
        String address = station.listenAnywhere();
        List<RawPeer> silent = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            silent.add(RawPeer.dial(address));
        }
        speaks(address);
        for (RawPeer peer : silent) {
            peer.close();
        }
    }

    @Test
    void whoBringsNoMessageTakesNobodysPlace() throws Exception {
        reopen(
                WebSocketConfiguration.builder().maxConnections(2).build(),
                new TestContext(1 << 20, Duration.ofSeconds(10)));
        String address = station.listenAnywhere();
        List<RawPeer> silent = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            RawPeer peer = RawPeer.open(address);
            station.probe(station.arrival(), 1);
            peer.writeHex("82"); // and no more
            silent.add(peer);
        }
        speaks(address);
        for (RawPeer peer : silent) {
            peer.close();
        }
    }

    @Test
    void whoSaysNothingIsLeftAndWhoHasBegunIsNot() throws Exception {
        reopen(
                WebSocketConfiguration.builder()
                        .firstByteTimeout(Duration.ofMillis(200))
                        .build(),
                new TestContext(1 << 20, Duration.ofSeconds(10)));
        String address = station.listenAnywhere();
        try (RawPeer begun = RawPeer.dial(address);
                RawPeer silent = RawPeer.dial(address)) {
            begun.write("GET");
            assertEnded(silent);
            begun.write(RawPeer.request("/", "").substring(3));
            assertThat(begun.readHead()).startsWith("HTTP/1.1 101 ");
        }
        station.arrival().abort(Failures.closed());
    }

    /** Sockets, handshakes and channels alike; and the oldest first. */
    @Test
    void oneTooManyEndsTheOldestThatHasBroughtNothing() throws Exception {
        // Long enough that nothing here ends because of the time.
        reopen(
                WebSocketConfiguration.builder().maxPending(6).build(),
                new TestContext(1 << 20, Duration.ofMinutes(5), Duration.ofSeconds(1)));
        String address = station.listenAnywhere();
        try (RawPeer open = RawPeer.open(address);
                RawPeer begun = RawPeer.dial(address);
                RawPeer third = RawPeer.open(address)) {
            begun.write("GET / HT");
            Probe first = station.probe(station.arrival(), 1);
            Probe second = station.probe(station.arrival(), 1);
            speaks(address); // takes a place until it has spoken
            assertEnded(open);
            try (RawPeer fourth = RawPeer.open(address)) {
                Probe last = station.probe(station.arrival(), 1);
                speaks(address);
                assertEnded(begun);
                await().until(() -> first.isClosed() || second.isClosed()); // which of the two is the oldest
                Probe ended = first.isClosed() ? first : second;
                assertThat(ended.awaitClose().failure().kind()).isEqualTo(ErrorKind.REFUSED);
                assertThat(first.isClosed() && second.isClosed())
                        .as("%s has brought nothing either, and is not the oldest", third)
                        .isFalse();
                assertThat(last.isClosed()).as("%s is the newest", fourth).isFalse();
            }
        }
    }

    private void speaks(String address) throws Exception {
        Probe dialled = station.probe(station.dial(address), 1);
        Probe there = station.probe(station.arrival(), 1);
        Station.get(dialled.channel().send(Message.text("here I am")));
        there.await(1);
    }

    @Test
    void manyHalfOpenHandshakesDoNotKeepOthersOut() throws Exception {
        String address = station.listenAnywhere();
        List<RawPeer> idle = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            RawPeer peer = RawPeer.dial(address);
            peer.write("GET / HTTP/1.1\r\n");
            idle.add(peer);
        }
        station.probe(station.dial(address), 1);
        for (RawPeer peer : idle) {
            peer.close();
        }
    }

    // Frames

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "unmasked, 8101 61, 1002, MALFORMED",
        "reserved bit, c180 00000000, 1002, MALFORMED",
        "huge, 82ff 7fffffffffffffff 00000000, 1009, LIMIT_EXCEEDED",
        "negative, 82ff 8000000000000000 00000000, 1002, MALFORMED",
        "one too many, 82ff 0000000000100001 00000000, 1009, LIMIT_EXCEEDED",
        "bad close reason, 8883 00000000 03e8ff, 1007, MALFORMED",
        "nonsense, 474554202f20485454502f312e310d0a, 1002, MALFORMED"
    })
    void whoBreaksTheRulesOfFramesIsToldAndCutOff(String what, String hex, int code, ErrorKind kind) throws Exception {
        try (RawPeer peer = RawPeer.open(station.listenAnywhere())) {
            Probe probe = station.probe(station.arrival(), 10);
            peer.writeFrame(true, 1, "before".getBytes(StandardCharsets.US_ASCII));
            peer.writeHex(hex);

            RawPeer.Frame close = peer.readFrame();
            assertThat(close.opcode()).isEqualTo(8);
            assertThat(close.closeCode()).isEqualTo(code);
            assertThat(peer.readToEnd()).isEmpty();
            assertThat(probe.awaitClose().initiator()).isEqualTo(Initiator.FAILURE);
            assertThat(probe.awaitClose().failure().kind()).isEqualTo(kind);
            assertThat(probe.messages()).hasSize(1);
        }
    }

    @Test
    void fragmentsAreOneMessageWhateverComesBetween() throws Exception {
        try (RawPeer peer = RawPeer.open(station.listenAnywhere())) {
            Probe probe = station.probe(station.arrival(), 10);
            peer.writeFrame(false, 1, "frag".getBytes(StandardCharsets.US_ASCII));
            peer.writeFrame(true, 9, "ping".getBytes(StandardCharsets.US_ASCII));
            peer.writeFrame(false, 0, new byte[0]);
            peer.writeFrame(true, 10, new byte[0]);
            peer.writeFrame(true, 0, "ment".getBytes(StandardCharsets.US_ASCII));
            peer.writeFrame(true, 2, new byte[0]);

            RawPeer.Frame pong = peer.readFrame();
            assertThat(pong.opcode()).isEqualTo(10);
            assertThat(pong.payload()).asString().isEqualTo("ping");
            List<Message> messages = probe.await(2);
            assertThat(messages.get(0).kind()).isEqualTo(Message.Kind.TEXT);
            assertThat(messages.get(0).payload()).asString().isEqualTo("fragment");
            assertThat(messages.get(1).kind()).isEqualTo(Message.Kind.BINARY);
            assertThat(messages.get(1).size()).isZero();
        }
    }

    @Test
    void fragmentsTogetherOverTheLimitAreRefused() throws Exception {
        reopen(WebSocketConfiguration.defaults(), new TestContext(2048, Duration.ofSeconds(10)));
        try (RawPeer peer = RawPeer.open(station.listenAnywhere())) {
            Probe probe = station.probe(station.arrival(), 10);
            peer.writeFrame(false, 2, new byte[1000]);
            peer.writeFrame(false, 0, new byte[1000]);
            peer.writeFrame(false, 0, new byte[49]);
            assertThat(peer.readFrame().closeCode()).isEqualTo(1009);
            assertThat(probe.awaitClose().failure().kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        }
    }

    @Test
    void everyByteMayComeAlone() throws Exception {
        try (RawPeer peer = RawPeer.dial(station.listenAnywhere())) {
            for (char c : RawPeer.request("/", "").toCharArray()) {
                peer.write(String.valueOf(c));
            }
            assertThat(peer.readHead()).startsWith("HTTP/1.1 101 ");
            Probe probe = station.probe(station.arrival(), 10);
            for (String each : new String[] {"81", "85", "00", "00", "00", "00", "68", "65", "6c", "6c", "6f"}) {
                peer.writeHex(each);
            }
            assertThat(probe.await(1).get(0).payload()).asString().isEqualTo("hello");
        }
    }

    @Test
    void framesRightBehindTheRequestAreNotLost() throws Exception {
        try (RawPeer peer = RawPeer.dial(station.listenAnywhere())) {
            peer.write(RawPeer.request("/", "") + "\u0081\u0081\u0000\u0000\u0000\u0000x");
            assertThat(station.probe(station.arrival(), 1).await(1).get(0).payload())
                    .asString()
                    .isEqualTo("x");
        }
    }

    @Test
    void aFloodOfPingsIsAnsweredWithinBounds() throws Exception {
        try (RawPeer peer = RawPeer.open(station.listenAnywhere())) {
            Probe probe = station.probe(station.arrival(), 1);
            for (int i = 0; i < 50_000; i++) {
                peer.writeFrame(true, 9, new byte[100]);
            }
            peer.writeFrame(true, 1, new byte[] {'!'});
            probe.await(1);
        }
    }

    @Test
    void randomBytesNeverHurtOthers() throws Exception {
        String address = station.listenAnywhere();
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = new byte[1 + random.nextInt(300)];
            random.nextBytes(bytes);
            try (RawPeer peer = seed % 2 == 0 ? RawPeer.dial(address) : RawPeer.open(address)) {
                peer.write(new String(bytes, StandardCharsets.ISO_8859_1));
            }
        }
        Probe probe = station.probe(station.dial(address), 1);
        assertThat(probe.isClosed()).isFalse();
    }

    // Ending

    @ParameterizedTest
    @CsvSource({"1000, ", "1001, ", "1009, LIMIT_EXCEEDED", "1011, DISCONNECTED", "3000, DISCONNECTED"})
    void aGoodbyeIsAnsweredAndUnderstood(int code, ErrorKind kind) throws Exception {
        try (RawPeer peer = RawPeer.open(station.listenAnywhere())) {
            Probe probe = station.probe(station.arrival(), 1);
            peer.writeFrame(true, 8, new byte[] {(byte) (code >>> 8), (byte) code, 'x'});
            assertThat(peer.readFrame().closeCode()).isEqualTo(code);
            peer.endOutput();
            assertThat(peer.readToEnd()).isEmpty();
            CloseReason reason = probe.awaitClose();
            if (kind == null) {
                assertThat(reason).isEqualTo(CloseReason.REMOTE);
            } else {
                assertThat(reason.failure().kind()).isEqualTo(kind);
            }
        }
    }

    @Test
    void aGoodbyeWithoutACodeIsOne() throws Exception {
        try (RawPeer peer = RawPeer.open(station.listenAnywhere())) {
            Probe probe = station.probe(station.arrival(), 1);
            peer.writeFrame(true, 8, new byte[0]);
            assertThat(probe.awaitClose()).isEqualTo(CloseReason.REMOTE);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoLeavesWithoutAGoodbyeHasBroken(boolean reset) throws Exception {
        RawPeer peer = RawPeer.open(station.listenAnywhere());
        Probe probe = station.probe(station.arrival(), 1);
        if (reset) {
            peer.reset();
        } else {
            peer.close();
        }
        assertThat(probe.awaitClose().initiator()).isEqualTo(Initiator.FAILURE);
        assertThat(probe.awaitClose().failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
    }

    @Test
    void aPeerThatNeverAnswersOurGoodbyeIsLeftInTime() throws Exception {
        reopen(WebSocketConfiguration.defaults(), new TestContext(1 << 20, Duration.ofMillis(300)));
        try (RawPeer peer = RawPeer.open(station.listenAnywhere())) {
            Probe probe = station.probe(station.arrival(), 1);
            Station.get(probe.channel().send(Message.text("last words")));
            Station.get(probe.channel().close());
            assertThat(probe.awaitClose()).as("all went out").isEqualTo(CloseReason.LOCAL);
            assertThat(peer.readFrame().payload()).asString().isEqualTo("last words");
            assertThat(peer.readFrame().opcode()).isEqualTo(8);
            assertThat(peer.readToEnd()).isEmpty();
        }
    }

    @Test
    void dataAfterAGoodbyeIsIgnored() throws Exception {
        try (RawPeer peer = RawPeer.open(station.listenAnywhere())) {
            Probe probe = station.probe(station.arrival(), 10);
            peer.writeFrame(true, 8, new byte[] {3, (byte) 0xe8});
            peer.writeFrame(true, 1, new byte[] {'x'});
            assertThat(probe.awaitClose()).isEqualTo(CloseReason.REMOTE);
            assertThat(probe.messages()).isEmpty();
        }
    }

    @Test
    void idleConnectionsArePinged() throws Exception {
        reopen(
                WebSocketConfiguration.builder()
                        .pingInterval(Duration.ofSeconds(1))
                        .build(),
                new TestContext(1 << 20, Duration.ofSeconds(10)));
        try (RawPeer peer = RawPeer.open(station.listenAnywhere())) {
            station.probe(station.arrival(), 1);
            assertThat(peer.readFrame().opcode()).isEqualTo(9);
        }
    }
}
