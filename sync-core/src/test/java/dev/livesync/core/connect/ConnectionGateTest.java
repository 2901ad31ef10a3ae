package dev.livesync.core.connect;

import static dev.livesync.core.session.Refusals.refused;
import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.message.Feature;
import dev.livesync.core.seal.Credential;
import dev.livesync.core.seal.HandshakePayload;
import dev.livesync.core.seal.SealedHandshake;
import dev.livesync.core.session.ScriptedPeer;
import dev.livesync.core.session.TestReplica;
import dev.livesync.core.session.World;
import dev.livesync.transport.memory.MemoryLink;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What somebody sees of a listener who doesn't know its secret. */
class ConnectionGateTest {
    /** As many as a listener has places for in all; one address gets half of them. */
    private static final int FLOOD = 1_024;

    /** At least as long as an answer has to be. */
    private static final int ANSWER_BYTES = 48;

    private final World world = new World(3);
    private final TestReplica here = new TestReplica();
    private final List<SyncException> refusals = new ArrayList<>();
    private final List<byte[]> wire = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private Sync sync;
    private Endpoint endpoint;
    private Secret secret;

    @BeforeEach
    void listen() {
        here.put("confidential", "document");
        world.network.faults().onLink(link -> link.tap((side, message) -> wire.add(message.payload())));
        sync = world.peer(here)
                .transport(world.network.provider())
                .listener(new SyncListener() {
                    @Override
                    public void refused(String remote, SyncException why) {
                        refusals.add(why);
                    }

                    @Override
                    public void sessionOpened(Session session) {
                        events.add("opened");
                    }

                    @Override
                    public void statusChanged(Session session, dev.livesync.SessionStatus now) {
                        events.add(now.toString());
                    }
                })
                .build();
        endpoint = world.get(sync.listen("memory:door"));
        secret = secretOf(endpoint);
    }

    @AfterEach
    void nothingIsLeftOpen() {
        world.close(sync);
        assertThat(world.network.faults().links()).as("open channels").isEmpty();
        assertThat(world.timers()).as("timers").isZero();
    }

    @Test
    void theSecretHas256BitsAndIsNotInThePublicAddress() {
        assertThat(secret.text()).hasSize(43);
        assertThat(endpoint.publicAddress()).isEqualTo("memory:door");
        Endpoint other = world.get(sync.listen("memory:other"));
        assertThat(other.address()).doesNotContain(secret.text());
    }

    @Test
    void aGivenSecretIsUsedIfItIsLongEnough() {
        Endpoint given = world.get(sync.listen("memory:given", "G".repeat(22)));
        assertThat(given.address()).isEqualTo("memory:given#" + "G".repeat(22));
        Endpoint fragment = world.get(sync.listen("memory:fragment#" + "H".repeat(30)));
        assertThat(fragment.address()).isEqualTo("memory:fragment#" + "H".repeat(30));
        for (String bad : List.of("", "A".repeat(21), "A".repeat(1025), "A".repeat(30) + "!")) {
            SyncException e = refused(ErrorKind.CONFIGURATION, () -> world.get(sync.listen("memory:bad", bad)));
            assertThat(e.getMessage()).doesNotContain("AAAA");
        }
        refused(ErrorKind.CONFIGURATION, () -> world.get(sync.listen("memory:x#" + "G".repeat(22), "H".repeat(22))));
        refused(ErrorKind.CONFIGURATION, () -> world.get(sync.dial("memory:door")));
        refused(ErrorKind.CONFIGURATION, () -> world.get(sync.dial("memory:door?x=1#" + "G".repeat(22))));
        refused(ErrorKind.IN_USE, () -> world.get(sync.listen("memory:door")));
    }

    @Test
    void theSecretIsNeverOnTheWire() {
        TestReplica there = new TestReplica();
        Sync other = world.dialling(there);
        Session session = world.get(other.dial(endpoint.publicAddress(), secret.text()));
        world.get(session.backlog());
        assertThat(there.events()).isEqualTo(here.events());
        String offer = world.get(sync.offer());
        String answer = world.get(other.accept(offer));
        world.get(sync.connect(answer));
        world.close(other);

        List<String> secrets = new ArrayList<>(List.of(secret.text()));
        for (String signal : List.of(offer, answer)) {
            String json = new String(Base64.getDecoder().decode(signal), StandardCharsets.US_ASCII);
            secrets.add(json.replaceAll(".*\"secret\":\"([^\"]+)\".*", "$1"));
        }
        assertThat(secrets).hasSize(3).doesNotHaveDuplicates().allMatch(s -> s.length() == 43);
        String all = new String(join(wire), StandardCharsets.ISO_8859_1);
        assertThat(wire).hasSizeGreaterThan(10);
        for (String s : secrets) {
            byte[] text = s.getBytes(StandardCharsets.US_ASCII);
            byte[] bits = Base64.getUrlDecoder().decode(s);
            for (byte[] form : List.of(text, bits)) {
                assertThat(all)
                        .doesNotContain(new String(form, StandardCharsets.ISO_8859_1))
                        .doesNotContain(HexFormat.of().formatHex(form))
                        .doesNotContain(HexFormat.of().withUpperCase().formatHex(form))
                        .doesNotContain(Base64.getEncoder().withoutPadding().encodeToString(form))
                        .doesNotContain(Base64.getUrlEncoder().withoutPadding().encodeToString(form));
            }
        }
    }

    @Test
    void aWrongSecretIsRefusedOnBothSidesAndNothingIsSeen() {
        TestReplica there = new TestReplica();
        Sync other = world.dialling(there);
        refused(ErrorKind.AUTHENTICATION, () -> world.get(other.dial("memory:door", "A".repeat(43))));
        refusedLocally(ErrorKind.AUTHENTICATION);
        nothingWasSeen();
        assertThat(there.events()).isEmpty();
        assertThat(other.sessions()).isEmpty();
        world.close(other);
    }

    @Test
    void whoeverSaysNoFirstMessageHearsNothing() {
        byte[] tooLong = new byte[5_000];
        tooLong[0] = 1;
        for (Message message : List.of(
                Message.text("{\"clock\":[],\"cids\":[]}"),
                Message.text("{\"ok\":true}"),
                Message.text("GET / HTTP/1.1"),
                Message.text(""),
                Message.binary(new byte[0]),
                Message.binary(new byte[] {1}),
                Message.text("{\"hello\":{\"version\":1}}"),
                Message.binary(tooLong))) {
            try (ScriptedPeer stranger = ScriptedPeer.dial(world, "memory:door")) {
                stranger.say(message);
                assertThat(stranger.heard()).isEmpty();
                assertThat(stranger.closed).isNotNull();
            }
            refusedLocally(ErrorKind.AUTHENTICATION);
        }
        assertThat(refusals)
                .extracting(Throwable::getMessage)
                .allMatch(m -> m.contains("did not prove that it knows the secret"));
    }

    @Test
    void aMissingConfirmationIsRefused() {
        try (ScriptedPeer stranger = ScriptedPeer.dial(world, "memory:door")) {
            stranger.say(dialer(secret).begin().get(0)).say("{\"clock\":[],\"cids\":[]}");
            assertThat(stranger.heard())
                    .hasSize(2)
                    .last(as(STRING))
                    .startsWith("{\"error\":{\"kind\":\"AUTHENTICATION\"");
            assertThat(stranger.closed).isNotNull();
        }
        refusedLocally(ErrorKind.AUTHENTICATION);
        nothingWasSeen();
    }

    @Test
    void aRepeatedConversationIsAnsweredAndThenRefused() {
        List<Message> recorded = new ArrayList<>();
        try (ScriptedPeer honest = ScriptedPeer.dial(world, "memory:door")) {
            SealedHandshake handshake = dialer(secret);
            recorded.addAll(handshake.begin());
            honest.say(recorded.get(0));
            recorded.addAll(handshake.receive(honest.received.get(0)));
            honest.say(recorded.get(1));
            assertThat(sync.sessions()).hasSize(1);
        }
        world.settle();
        assertThat(sync.sessions()).isEmpty();
        wire.clear();
        try (ScriptedPeer thief = ScriptedPeer.dial(world, "memory:door")) {
            thief.say(recorded.get(0)).say(recorded.get(1));
            assertThat(thief.heard()).hasSize(2).last(as(STRING)).startsWith("{\"error\"");
            assertThat(thief.closed).isNotNull();
        }
        refusedLocally(ErrorKind.AUTHENTICATION);
        nothingWasSeen();
    }

    /** Nothing is done on it but answer: nobody of the program's hears of it, and no session is on its way. */
    @Test
    void aRepeatedFirstMessageGetsAnAnswerAndNothingElseHappens() {
        Message recorded = dialer(secret).begin().get(0);
        List<ScriptedPeer> thieves = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ScriptedPeer thief = ScriptedPeer.dial(world, "memory:door").say(recorded);
            thieves.add(thief);
            assertThat(thief.received).hasSize(1);
            assertThat(thief.closed).isNull();
        }
        assertThat(sync.sessions()).isEmpty();
        assertThat(sync.status()).hasToString("new");
        assertThat(events).isEmpty();
        assertThat(refusals).isEmpty();
        assertThat(thieves.stream().map(thief -> thief.heard().get(0)).distinct())
                .as("answers, each with a key of its own")
                .hasSize(3);
        world.pass(Duration.ofSeconds(11));
        assertThat(thieves).allMatch(thief -> thief.closed != null);
        assertThat(refusals).hasSize(3).allMatch(why -> why.kind() == ErrorKind.TIMEOUT);
        assertThat(events).isEmpty();
        nothingWasSeen();
        thieves.forEach(ScriptedPeer::close);
    }

    @Test
    void aReflectionIsRefused() {
        try (ScriptedPeer mirror = ScriptedPeer.dial(world, "memory:door")) {
            mirror.say(dialer(secret).begin().get(0));
            mirror.say(mirror.received.get(0));
            assertThat(mirror.closed).isNotNull();
        }
        refusedLocally(ErrorKind.AUTHENTICATION);
        nothingWasSeen();
    }

    @Test
    void aHubWithTheSameSecretAndAnotherDatabaseIsNotTheOneThatWasMeant() {
        String shared = "S".repeat(43);
        Sync notes = world.peer(new TestReplica())
                .transport(world.network.provider())
                .databaseName("notes")
                .build();
        Sync accounts = world.peer(new TestReplica())
                .transport(world.network.provider())
                .databaseName("accounts")
                .build();
        Sync caller = world.peer(new TestReplica())
                .transport(world.network.provider())
                .databaseName("notes")
                .build();
        world.get(notes.listen("memory:notes", shared));
        world.get(accounts.listen("memory:accounts", shared));
        world.get(world.get(caller.dial("memory:notes", shared)).backlog());
        SyncException e = refused(ErrorKind.AUTHENTICATION, () -> world.get(caller.dial("memory:accounts", shared)));
        assertThat(e).hasMessageContaining("turned us away");
        assertThat(accounts.sessions()).isEmpty();
        // Who names none meets only those who name none.
        world.get(sync.listen("memory:nameless", shared));
        refused(ErrorKind.AUTHENTICATION, () -> world.get(caller.dial("memory:nameless", shared)));
        // The same where the two exchange an offer and an answer.
        String offer = world.get(accounts.offer());
        CompletableFuture<Session> connecting = accounts.connect(world.get(caller.accept(offer)));
        world.pass(Duration.ofSeconds(31));
        refused(ErrorKind.TIMEOUT, () -> world.get(connecting));
        assertThat(accounts.sessions()).isEmpty();
        refused(ErrorKind.CONFIGURATION, () -> Sync.builder(here).databaseName(""));
        refused(ErrorKind.CONFIGURATION, () -> Sync.builder(here).databaseName("n".repeat(256)));
        world.close(caller);
        world.close(notes);
        world.close(accounts);
        world.settle();
    }

    @Test
    void somebodyInTheMiddleCannotChangeABitOfTheFirstMessage() {
        Message first = dialer(secret).begin().get(0);
        for (int i = 0; i < first.size(); i++) {
            int at = i;
            relayed(message -> flip(message, at), i == 0 ? ErrorKind.UNSUPPORTED : ErrorKind.AUTHENTICATION);
        }
    }

    @Test
    void somebodyInTheMiddleCannotChangeABitOfTheAnswer() {
        TestReplica there = new TestReplica();
        Sync other = world.dialling(there);
        Tampering wire = new Tampering(world.network.provider());
        Sync hub = world.peer(here).transport(wire).build();
        String address = world.get(hub.listen("memory:tampered")).address();
        for (int i = 0; i < ANSWER_BYTES; i++) {
            int at = i;
            wire.change((side, index, message) ->
                    side == Side.LISTENER && index == 0 ? List.of(flip(message, at)) : List.of(message));
            SyncException e = refused(ErrorKind.AUTHENTICATION, () -> world.get(other.dial(address)));
            assertThat(e).hasMessageContaining("did not prove that it knows the secret");
            world.settle();
            assertThat(hub.sessions()).isEmpty();
        }
        assertThat(there.events()).isEmpty();
        world.close(other);
        world.close(hub);
    }

    private static Message flip(Message message, int at) {
        byte[] bytes = message.payload().clone();
        bytes[at] ^= 0x10;
        return Message.binary(bytes);
    }

    @Test
    void somebodyInTheMiddleCannotDowngradeToAnAlpha() {
        relayed(message -> Message.text("{\"clock\":[],\"cids\":[]}"), ErrorKind.AUTHENTICATION);
    }

    /** Relays a first message through somebody who changes it. */
    private void relayed(UnaryOperator<Message> change, ErrorKind expected) {
        try (ScriptedPeer middle = ScriptedPeer.dial(world, "memory:door")) {
            SealedHandshake honest = dialer(secret);
            middle.say(change.apply(honest.begin().get(0)));
            world.settle();
            assertThat(middle.received).noneMatch(message -> message.kind() == Message.Kind.BINARY);
            assertThat(middle.closed).isNotNull();
        }
        refusedLocally(expected);
        nothingWasSeen();
    }

    /** Whoever is refused hears why, although the send before is not known to be over yet. */
    @Test
    void aRefusalWaitsForTheSendBefore() {
        LateSends late = new LateSends(world.network.provider());
        Sync slow = world.peer(here).transport(late).build();
        Secret known = secretOf(world.get(slow.listen("memory:slow")));
        try (ScriptedPeer caller = ScriptedPeer.dial(world, "memory:slow")) {
            caller.say(dialer(known).begin().get(0)).say(Message.binary(new byte[17]));
            assertThat(caller.received).hasSize(1);
            assertThat(caller.closed).isNull();
            late.complete();
            assertThat(caller.heard()).hasSize(2).last(as(STRING)).contains("AUTHENTICATION");
            late.complete();
            world.settle();
        }
        world.close(slow);
    }

    /** But not for long: whoever reads nothing would hold a place. */
    @Test
    void aRefusalThatCannotBeSaidInTimeIsNotSaid() {
        LateSends late = new LateSends(world.network.provider());
        Sync slow = world.peer(here).transport(late).build();
        Secret known = secretOf(world.get(slow.listen("memory:slow")));
        for (int i = 0; i < 40; i++) {
            try (ScriptedPeer caller = ScriptedPeer.dial(world, "memory:slow")) {
                caller.say(dialer(known).begin().get(0)).say(Message.binary(new byte[17]));
                assertThat(caller.closed).isNull();
                world.pass(Duration.ofSeconds(1));
                assertThat(caller.heard()).hasSize(1);
                assertThat(caller.closed).isNotNull();
            }
        }
        world.close(slow);
    }

    /** A word to each who is turned away takes a moment, and whoever doesn't read makes it a long one. */
    @Test
    void aFloodOfCallersHoldsFewChannels() {
        world.network.faults().onLink(link -> link.stopReading(Side.DIALER));
        List<ScriptedPeer> flood = new ArrayList<>();
        for (int i = 0; i < FLOOD; i++) {
            flood.add(ScriptedPeer.dial(world, "memory:door"));
        }
        world.settle();
        assertThat(world.network.faults().links()).hasSizeLessThanOrEqualTo(FLOOD / 2 + 32);
        flood.forEach(ScriptedPeer::close);
        world.settle();
        world.network.faults().onLink(link -> {});
        Sync other = world.dialling(new TestReplica());
        world.get(world.get(other.dial(endpoint.address())).backlog());
        world.close(other);
    }

    @Test
    void whoHasSaidSomethingHasTenSeconds() {
        ScriptedPeer polite = ScriptedPeer.dial(world, "memory:door");
        polite.say(dialer(secret).begin().get(0));
        world.pass(Duration.ofMillis(9_900));
        assertThat(polite.closed).isNull();
        world.pass(Duration.ofMillis(200));
        assertThat(polite.closed).isNotNull();
        refusedLocally(ErrorKind.TIMEOUT);
        nothingWasSeen();
        polite.close();
    }

    @Test
    void aLateConfirmationIsNone() {
        try (ScriptedPeer late = ScriptedPeer.dial(world, "memory:door")) {
            SealedHandshake handshake = dialer(secret);
            late.say(handshake.begin().get(0));
            Message confirmation = handshake.receive(late.received.get(0)).get(0);
            world.pass(Duration.ofSeconds(11));
            late.channel.send(confirmation);
            world.settle();
            assertThat(sync.sessions()).isEmpty();
        }
        refusedLocally(ErrorKind.TIMEOUT);
    }

    /** Its dial has succeeded, and it has a session in hand. */
    @Test
    void whoWasAnsweredBeforeTheEndpointClosedMayStillConfirm() {
        try (ScriptedPeer answered = ScriptedPeer.dial(world, "memory:door")) {
            SealedHandshake handshake = dialer(secret);
            answered.say(handshake.begin().get(0));
            endpoint.close();
            world.settle();
            answered.say(handshake.receive(answered.received.get(0)).get(0));
            assertThat(sync.sessions()).hasSize(1);
        }
        world.settle();
    }

    @Test
    void whoWasAnsweredBeforeTheSyncClosedIsLetInNoMore() {
        try (ScriptedPeer answered = ScriptedPeer.dial(world, "memory:door")) {
            answered.say(dialer(secret).begin().get(0));
            world.close(sync);
            world.settle();
            assertThat(answered.closed).isNotNull();
            assertThat(sync.sessions()).isEmpty();
        }
    }

    @Test
    void aListenerThatProvesNothingGetsNothing() {
        TestReplica there = new TestReplica();
        there.put("confidential", "elsewhere");
        Sync other = world.dialling(there);
        Message noAnswer = Message.binary(new byte[48]);
        for (List<Message> script : List.of(
                List.of(Message.text("{\"clock\":[],\"cids\":[]}")),
                List.of(noAnswer, Message.text("{\"clock\":[],\"cids\":[]}")),
                List.of(Message.binary(new byte[47])),
                List.of(Message.binary(new byte[10_000])))) {
            try (ScriptedPeer impostor = ScriptedPeer.listen(world, "memory:impostor")) {
                CompletableFuture<Session> dialling = other.dial("memory:impostor#" + "A".repeat(43));
                world.settle();
                for (Message message : script) {
                    impostor.channel.send(message);
                    world.settle();
                }
                refused(ErrorKind.AUTHENTICATION, () -> world.get(dialling));
                assertThat(impostor.heard()).hasSizeBetween(1, 2).noneMatch(text -> text.contains("cids"));
            }
            world.settle();
        }
        world.close(other);
    }

    @Test
    void aClosedEndpointLetsNobodyInAndItsSessionsLive() {
        Sync other = world.dialling(new TestReplica());
        Session session = world.get(other.dial(endpoint.address()));
        ScriptedPeer waiting = ScriptedPeer.dial(world, "memory:door");
        world.settle();
        endpoint.close();
        endpoint.close();
        world.settle();
        assertThat(waiting.closed).isNotNull();
        refused(ErrorKind.UNREACHABLE, () -> world.get(other.dial(endpoint.address())));
        world.get(session.backlog());
        assertThat(sync.sessions()).hasSize(1);
        waiting.close();
        world.close(other);
    }

    @Test
    void aTransportThatBreaksInTheHandshakeIsNoSession() {
        Sync other = world.dialling(new TestReplica());
        for (Side side : Side.values()) {
            // The listener's first message is the last one of its handshake.
            for (int messages = 0; messages < (side == Side.DIALER ? 2 : 1); messages++) {
                int allowed = messages;
                world.network.faults().onLink(link -> cut(link, side, allowed));
                // Whoever stopped at AUTHENTICATION would never come back to a hub that was restarted.
                refused(ErrorKind.DISCONNECTED, () -> world.get(other.dial(endpoint.address())));
                world.settle();
            }
        }
        world.network.faults().onLink(link -> {});
        world.get(world.get(other.dial(endpoint.address())).backlog());
        world.close(other);
    }

    private static void cut(MemoryLink link, Side side, int messages) {
        link.cutAfter(side, messages);
    }

    private static Secret secretOf(Endpoint endpoint) {
        return Secret.parse(
                "the secret", ErrorKind.MALFORMED, endpoint.address().replaceFirst(".*#", ""));
    }

    private SealedHandshake dialer(Secret known) {
        return SealedHandshake.initiator(
                "door",
                Credential.address(known, ""),
                () -> new HandshakePayload(
                        Feature.bits(List.of(Feature.ACKS, Feature.HELLO)),
                        1 << 20,
                        new byte[0],
                        new byte[0],
                        new byte[0]),
                world.random);
    }

    private void refusedLocally(ErrorKind kind) {
        world.settle();
        assertThat(refusals).isNotEmpty();
        assertThat(refusals.get(refusals.size() - 1).kind()).isEqualTo(kind);
        assertThat(sync.sessions()).isEmpty();
    }

    private void nothingWasSeen() {
        assertThat(new String(join(wire), StandardCharsets.ISO_8859_1))
                .doesNotContain("confidential")
                .doesNotContain("bafy")
                .doesNotContain("\"cids\":[\"");
    }

    private static byte[] join(List<byte[]> pieces) {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        pieces.forEach(all::writeBytes);
        return all.toByteArray();
    }
}
