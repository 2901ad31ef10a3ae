package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.seal.Credential;
import dev.livesync.transport.memory.MemoryConfiguration;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A listener and a peer that knows the secret, and introduces itself in its own way. */
class IntroductionRulesTest {
    private static final String SECRET = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private static final String OFFER = "\1\15memory-signal{\"type\":\"offer\",\"sdp\":\"memory-signal offer 7\"}";

    private final World world = new World(5);
    private final TestReplica here = new TestReplica();
    private final List<SyncException> failures = new ArrayList<>();
    private final Sync listening = world.peer(here)
            .transport(world.network.provider(
                    MemoryConfiguration.builder().relayed(true).build()))
            .transport(world.network.signalling())
            .listener(new SyncListener() {
                @Override
                public void sessionClosed(Session session, SyncException failure) {
                    failures.add(failure);
                }
            })
            .build();
    private final SealedPeer peer = dial();

    private SealedPeer dial() {
        world.get(listening.listen("memory:door", SECRET));
        return SealedPeer.dial(
                world,
                world.network.provider(),
                "memory:door",
                Credential.address(Secret.parse("the secret", ErrorKind.MALFORMED, SECRET), ""));
    }

    @AfterEach
    void nothingIsLeftOpen() {
        peer.close();
        world.close(listening);
        assertThat(world.network.faults().links()).isEmpty();
        assertThat(world.timers()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\0", "\11", "\1", "\2{\"type\":\"answer\",\"sdp\":\"x\"}", "\3", "\3\0"})
    void whatHasNoPlaceHereEndsTheSessionAndThePeerIsTold(String bytes) {
        say(bytes);
        assertThat(failures).singleElement().satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED));
        assertThat(peer.heard()).singleElement().asString().startsWith("{\"error\":{\"kind\":\"MALFORMED\"");
    }

    @Test
    void aSecondOfferEndsTheSession() {
        say(OFFER);
        assertThat(peer.heard()).hasSize(1);
        say(OFFER);
        assertThat(failures).singleElement().satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED));
    }

    @Test
    void whatIsTooLongEndsTheSession() {
        peer.say(Message.binary(new byte[65_537]));
        world.settle();
        assertThat(failures).singleElement().satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED));
    }

    @Test
    void anOfferThatIsNoneOfTheTransportsIsAnsweredWithStayAndTheSessionGoesOn() {
        say("\1\15memory-signal{\"type\":\"offer\",\"sdp\":\"something else\"}");
        assertThat(peer.heard()).hasSize(1);
        say("\4");
        peer.say("{\"clock\":[],\"cids\":[]}");
        assertThat(peer.heard()).contains("{\"ok\":true}");
        assertThat(failures).isEmpty();
    }

    @Test
    void whoStaysAtOnceMayGoOnAtOnce() {
        here.put("a", "1");
        say("\4");
        peer.say("{\"clock\":[],\"cids\":[]}");
        assertThat(peer.heard()).hasSizeGreaterThan(1).anyMatch(text -> text.contains("cids"));
        assertThat(failures).isEmpty();
    }

    @Test
    void anErrorInThePlaceOfAVerdictIsTheSessions() {
        peer.say("{\"error\":{\"kind\":\"REFUSED\",\"message\":\"no more\"}}");
        world.settle();
        assertThat(failures).singleElement().satisfies(e -> {
            assertThat(e.kind()).isEqualTo(ErrorKind.REFUSED);
            assertThat(e).hasMessageContaining("no more");
        });
    }

    @Test
    void whoSaysNothingIsGivenTwiceTheTimeOfAnInitiator() {
        world.pass(Duration.ofSeconds(20).minusMillis(1));
        assertThat(failures).isEmpty();
        world.pass(Duration.ofMillis(1));
        assertThat(failures).singleElement().satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.TIMEOUT));
    }

    @Test
    void whoSaysDirectWithoutAChannelStaysAfterHalfTheTime() {
        say(OFFER);
        assertThat(peer.heard()).hasSize(1);
        say("\3");
        world.pass(Duration.ofSeconds(5).minusMillis(1));
        assertThat(peer.heard()).hasSize(1);
        world.pass(Duration.ofMillis(1));
        assertThat(peer.heard()).hasSizeGreaterThan(1);
        peer.say("{\"clock\":[],\"cids\":[]}");
        assertThat(peer.heard()).contains("{\"ok\":true}");
        assertThat(failures).isEmpty();
    }

    private void say(String bytes) {
        peer.say(Message.binary(bytes.getBytes(StandardCharsets.ISO_8859_1)));
        world.settle();
    }
}
