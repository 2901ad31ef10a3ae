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
import dev.livesync.core.handshake.Exchange;
import dev.livesync.core.handshake.Greeting;
import dev.livesync.core.handshake.Handshake;
import dev.livesync.core.handshake.Secret;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What somebody sees of a listener who doesn't know its secret. */
class ConnectionGateTest {
    /** As many as a listener has places for in all; one address gets half of them. */
    private static final int FLOOD = 1_024;

    private final World world = new World(3);
    private final TestReplica here = new TestReplica();
    private final List<SyncException> refusals = new ArrayList<>();
    private final List<byte[]> wire = new ArrayList<>();
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
                })
                .build();
        endpoint = world.get(sync.listen("memory:door"));
        secret = Secret.parse(
                "the secret", ErrorKind.MALFORMED, endpoint.address().substring("memory:door#".length()));
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
        assertThat(all).contains("\"hello\"").contains("\"proof\"");
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
    void whoeverSaysNoHelloHearsNothing() {
        for (Message message : List.of(
                Message.text("{\"clock\":[],\"cids\":[]}"),
                Message.text("{\"ok\":true}"),
                Message.text("GET / HTTP/1.1"),
                Message.text(""),
                Message.binary(new byte[100]),
                Message.text("{\"proof\":\"" + "A".repeat(43) + "\"}"),
                Message.text("{\"hello\":{}}" + " ".repeat(5000)))) {
            try (ScriptedPeer stranger = ScriptedPeer.dial(world, "memory:door")) {
                stranger.say(message);
                assertThat(stranger.heard()).isEmpty();
                assertThat(stranger.closed).isNotNull();
            }
            refusedLocally(ErrorKind.AUTHENTICATION);
        }
        assertThat(refusals)
                .extracting(Throwable::getMessage)
                .allMatch(m -> m.endsWith("did not prove that it knows the secret"));
    }

    @Test
    void aMissingProofIsRefused() {
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
    void aReplayIsRefused() {
        List<Message> recorded = new ArrayList<>();
        try (ScriptedPeer honest = ScriptedPeer.dial(world, "memory:door")) {
            Handshake handshake = dialer(secret);
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
    void somebodyInTheMiddleCannotStripAFeature() {
        relayed(message -> {
            String text = new String(message.payload(), StandardCharsets.UTF_8);
            return Message.text(text.replace("\"acks\",", ""));
        });
    }

    @Test
    void somebodyInTheMiddleCannotDowngradeToAnAlpha() {
        relayed(message -> Message.text("{\"clock\":[],\"cids\":[]}"));
    }

    /** Relays a hello through somebody who changes it. */
    private void relayed(UnaryOperator<Message> change) {
        try (ScriptedPeer middle = ScriptedPeer.dial(world, "memory:door")) {
            Handshake honest = dialer(secret);
            middle.say(change.apply(honest.begin().get(0)));
            if (!middle.received.isEmpty()) {
                middle.say(honest.receive(middle.received.get(0)).get(0));
            }
            world.settle();
            assertThat(middle.closed).isNotNull();
        }
        refusedLocally(ErrorKind.AUTHENTICATION);
        nothingWasSeen();
    }

    /** Whoever is refused hears why, although the send before is not known to be over yet. */
    @Test
    void aRefusalWaitsForTheSendBefore() {
        LateSends late = new LateSends(world.network.provider());
        Sync slow = world.peer(here).transport(late).build();
        world.get(slow.listen("memory:slow"));
        Sync other = world.dialling(new TestReplica());
        CompletableFuture<Session> dialling =
                other.dial("memory:slow", "A".repeat(43)).toCompletableFuture();
        world.settle();
        assertThat(dialling).isNotDone();
        late.complete();
        refused(ErrorKind.AUTHENTICATION, () -> world.get(dialling));
        world.settle();
        late.complete();
        world.close(other);
        world.close(slow);
    }

    /** But not for long: whoever reads nothing would hold a place. */
    @Test
    void aRefusalThatCannotBeSaidInTimeIsNotSaid() {
        LateSends late = new LateSends(world.network.provider());
        Sync slow = world.peer(here).transport(late).build();
        world.get(slow.listen("memory:slow"));
        for (int i = 0; i < 20; i++) {
            Sync other = world.dialling(new TestReplica());
            CompletableFuture<Session> dialling =
                    other.dial("memory:slow", "A".repeat(43)).toCompletableFuture();
            world.settle();
            assertThat(dialling).isNotDone();
            world.pass(Duration.ofSeconds(1));
            refused(ErrorKind.DISCONNECTED, () -> world.get(dialling));
            world.close(other);
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
    void aLateProofIsNoProof() {
        try (ScriptedPeer late = ScriptedPeer.dial(world, "memory:door")) {
            Handshake handshake = dialer(secret);
            late.say(handshake.begin().get(0));
            Message proof = handshake.receive(late.received.get(0)).get(0);
            world.pass(Duration.ofSeconds(11));
            late.channel.send(proof);
            world.settle();
            assertThat(sync.sessions()).isEmpty();
        }
        refusedLocally(ErrorKind.TIMEOUT);
    }

    @Test
    void aListenerThatProvesNothingGetsNothing() {
        TestReplica there = new TestReplica();
        there.put("confidential", "elsewhere");
        Sync other = world.dialling(there);
        for (List<String> script : List.of(
                List.of("{\"clock\":[],\"cids\":[]}"),
                List.of(
                        "{\"hello\":{\"version\":1,\"role\":\"proposer\",\"nonce\":\"" + "A".repeat(43)
                                + "\",\"features\":[],\"window\":1}}",
                        "{\"proof\":\"" + "A".repeat(43) + "\"}"),
                List.of(
                        "{\"hello\":{\"version\":1,\"role\":\"proposer\",\"nonce\":\"" + "A".repeat(43)
                                + "\",\"features\":[],\"window\":1}}",
                        "{\"clock\":[],\"cids\":[]}"))) {
            try (ScriptedPeer impostor = ScriptedPeer.listen(world, "memory:impostor")) {
                CompletableFuture<Session> dialling = other.dial("memory:impostor#" + "A".repeat(43));
                world.settle();
                script.forEach(impostor::say);
                refused(ErrorKind.AUTHENTICATION, () -> world.get(dialling));
                assertThat(impostor.heard()).hasSizeBetween(1, 3).noneMatch(text -> text.contains("cids"));
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
            for (int messages = 0; messages < 2; messages++) {
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

    private Handshake dialer(Secret known) {
        return Handshake.acceptor(
                "door",
                Optional.empty(),
                Greeting.fresh(world.random, List.of("acks", "hello"), 1 << 20),
                Exchange.address(known),
                null);
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
